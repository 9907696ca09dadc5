#pragma once

#include <algorithm>

#include <halfulp/analysis/cases/gallery/builder.hpp>

/// The 21 types of symmetric matrices that LAPACK's tests of its symmetric eigensolvers draw, by their documented
/// description [anderson99], in the format of the matrix: ulp is its 2^(1 - p), and the scales are powers of two near the
/// square roots of its overflow and underflow thresholds.
namespace halfulp::gallery {

inline constexpr int lapack_type_count = 21;

/// 2^-x for x >= 0, by square roots alone, which IEEE 754 fixes.
inline double inverse_power_of_two(double x) {
  double y = std::ldexp(1.0, -static_cast<int>(x));
  double root = 0.5;
  for (double rest = x - std::floor(x); rest > 0; rest = 2 * rest - std::floor(2 * rest)) {
    root = std::sqrt(root);
    if (2 * rest >= 1) y *= root;
  }
  return y;
}

enum class spacing { even, geometric, clustered };

/// n numbers from 1 down to 2^-bits: in equal steps, in equal ratios, or 1 and n - 1 times 2^-bits.
inline std::vector<double> spaced(int n, spacing how, int bits) {
  std::vector<double> d;
  const double last = std::ldexp(1.0, -bits);
  for (int i = 0; i < n; ++i) {
    const double place = n == 1 ? 0 : static_cast<double>(i) / (n - 1);
    if (how == spacing::even) d.push_back(1 - place * (1 - last));
    if (how == spacing::geometric) d.push_back(inverse_power_of_two(place * bits));
    if (how == spacing::clustered) d.push_back(i == 0 ? 1 : last);
  }
  return d;
}

/// Q diag(d) Q^H in binary64, Q a product of n reflections at random vectors: real ones where T is real.
template <class T>
class rotated_spectrum {
 public:
  rotated_spectrum(hermitian_builder<T>& b, const std::vector<double>& d) : n_(d.size()), re_(n_ * n_), im_(n_ * n_) {
    for (std::size_t i = 0; i < n_; ++i) re_[i * n_ + i] = d[i];
    for (std::size_t k = 0; k < n_; ++k) {
      vector v = zeros();
      for (std::size_t i = 0; i < n_; ++i) v[i] = {b.uniform(), is_complex<T> ? b.uniform() : 0};
      reflect(v);
    }
  }
  /// Entry (i, j), i >= j.
  double real(int i, int j) const { return re_[at(i, j)]; }
  double imaginary(int i, int j) const { return i == j ? 0 : im_[at(i, j)]; }

 private:
  struct number {  // no std::complex, whose operations differ between libraries
    double re = 0, im = 0;
  };
  using vector = std::vector<number>;

  std::size_t at(int i, int j) const { return static_cast<std::size_t>(i) * n_ + static_cast<std::size_t>(j); }
  vector zeros() const { return vector(n_); }
  /// The real part of x^H y: the imaginary one is 0 wherever it is used.
  double product(const vector& x, const vector& y) const {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i) sum += x[i].re * y[i].re + x[i].im * y[i].im;
    return sum;
  }
  /// A becomes H A H with H = I - 2 v v^H / v^H v: A - v q^H - q v^H, q = p - (v^H p / v^H v) v, p = 2 A v / v^H v.
  void reflect(const vector& v) {
    const double square = product(v, v);
    if (square == 0) return;
    vector q = zeros();
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j) {
        q[i].re += re_[i * n_ + j] * v[j].re - im_[i * n_ + j] * v[j].im;
        q[i].im += re_[i * n_ + j] * v[j].im + im_[i * n_ + j] * v[j].re;
      }
    for (number& x : q) x = {2 * x.re / square, 2 * x.im / square};
    const double along = product(v, q) / square;
    for (std::size_t i = 0; i < n_; ++i) q[i] = {q[i].re - along * v[i].re, q[i].im - along * v[i].im};
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        const number x = v[i], y = q[j], z = q[i], w = v[j];
        re_[i * n_ + j] -= x.re * y.re + x.im * y.im + z.re * w.re + z.im * w.im;
        im_[i * n_ + j] -= x.im * y.re - x.re * y.im + z.im * w.re - z.re * w.im;
        re_[j * n_ + i] = re_[i * n_ + j];
        im_[j * n_ + i] = -im_[i * n_ + j];
      }
  }

  std::size_t n_;
  std::vector<double> re_, im_;
};

/// Fills b with scale times Q diag(d) Q^H.
template <class T>
void fill_rotated(hermitian_builder<T>& b, const std::vector<double>& d, int scale) {
  const rotated_spectrum<T> a(b, d);
  for (int i = 0; i < b.n(); ++i)
    for (int j = 0; j <= i; ++j) b.set(i, j, std::ldexp(a.real(i, j), scale), std::ldexp(a.imaginary(i, j), scale));
}

/// Type 21: geometrically spaced diagonal, and beside it at most a quarter of the smaller neighbour.
template <class T>
void fill_dominant_tridiagonal(hermitian_builder<T>& b) {
  const auto d = spaced(b.n(), spacing::geometric, format_of<T>.precision - 1);
  for (int i = 0; i < b.n(); ++i) {
    b.set(i, i, d[static_cast<std::size_t>(i)]);
    if (i > 0) b.set(i, i - 1, b.uniform() / 2 * d[static_cast<std::size_t>(i)]);
  }
}

/// The spacing of a type with given eigenvalues: even, geometric, clustered, or none of them.
constexpr spacing spacing_of_lapack_type(int type) {
  constexpr spacing of[] = {spacing::even,      spacing::geometric, spacing::clustered, spacing::geometric,
                            spacing::geometric, spacing::even,      spacing::geometric, spacing::clustered,
                            spacing::even,      spacing::even,      spacing::even,      spacing::even,
                            spacing::even,      spacing::even,      spacing::geometric, spacing::clustered,
                            spacing::even,      spacing::even};
  return of[type - 3];
}

/// Fills b with type 1 .. 21:
///    1, 2     zero, the identity
///    3 - 5    diagonal, eigenvalues spaced evenly, geometrically, clustered, with random signs; 6, 7: 4, scaled
///    8 - 10   the same eigenvalues, rotated; 11, 12: 8, scaled
///   13        entries uniform in (-1, 1); 14, 15: the same, scaled
///   16 - 18   8 - 10 with positive eigenvalues; 19, 20: 16, scaled
///   21        tridiagonal, diagonally dominant, with a geometrically spaced diagonal
/// Of the scaled pairs the first is scaled up, the second down.
template <class T>
void fill_lapack_type(hermitian_builder<T>& b, int type) {
  constexpr format f = format_of<T>;
  const bool scaled_up = type == 6 || type == 11 || type == 14 || type == 19;
  const bool scaled_down = type == 7 || type == 12 || type == 15 || type == 20;
  const int scale = scaled_up ? f.e_max / 2 : scaled_down ? f.e_min / 2 : 0;
  if (type == 1) return;
  if (type == 2) return b.fill_real([](int i, int j) { return i == j ? 1 : 0; });
  if (type >= 13 && type <= 15) return b.fill([&](int, int) { return std::ldexp(2 * b.uniform(), scale); });
  if (type == 21) return fill_dominant_tridiagonal(b);
  auto d = spaced(b.n(), spacing_of_lapack_type(type), f.precision - 1);
  for (double& x : d) x *= type < 16 ? b.sign() : 1;
  if (type >= 8) return fill_rotated(b, d, scale);
  for (int i = 0; i < b.n(); ++i) b.set(i, i, std::ldexp(d[static_cast<std::size_t>(i)], scale));
}

}  // namespace halfulp::gallery
