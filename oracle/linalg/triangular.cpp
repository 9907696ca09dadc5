#include <halfulp/oracle/linalg/triangular.hpp>

#include <algorithm>
#include <limits>

#include <halfulp/oracle/real/interval.hpp>

namespace halfulp::linalg {
namespace {

constexpr long none = std::numeric_limits<long>::max();

/// The exponent of the lowest bit of x; `none` for 0.
long lowest_bit(double x) {
  if (x == 0) return none;
  const binary_real r = decompose(x);
  return r.exponent + std::countr_zero(r.significand);
}

/// |x| < 2^length(x) for x != 0.
long length(double x) {
  const binary_real r = decompose(x);
  return r.exponent + std::bit_width(r.significand);
}

std::vector<real> exact_reals(const std::vector<double>& x) {
  std::vector<real> r;
  r.reserve(x.size());
  for (const double v : x) r.push_back(to_real(v));
  return r;
}

/// A system of substitution in one precision; elements are blocks of `parts` enclosures.
class substitution {
 public:
  substitution(const std::vector<real>& re, const std::vector<real>& im, std::size_t n, mpfr_prec_t bits)
      : re_(re), im_(im), n_(n), parts_(im.empty() ? 1 : 2), arithmetic_(bits) {}

  void forward(enclosures& v) {
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < i; ++j) subtract(v, i, j, i * n_ + j, false);
      divide(v, i, false);
    }
  }
  void backward(enclosures& v) {
    for (std::size_t i = n_; i-- > 0;) {
      for (std::size_t j = i + 1; j < n_; ++j) subtract(v, i, j, j * n_ + i, true);
      divide(v, i, true);
    }
  }

 private:
  /// v_i -= l v_j, or conj(l) v_j, with l the element of L at `at`.
  void subtract(enclosures& v, std::size_t i, std::size_t j, std::size_t at, bool conjugate) {
    if (parts_ == 1) return arithmetic_.add_product(v[i], re_[at], v[j], true);
    arithmetic_.add_product(v[2 * i], re_[at], v[2 * j], true);
    arithmetic_.add_product(v[2 * i], im_[at], v[2 * j + 1], conjugate);
    arithmetic_.add_product(v[2 * i + 1], re_[at], v[2 * j + 1], true);
    arithmetic_.add_product(v[2 * i + 1], im_[at], v[2 * j], !conjugate);
  }

  /// v_i /= l_ii, or conj(l_ii): times the other of the two, over |l_ii|^2.
  void divide(enclosures& v, std::size_t i, bool conjugate) {
    const real& re = re_[i * n_ + i];
    if (parts_ == 1) return arithmetic_.divide(v[i], re);
    const real& im = im_[i * n_ + i];
    enclosure square = arithmetic_.zero(), a = arithmetic_.zero(), b = arithmetic_.zero();
    arithmetic_.add_product(square, re, enclosure::point(re), false);
    arithmetic_.add_product(square, im, enclosure::point(im), false);
    arithmetic_.add_product(a, re, v[2 * i], false);
    arithmetic_.add_product(a, im, v[2 * i + 1], conjugate);
    arithmetic_.add_product(b, re, v[2 * i + 1], false);
    arithmetic_.add_product(b, im, v[2 * i], !conjugate);
    arithmetic_.divide_by_positive(a, square);
    arithmetic_.divide_by_positive(b, square);
    v[2 * i] = a;
    v[2 * i + 1] = b;
  }

  const std::vector<real>&re_, &im_;
  std::size_t n_, parts_;
  interval_arithmetic arithmetic_;
};

}  // namespace

interval_substitution::interval_substitution(const triangular_factor& l)
    : n_(l.n), real_(exact_reals(l.real)), imaginary_(exact_reals(l.imaginary)), row_exponent_(l.n, none) {
  for (std::size_t i = 0; i < n_; ++i) {
    long top = std::numeric_limits<long>::min();
    for (const auto* part : {&l.real, &l.imaginary}) {
      if (part->empty()) continue;
      for (std::size_t j = 0; j <= i; ++j)
        row_exponent_[i] = std::min(row_exponent_[i], lowest_bit((*part)[l.at(i, j)]));
      if (const double d = (*part)[l.at(i, i)]; d != 0) top = std::max(top, length(d));
    }
    determinant_bits_ += 2 * (top - row_exponent_[i]) + (l.is_complex() ? 1 : 0);
  }
}

triangular_solutions interval_substitution::solve(const column_vector& b, mpfr_prec_t bits) const {
  triangular_solutions s;
  const interval_arithmetic arithmetic(bits);
  for (std::size_t i = 0; i < n_; ++i) {
    s.y.push_back(arithmetic.of(b.real[i]));
    if (!imaginary_.empty()) s.y.push_back(arithmetic.of(b.imaginary[i]));
  }
  substitution t(real_, imaginary_, n_, bits);
  t.forward(s.y);
  s.x = s.y;
  t.backward(s.x);
  return s;
}

/// L = D L' with D the powers of two of the rows, and D^-1 b = 2^exponent b' with integers b'.
long interval_substitution::exponent_of_column(const column_vector& b) const {
  long lowest = none;
  for (const auto* part : {&b.real, &b.imaginary})
    for (std::size_t i = 0; i < part->size(); ++i)
      if ((*part)[i] != 0) lowest = std::min(lowest, lowest_bit((*part)[i]) - row_exponent_[i]);
  return lowest == none ? 0 : lowest;
}

// L' y = 2^e b', and y is 2^e times integers over the determinant of L'.
std::vector<rational_grid> interval_substitution::grids_of_y(const column_vector& b) const {
  return std::vector<rational_grid>(n_, {exponent_of_column(b), determinant_bits_});
}

// L'^H (D x) = y.
std::vector<rational_grid> interval_substitution::grids_of_x(const column_vector& b) const {
  auto grids = grids_of_y(b);
  for (std::size_t i = 0; i < n_; ++i) grids[i].exponent -= row_exponent_[i];
  return grids;
}

}  // namespace halfulp::linalg
