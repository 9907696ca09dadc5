#pragma once

#include <halfulp/analysis/cases/gallery/factors.hpp>
#include <halfulp/analysis/cases/gallery/known_spectrum.hpp>

namespace halfulp::gallery {

/// A system whose solution is known from integers alone.
template <class T>
struct known_system {
  int n = 0;
  system<T> given;                       ///< one right side
  std::vector<component_t<T>> solution;  ///< every component rounded once, real part before imaginary part
  int ties = 0;                          ///< how many lie exactly on a rounding midpoint
  int near_ties = 0;                     ///< how many lie within a relative 2^-20 ulp of one, and not on it
  int zeros = 0;
};

/// A Gaussian integer.
struct gaussian {
  std::int64_t re = 0, im = 0;
  friend gaussian operator+(gaussian a, gaussian b) { return {a.re + b.re, a.im + b.im}; }
  friend gaussian operator-(gaussian a, gaussian b) { return {a.re - b.re, a.im - b.im}; }
  friend gaussian operator*(gaussian a, gaussian b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  friend gaussian conj(gaussian a) { return {a.re, -a.im}; }
};

/// X with L L^H X = b, where the diagonal of L are units: then so is every inverse, and X is of integers.
inline std::vector<gaussian> integer_solution(const std::vector<gaussian>& l, std::vector<gaussian> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) b[i] = b[i] - l[i * n + j] * b[j];
    b[i] = b[i] * conj(l[i * n + i]);
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) b[i] = b[i] - conj(l[j * n + i]) * b[j];
    b[i] = b[i] * l[i * n + i];
  }
  return b;
}

/// Draws systems of Gaussian integers, with right sides of p bits: solutions of p + 1 bits that are odd are
/// midpoints.
///
/// `coupled` puts an unknown before the others whose right side is a tiny t, and couples it to unknown j: with g =
/// A^-1 e_j of the others, the first unknown is t - x_j, and x moves by -g t; only the signs of that matter for the
/// rounding.
template <class T>
class known_system_builder {
 public:
  using R = component_t<T>;
  static constexpr format f = format_of<T>;

  known_system_builder(int n, bool coupled, std::uint64_t seed) : draw_(n, 1, seed), n_(static_cast<std::size_t>(n)) {
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j) l_.push_back(i == j ? unit() : j < i ? small() : gaussian{});
    for (std::size_t i = 0; i < n_; ++i) b_.push_back(right_side());
    scale_ = f.e_max > 100 ? static_cast<int>(draw_.between(-20, 20)) : 0;
    if (coupled) t_ = std::ldexp(draw_.between(0, 1) == 0 ? 1.0 : -1.0, -f.precision - 13);
    partner_ = static_cast<std::size_t>(draw_.between(0, n - 1));
  }

  known_system<T> build() {
    const auto x = integer_solution(l_, b_);
    std::vector<gaussian> e(n_);
    e[partner_] = {1, 0};
    const auto g = integer_solution(l_, e);
    if (t_ != 0) {
      const gaussian first = gaussian{} - x[partner_], moved = gaussian{-1, 0} - g[partner_];
      add_unknown(first, moved);  // t - x_j, and x_j = integer - g_j t
    }
    for (std::size_t i = 0; i < n_; ++i) add_unknown(x[i], g[i]);
    known_.n = static_cast<int>(n_) + (t_ != 0 ? 1 : 0);
    store();
    return known_;
  }

 private:
  gaussian unit() {
    constexpr gaussian units[] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    return units[draw_.between(0, is_complex<T> ? 3 : 1)];
  }
  std::int64_t sparse() { return draw_.between(0, 2) == 0 ? draw_.between(-1, 1) : 0; }
  gaussian small() {
    const std::int64_t re = sparse();
    return {re, is_complex<T> ? sparse() : 0};
  }
  std::int64_t of_p_bits() {
    const std::int64_t most = (std::int64_t{1} << f.precision) - 1;
    return draw_.between(0, 3) == 0 ? draw_.between(-1, 1) : draw_.between(-most, most);
  }
  gaussian right_side() {
    const std::int64_t re = of_p_bits();
    return {re, is_complex<T> ? of_p_bits() : 0};
  }

  /// The unknown integer - g t, in parts.
  void add_unknown(gaussian integer, gaussian g) {
    add_part(integer.re, g.re);
    if (is_complex<T>) add_part(integer.im, g.im);
  }
  void add_part(std::int64_t integer, std::int64_t g) {
    const double moved = -static_cast<double>(g) * t_;
    const int side = moved > 0 ? 1 : moved < 0 ? -1 : 0;
    if (integer == 0 && side == 0) ++known_.zeros;
    if (is_midpoint<R>(integer)) ++(side == 0 ? known_.ties : known_.near_ties);
    known_.solution.push_back(integer == 0 ? narrow<R>(side == 0 ? 0.0 : std::ldexp(moved, scale_))
                                           : rounded<R>({integer, side}, scale_));
  }

  T number(gaussian z, int scale) const {
    const R re = narrow<R>(std::ldexp(static_cast<double>(z.re), scale));
    if constexpr (is_complex<T>) {
      return {re, narrow<R>(std::ldexp(static_cast<double>(z.im), scale))};
    } else {
      return re;
    }
  }
  void store() {
    const T zero = number({}, 0);
    if (t_ != 0) {
      known_.given.x.push_back(T(narrow<R>(std::ldexp(t_, scale_))));
      known_.given.y.push_back(number({1, 0}, 0));
      known_.given.y.insert(known_.given.y.end(), n_, zero);
    }
    for (std::size_t i = 0; i < n_; ++i) {
      known_.given.x.push_back(number(b_[i], scale_));
      if (t_ != 0) known_.given.y.push_back(number({i == partner_ ? 1 : 0, 0}, 0));
      for (std::size_t j = 0; j < n_; ++j) known_.given.y.push_back(number(l_[i * n_ + j], 0));
    }
  }

  system_builder<T> draw_;
  std::size_t n_, partner_ = 0;
  std::vector<gaussian> l_, b_;
  int scale_ = 0;
  double t_ = 0;
  known_system<T> known_;
};

/// A system with solutions on and beside rounding midpoints, of n unknowns, or n + 1 where `coupled`; n at most 8.
template <class T>
known_system<T> known_solution(int n, bool coupled, std::uint64_t seed) {
  return known_system_builder<T>(n, coupled, seed).build();
}

}  // namespace halfulp::gallery
