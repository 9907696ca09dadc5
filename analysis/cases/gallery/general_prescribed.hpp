#pragma once

#include <complex>

#include <halfulp/analysis/cases/gallery/known_spectrum.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>

namespace halfulp::gallery {

/// How the eigenvalues of `prescribed` lie.
enum class general_spectrum { distinct, multiple, defective };
inline constexpr int general_spectrum_count = 3;

/// A matrix whose eigenvalues are known without any eigenvalue algorithm.
template <class T>
struct known_general_case {
  using R = op::eigvals::part_t<T>;
  linalg::square_matrix matrix;
  std::vector<std::complex<R>> rounded;  ///< of every eigenvalue that is known, in the order of eigvals
  int ties = 0;                          ///< how many parts lie exactly on a rounding midpoint
  int near_ties = 0;                     ///< how many within a relative 2^-60 of one, and not on it
};

/// A matrix of Gaussian integers under similarities by unimodular matrices I +- e_i e_j^T, without any rounding.
class unimodular_similarity {
 public:
  explicit unimodular_similarity(int n) : n_(static_cast<std::size_t>(n)), re_(n_ * n_), im_(n_ * n_) {}

  std::int64_t& re(std::size_t i, std::size_t j) { return re_[i * n_ + j]; }
  std::int64_t& im(std::size_t i, std::size_t j) { return im_[i * n_ + j]; }

  /// Adds `sign` times row j to row i, and takes `sign` times column i from column j.
  void shear(std::size_t i, std::size_t j, int sign) {
    for (auto* part : {&re_, &im_}) {
      for (std::size_t k = 0; k < n_; ++k) (*part)[i * n_ + k] += sign * (*part)[j * n_ + k];
      for (std::size_t k = 0; k < n_; ++k) (*part)[k * n_ + j] -= sign * (*part)[k * n_ + i];
    }
  }
  std::int64_t largest() const {
    std::int64_t most = 0;
    for (const auto* part : {&re_, &im_})
      for (const std::int64_t x : *part) most = std::max(most, x < 0 ? -x : x);
    return most;
  }

 private:
  std::size_t n_;
  std::vector<std::int64_t> re_, im_;
};

/// Puts eigenvalues on the diagonal: of a real T integers and blocks [[a, -b], [b, a]], of a complex one Gaussian
/// integers; where `defective`, with 1 or an identity above the diagonal between neighbours that are equal. Returns them.
template <class T>
std::vector<std::complex<double>> place_spectrum(general_builder<T>& b, general_spectrum s, unimodular_similarity& a) {
  const int most = s == general_spectrum::distinct ? 9 : 3;
  std::vector<std::complex<double>> values;
  int re = 0, im = 0, width = 0;
  for (int k = 0; k < b.n(); k += width) {
    const bool keep = width != 0 && s != general_spectrum::distinct && b.between(0, 2) != 0 && k + width <= b.n();
    const auto at = static_cast<std::size_t>(k);
    if (!keep) {
      re = b.between(-most, most);
      im = b.between(0, 1) * b.between(1, most);
      width = !is_complex<T> && im != 0 && k + 1 < b.n() ? 2 : 1;
      if (!is_complex<T> && width == 1) im = 0;
    } else if (s == general_spectrum::defective) {
      for (std::size_t p = 0; p < static_cast<std::size_t>(width); ++p)
        a.re(at + p - static_cast<std::size_t>(width), at + p) = 1;
    }
    for (int p = 0; p < width; ++p) {
      a.re(at + static_cast<std::size_t>(p), at + static_cast<std::size_t>(p)) = re;
      if (is_complex<T>) a.im(at, at) = im;
      values.emplace_back(re, p == 0 ? im : -im);
    }
    if (width == 2) {
      a.re(at, at + 1) = -im;
      a.re(at + 1, at) = im;
    }
  }
  return values;
}

/// The numbers rounded to R, in the order of eigvals.
template <class R>
std::vector<std::complex<R>> in_order(std::vector<std::complex<R>> w) {
  std::sort(w.begin(), w.end(), [](auto x, auto y) { return op::eigvals::precedes(x, y); });
  return w;
}

/// A matrix of small (Gaussian) integers whose eigenvalues are (Gaussian) integers times a power of two.
template <class T>
known_general_case<T> prescribed(general_spectrum s, int n, std::uint64_t seed) {
  using R = op::eigvals::part_t<T>;
  constexpr format f = format_of<T>;
  general_builder<T> b(n, seed);
  unimodular_similarity a(n);
  const auto values = place_spectrum(b, s, a);
  const std::int64_t most = std::int64_t{1} << std::min(f.precision, 40);
  for (int tries = n < 2 ? 0 : 3 * n; tries > 0; --tries) {
    const auto i = static_cast<std::size_t>(b.between(0, n - 1)), j = static_cast<std::size_t>(b.between(0, n - 1));
    if (i == j) continue;
    unimodular_similarity next = a;
    next.shear(i, j, b.sign());
    if (next.largest() < most) a = std::move(next);
  }
  const int scale = f.e_max > 100 ? b.between(-20, 20) : b.between(-4, 2);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const auto r = static_cast<std::size_t>(i), c = static_cast<std::size_t>(j);
      b.set(i, j, std::ldexp(static_cast<double>(a.re(r, c)), scale),
            std::ldexp(static_cast<double>(a.im(r, c)), scale));
    }
  known_general_case<T> known{b.take(), {}};
  for (const auto& v : values)
    known.rounded.emplace_back(narrow<R>(std::ldexp(v.real(), scale) + 0.0),
                               narrow<R>(std::ldexp(v.imag(), scale) + 0.0));
  known.rounded = in_order(std::move(known.rounded));
  return known;
}

/// Four eigenvalues x0 +- x1 + i (y0 +- y1) and their conjugates, from circulants X and Y of integers with p bits as
/// [[X, -Y], [Y, X]]: the parts of the pair with + lie on rounding midpoints. Where `coupled`, t times the vector
/// (1, 1, 0, 0) couples the matrix to one more row, which moves that pair by t^2 / l to first order, t^2 below 2^-60, and
/// adds an eigenvalue near 0 that is not in `rounded`.
template <class T>
known_general_case<T> near_midpoint_general(bool coupled, std::uint64_t seed) {
  using R = op::eigvals::part_t<T>;
  constexpr int p = format_of<R>.precision;
  general_builder<T> b(coupled ? 5 : 4, seed);
  struct halves {
    std::int64_t first, second;
    std::int64_t sum() const { return first + second; }
    std::int64_t difference() const { return first - second; }
  };
  const auto drawn = [&] {
    const std::int64_t r = b.between(0, 1 << 16), top = std::int64_t{1} << p;
    const std::int64_t first = top - 1 - r, least = r + 1;
    const std::int64_t second = least + b.between(0, 1 << 20);
    return halves{first, second + (first + second + 1) % 2};  // the sum is odd and has p + 1 bits
  };
  const halves x = drawn(), y = drawn();
  const int scale = b.between(-10, 10), sign = b.sign();
  const auto set = [&](int i, int j, std::int64_t k) { b.set(i, j, std::ldexp(static_cast<double>(sign * k), scale)); };
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      const std::int64_t xs = i == j ? x.first : x.second, ys = i == j ? y.first : y.second;
      set(i, j, xs);
      set(i + 2, j + 2, xs);
      set(i, j + 2, -ys);
      set(i + 2, j, ys);
    }
  const int side = coupled ? 1 : 0;
  if (coupled) {
    const double t = std::ldexp(1.0, scale - 40 - b.between(0, 10));
    for (int i = 0; i < 2; ++i) {
      b.set(i, 4, t);
      b.set(4, i, t);
    }
  }
  known_general_case<T> known{b.take(), {}};
  // 1 / l has the sign of l in its real part, and the other in its imaginary part
  for (const int mirror : {1, -1}) {
    const auto part = [&](std::int64_t k, int to) { return rounded<R>({k, to}, scale); };
    known.rounded.emplace_back(part(sign * x.sum(), sign * side), part(sign * mirror * y.sum(), -sign * mirror * side));
    known.rounded.emplace_back(part(sign * x.difference(), 0), part(sign * mirror * y.difference(), 0));
  }
  (coupled ? known.near_ties : known.ties) += 4;
  known.rounded = in_order(std::move(known.rounded));
  return known;
}

}  // namespace halfulp::gallery
