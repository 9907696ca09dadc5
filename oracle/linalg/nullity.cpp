#include <halfulp/oracle/linalg/nullity.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace halfulp::linalg {
namespace {

using word = std::uint64_t;

word power(word x, word e, word m) {  // x^e modulo m < 2^32
  word y = 1;
  for (; e != 0; e >>= 1, x = x * x % m)
    if (e & 1) y = y * x % m;
  return y;
}

/// For 7 < m < 2^31: an odd m that is a strong probable prime to the bases 2, 3, 5 and 7 is prime.  [jaeschke93]
bool is_prime(word m) {
  if (m % 2 == 0) return false;
  const int twos = std::countr_zero(m - 1);
  for (const word base : {2U, 3U, 5U, 7U}) {
    word x = power(base, (m - 1) >> twos, m);
    bool passes = x == 1 || x == m - 1;
    for (int k = 1; k < twos && !passes; ++k) {
      x = x * x % m;
      passes = x == m - 1;
    }
    if (!passes) return false;
  }
  return true;
}

/// Arithmetic modulo a prime p = 1 mod 4 below 2^31, in which -1 has a square root.
class prime_field {
 public:
  explicit prime_field(word p) : p_(p), unit_(square_root_of_minus_one()) {}

  word p() const { return p_; }
  /// re + i im, with i the square root of -1: a homomorphism from the Gaussian integers.
  word of(const integer& re, const integer* im) const {
    const word r = mpz_fdiv_ui(raw(re), p_);
    return im == nullptr ? r : (r + mpz_fdiv_ui(raw(*im), p_) * unit_) % p_;
  }
  word inverse(word x) const { return power(x, p_ - 2, p_); }

 private:
  word square_root_of_minus_one() const {
    for (word g = 2;; ++g) {
      const word r = power(g, (p_ - 1) / 4, p_);
      if (r * r % p_ == p_ - 1) return r;
    }
  }

  word p_;
  word unit_;
};

/// n minus the rank of m modulo p; m, row after row, is used up.
int nullity_modulo(const prime_field& field, std::vector<std::uint32_t>& m, int n) {
  const word p = field.p();
  const auto row = [&](int i) { return m.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(n); };
  int rank = 0;
  for (int column = 0; column < n; ++column) {
    int pivot = rank;
    while (pivot < n && row(pivot)[column] == 0) ++pivot;
    if (pivot == n) continue;
    if (pivot != rank) std::swap_ranges(row(pivot) + column, row(pivot) + n, row(rank) + column);
    const word inverse = field.inverse(row(rank)[column]);
    for (int i = rank + 1; i < n; ++i) {
      if (row(i)[column] == 0) continue;
      const word factor = p - row(i)[column] * inverse % p;
      for (int j = column; j < n; ++j) row(i)[j] = static_cast<std::uint32_t>((row(i)[j] + factor * row(rank)[j]) % p);
    }
    ++rank;
  }
  return n - rank;
}

/// A - c I as integers, at whatever exponent.
integer_matrix shifted(const integer_matrix& a, const real& c) {
  integer_matrix b = a;
  if (mpfr_zero_p(raw(c)) != 0) return b;
  integer point;
  const long exponent = mpfr_get_z_2exp(raw(point), raw(c));
  const long lowest = std::min(exponent, a.exponent);
  mpz_mul_2exp(raw(point), raw(point), static_cast<mp_bitcnt_t>(exponent - lowest));
  const auto up = static_cast<mp_bitcnt_t>(a.exponent - lowest);
  for (auto* part : {&b.real, &b.imaginary})
    for (integer& x : *part) mpz_mul_2exp(raw(x), raw(x), up);
  for (int k = 0; k < b.n; ++k) b.real[b.at(k, k)] -= point;
  b.exponent = lowest;
  return b;
}

/// Divides each column, then each row, by the power of two that all its entries share: the rank stays, and the minors
/// of a graded matrix become small.
void strip_powers_of_two(integer_matrix& b) {
  const auto strip = [&](auto at) {
    for (int i = 0; i < b.n; ++i) {
      mp_bitcnt_t shared = ~mp_bitcnt_t{0};
      const auto each = [&](auto f) {
        for (auto* part : {&b.real, &b.imaginary})
          for (int j = 0; j < b.n && !part->empty(); ++j) f((*part)[at(i, j)]);
      };
      each([&](integer& x) { shared = std::min(shared, mpz_scan1(raw(x), 0)); });
      if (shared == 0 || shared == ~mp_bitcnt_t{0}) continue;
      each([&](integer& x) { mpz_tdiv_q_2exp(raw(x), raw(x), shared); });
    }
  };
  strip([&](int i, int j) { return b.at(j, i); });
  strip([&](int i, int j) { return b.at(i, j); });
}

/// An upper bound on the binary logarithm of every minor's magnitude: the sum of those of the columns' norms.
double hadamard_bits(const integer_matrix& b) {
  double bits = 0;
  for (int j = 0; j < b.n; ++j) {
    integer square;
    for (int i = 0; i < b.n; ++i) {
      mpz_addmul(raw(square), raw(b.real[b.at(i, j)]), raw(b.real[b.at(i, j)]));
      if (b.is_complex()) mpz_addmul(raw(square), raw(b.imaginary[b.at(i, j)]), raw(b.imaginary[b.at(i, j)]));
    }
    if (square != 0) bits += 0.5 * static_cast<double>(mpz_sizeinbase(raw(square), 2));  // > log2 of the norm
  }
  return bits;
}

}  // namespace

std::optional<int> nullity(const integer_matrix& a, const real& c, std::int64_t most_steps) {
  constexpr word below = word{1} << 31;
  constexpr double bits_a_prime = 30.5;  // every prime used is above 2^30.5
  integer_matrix b = shifted(a, c);
  strip_powers_of_two(b);
  const double needed = hadamard_bits(b) * (b.is_complex() ? 2 : 1);
  const double steps = std::pow(static_cast<double>(a.n), 3) / 3 * (needed / bits_a_prime + 1);
  int least = a.n;
  double bits = 0;
  std::vector<std::uint32_t> m(b.real.size());
  for (word p = below - 3; bits <= needed; p -= 4) {  // 2^31 - 3 = 1 mod 4
    if (!is_prime(p)) continue;
    const prime_field field(p);
    for (std::size_t k = 0; k < m.size(); ++k)
      m[k] = static_cast<std::uint32_t>(field.of(b.real[k], b.is_complex() ? &b.imaginary[k] : nullptr));
    least = std::min(least, nullity_modulo(field, m, a.n));
    if (least == 0) return 0;
    if (steps > static_cast<double>(most_steps)) return std::nullopt;
    bits += bits_a_prime;
  }
  return least;
}

}  // namespace halfulp::linalg
