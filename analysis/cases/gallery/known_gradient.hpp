#pragma once

#include <algorithm>

#include <halfulp/analysis/cases/gallery/general_prescribed.hpp>
#include <halfulp/oracle/real/real.hpp>

namespace halfulp::gallery {

/// A matrix whose gradient of eigvals is known without any eigenvalue algorithm.
template <class T>
struct known_gradient_case {
  using R = component_t<T>;
  linalg::square_matrix matrix;
  std::vector<std::complex<op::eigvals::part_t<T>>> weights;  ///< dw, in the order of eigvals
  std::vector<R> rounded;                                     ///< dx row-major, real before imaginary parts
  int ties = 0;  ///< how many components lie exactly on a rounding midpoint
};

/// Whether x lies half way between two neighbours of R.
template <class R>
bool is_midpoint(double x) {
  const double below = widen(narrow<R>(x)), off = x - below;
  return off != 0 && is_finite(below) && widen(narrow<R>(x + off / 2)) != widen(narrow<R>(x - off / 2));
}

/// Applies the same random shears to both.
template <class Builder>
void hide(Builder& b, std::int64_t most, unimodular_similarity& a, unimodular_similarity& f) {
  for (int tries = b.n() < 2 ? 0 : 2 * b.n(); tries > 0; --tries) {
    const auto i = static_cast<std::size_t>(b.between(0, b.n() - 1)),
               j = static_cast<std::size_t>(b.between(0, b.n() - 1));
    if (i == j) continue;
    const int sign = b.sign();
    unimodular_similarity next = a;
    next.shear(i, j, sign);
    if (next.largest() >= most) continue;
    a = std::move(next);
    f.shear(i, j, sign);
  }
}

/// Weights for eigenvalues in the order of eigvals: Gaussian integers of the precision of T at most, those of equal
/// eigenvalues different, their sum divisible by their number.
template <class T>
std::vector<std::complex<std::int64_t>> integer_weights(general_builder<T>& b,
                                                        const std::vector<std::complex<double>>& sorted) {
  const int bits = std::min(format_of<T>.precision, 24);
  const auto drawn = [&] {
    return static_cast<std::int64_t>(b.sign()) * b.between(1 << (bits - 2), (1 << (bits - 1)) - 1);
  };
  std::vector<std::complex<std::int64_t>> w;
  std::complex<std::int64_t> mean;
  for (std::size_t k = 0, first = 0; k < sorted.size(); ++k) {
    if (k == 0 || sorted[k] != sorted[k - 1]) {
      first = k;
      mean = {drawn(), drawn()};
      w.push_back(mean);
    } else {
      const std::complex<std::int64_t> by(b.between(1, 3), b.between(0, 3));
      w.push_back(mean - by);
      w[first] += by;
    }
  }
  return w;
}

/// f(D) for the blocks D that `place_spectrum` made: 2 conj(m) on the diagonal for an eigenvalue of a complex T, and for a
/// real one 2 Re m, or conj(m) + m' for a pair with the weights m and m', as a real block of order two.
template <class T>
void place_function(const std::vector<std::complex<double>>& values,
                    const std::vector<std::complex<std::int64_t>>& means, unimodular_similarity& f) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::int64_t re = means[k].real(), im = means[k].imag();
    f.re(k, k) = 2 * re;
    if (is_complex<T>) f.im(k, k) = -2 * im;
    if (is_complex<T> || values[k].imag() <= 0) continue;
    const std::int64_t both_re = re + means[k + 1].real(), both_im = means[k + 1].imag() - im;
    f.re(k, k) = f.re(k + 1, k + 1) = both_re;
    f.re(k, k + 1) = -both_im;
    f.re(k + 1, k) = both_im;
    ++k;
  }
}

/// A matrix of small (Gaussian) integers with (Gaussian) integers as eigenvalues, and integers as weights: so is twice dx,
/// of which components that are odd and have a bit more than the format lie on rounding midpoints.
template <class T>
known_gradient_case<T> known_gradient(general_spectrum s, int n, std::uint64_t seed) {
  using R = component_t<T>;
  using P = op::eigvals::part_t<T>;
  general_builder<T> b(n, seed);
  unimodular_similarity a(n), f(n);
  const auto values = place_spectrum(b, s, a);
  std::vector<std::complex<double>> sorted(values);
  for (auto& v : sorted) v = {v.real() + 0.0, v.imag() + 0.0};
  std::sort(sorted.begin(), sorted.end(), [](auto x, auto y) { return op::eigvals::precedes(x, y); });
  const auto w = integer_weights(b, sorted);
  std::vector<std::complex<std::int64_t>> means;
  for (const auto& v : values) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), v + 0.0,
                                                [](auto x, auto y) { return op::eigvals::precedes(x, y); });
    std::complex<std::int64_t> sum = 0;
    for (auto k = first; k != last; ++k) sum += w[static_cast<std::size_t>(k - sorted.begin())];
    means.push_back({sum.real() / (last - first), sum.imag() / (last - first)});
  }
  place_function<T>(values, means, f);
  hide(b, std::int64_t{1} << std::min(format_of<T>.precision, 12), a, f);
  known_gradient_case<T> known;
  const auto add = [&](std::int64_t twice) {
    const double exact = static_cast<double>(twice) / 2 + 0.0;
    known.rounded.push_back(narrow<R>(exact));
    known.ties += is_midpoint<R>(exact);
  };
  const int scale = b.between(-4, 2);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const auto r = static_cast<std::size_t>(i), c = static_cast<std::size_t>(j);
      b.set(i, j, std::ldexp(static_cast<double>(a.re(r, c)), scale),
            std::ldexp(static_cast<double>(a.im(r, c)), scale));
      add(f.re(c, r));
      if (is_complex<T>) add(-f.im(c, r));
    }
  known.matrix = b.take();
  for (const auto& z : w) known.weights.emplace_back(static_cast<P>(z.real()), static_cast<P>(z.imag()));
  return known;
}

}  // namespace halfulp::gallery
