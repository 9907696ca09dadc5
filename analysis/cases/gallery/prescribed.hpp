#pragma once

#include <halfulp/analysis/cases/gallery/known_spectrum.hpp>

namespace halfulp::gallery {

/// How the eigenvalues of `prescribed` lie.
enum class spectrum { distinct, multiple, graded, clustered, paired };
inline constexpr int spectrum_count = 5;

/// A Hermitian matrix of Gaussian integers times 2^-shift with a known spectrum: it starts diagonal, and takes only
/// similarities by unitary matrices of dyadic entries, without any rounding.
class exact_similarity {
 public:
  explicit exact_similarity(const std::vector<std::int64_t>& d) : n_(d.size()), re_(n_ * n_), im_(n_ * n_) {
    for (std::size_t i = 0; i < n_; ++i) re_[i * n_ + i] = d[i];
  }

  std::int64_t real(std::size_t i, std::size_t j) const { return re_[i * n_ + j]; }
  std::int64_t imaginary(std::size_t i, std::size_t j) const { return im_[i * n_ + j]; }
  int shift() const { return shift_; }

  /// Rotates coordinates i and j of a diagonal part by the Hadamard matrix of order 2: (a, b) becomes
  /// [[a + b, a - b], [a - b, a + b]] / 2.
  void mix(std::size_t i, std::size_t j) {
    const std::int64_t a = re_[i * n_ + i], b = re_[j * n_ + j];
    scale(1);
    re_[i * n_ + i] = re_[j * n_ + j] = a + b;
    re_[i * n_ + j] = re_[j * n_ + i] = a - b;
    reduce();
  }

  /// A unit 1, i, -1 or -i (as 0 .. 3) at one of four places.
  struct unit {
    std::size_t at;
    int turn;
  };
  /// H A H with H = I - v v^H / 2, v four units and else 0: 4 A becomes 4 A - 2 v u^H - 2 u v^H + (v^H u) v v^H, u = A v.
  void reflect(const unit (&v)[4]) {
    std::vector<std::int64_t> u_re(n_), u_im(n_);
    for (std::size_t i = 0; i < n_; ++i)
      for (const unit& x : v) add(u_re[i], u_im[i], re_[i * n_ + x.at], im_[i * n_ + x.at], x.turn);
    std::int64_t along = 0, nothing = 0;
    for (const unit& x : v) add(along, nothing, u_re[x.at], u_im[x.at], (4 - x.turn) % 4);
    scale(2);
    for (const unit& x : v) {
      for (std::size_t i = 0; i < n_; ++i) {
        add(re_[x.at * n_ + i], im_[x.at * n_ + i], -2 * u_re[i], 2 * u_im[i], x.turn);
        add(re_[i * n_ + x.at], im_[i * n_ + x.at], -2 * u_re[i], -2 * u_im[i], (4 - x.turn) % 4);
      }
      for (const unit& y : v) {
        const std::size_t at = x.at * n_ + y.at;
        add(re_[at], im_[at], along, 0, (x.turn - y.turn + 4) % 4);
      }
    }
    reduce();
  }

  /// The most bits of a part of an entry.
  int bits() const {
    int most = 0;
    for (const auto* part : {&re_, &im_})
      for (const std::int64_t x : *part) most = std::max(most, significant_bits(x));
    return most;
  }

 private:
  /// sum += i^turn (x + i y)
  static void add(std::int64_t& re, std::int64_t& im, std::int64_t x, std::int64_t y, int turn) {
    re += turn == 0 ? x : turn == 1 ? -y : turn == 2 ? -x : y;
    im += turn == 0 ? y : turn == 1 ? x : turn == 2 ? -y : -x;
  }
  void scale(int by) {
    for (auto* part : {&re_, &im_})
      for (std::int64_t& x : *part) x *= std::int64_t{1} << by;
    shift_ += by;
  }
  /// Back to the least shift.
  void reduce() {
    std::int64_t ones = 0;
    for (const auto* part : {&re_, &im_})
      for (const std::int64_t x : *part) ones |= x;
    for (; shift_ > 0 && ones % 2 == 0; --shift_, ones /= 2)
      for (auto* part : {&re_, &im_})
        for (std::int64_t& x : *part) x /= 2;
  }

  std::size_t n_;
  std::vector<std::int64_t> re_, im_;
  int shift_ = 0;
};

/// n integers of at most `bits` bits, in random order.
template <class T>
std::vector<std::int64_t> integers_of(hermitian_builder<T>& b, spectrum s, int bits) {
  const int top = (1 << bits) - 1;
  std::vector<std::int64_t> d;
  for (int i = 0; i < b.n(); ++i) {
    if (s == spectrum::distinct) d.push_back(b.between(-top, top));
    if (s == spectrum::multiple) d.push_back(b.between(-1, 1) * (top / 2));
    if (s == spectrum::graded) d.push_back(b.sign() * (std::int64_t{1} << i % bits));
    if (s == spectrum::clustered) d.push_back(top - b.between(0, 3));
    if (s == spectrum::paired) d.push_back(i % 2 == 0 ? b.between(1, top) : -d.back());
  }
  b.shuffle(d);
  return d;
}

/// Reflections at four random places, as long as every entry stays a number of T.
template <class T>
void reflect_often(hermitian_builder<T>& b, exact_similarity& a) {
  for (int tries = b.n() < 4 ? 0 : 3 * b.n(); tries > 0; --tries) {
    exact_similarity::unit v[4];
    for (int k = 0; k < 4; ++k) {
      const auto taken = [&](std::size_t at) {
        return std::any_of(v, v + k, [&](const auto& x) { return x.at == at; });
      };
      do v[k].at = static_cast<std::size_t>(b.between(0, b.n() - 1));
      while (taken(v[k].at));
      v[k].turn = is_complex<T> ? b.between(0, 3) : 2 * b.between(0, 1);
    }
    exact_similarity next = a;
    next.reflect(v);
    // with this shift every integer on the way stays below 2^62
    constexpr int most_shift = 56 - 53 / 2;
    if (next.bits() <= format_of<T>.precision && next.shift() <= most_shift) a = std::move(next);
  }
}

/// A matrix with integer eigenvalues times a power of two that are known exactly, numbers of T with half its precision
/// or less, made from a diagonal by Hadamard rotations of pairs and reflections I - v v^H / 2, v of four units: both are
/// exact, and one that would make an entry no number of T is left out.
template <class T>
known_case<T> prescribed(spectrum s, int n, std::uint64_t seed) {
  constexpr format f = format_of<T>;
  hermitian_builder<T> b(n, seed);
  const auto d = integers_of(b, s, f.precision / 2);
  exact_similarity a(d);
  for (std::size_t i = 0; i + 1 < d.size(); i += 2) a.mix(i, i + 1);
  reflect_often(b, a);
  const int scale = f.e_max > 100 ? b.between(-20, 20) : b.between(-4, 4);
  for (std::size_t i = 0; i < d.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      b.set(static_cast<int>(i), static_cast<int>(j), std::ldexp(static_cast<double>(a.real(i, j)), scale - a.shift()),
            std::ldexp(static_cast<double>(a.imaginary(i, j)), scale - a.shift()));
  std::vector<known_eigenvalue> values;
  for (const std::int64_t x : d) values.push_back({x, 0});
  return known<T>(b.take(), std::move(values), scale);
}

}  // namespace halfulp::gallery
