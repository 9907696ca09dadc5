#include <halfulp/oracle/linalg/general_gradient.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include <halfulp/oracle/linalg/function_separation.hpp>
#include <halfulp/oracle/linalg/general_weights.hpp>
#include <halfulp/oracle/linalg/integer_polynomial.hpp>
#include <halfulp/oracle/linalg/weights.hpp>
#include <halfulp/oracle/real/boundary.hpp>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

enclosure whole_line() {
  enclosure e{make_real(2), make_real(2)};
  mpfr_set_inf(raw(e.lo), -1);
  mpfr_set_inf(raw(e.hi), 1);
  return e;
}

/// reaches[i n + j]: whether a path leads from i to j along entries of A that are not 0, so that some function of A has
/// an entry there.
std::vector<bool> paths(const square_matrix& a) {
  const std::size_t n = size(a.n);
  std::vector<bool> reaches(n * n);
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j)
      reaches[size(i) * n + size(j)] =
          i == j || a.real[a.at(i, j)] != 0 || (a.is_complex() && a.imaginary[a.at(i, j)] != 0);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; reaches[i * n + k] && j < n; ++j)
        if (reaches[k * n + j]) reaches[i * n + j] = true;
  return reaches;
}

/// f(A)^H for one matrix and its weights.
template <class R>
class function_ladder {
 public:
  function_ladder(const square_matrix& a, weighted_spectrum spectrum, question what,
                  const general_gradient_budget& limit)
      : a_(a),
        spectrum_(std::move(spectrum)),
        what_(what),
        limit_(limit),
        paths_(paths(a)),
        balanced_(balanced_in_blocks(a)),
        exact_(exact_integers(a, balanced_.exponents, 0)) {
    const gradient_component<R> zero{enclosure::point(make_real(2)), zero_of<R>(), tier::exact, true};
    const gradient_component<R> unknown{whole_line(), canonical_nan<R>(), tier::exact, false};
    for (int i = 0; i < a.n; ++i)
      for (int j = 0; j < a.n; ++j) components_.insert(components_.end(), parts(), has_path(j, i) ? unknown : zero);
  }

  std::vector<gradient_component<R>> climb() {
    if (spectrum_.weights.size() == 1) {
      take_multiple_of_identity();
      return std::move(components_);
    }
    enclose(approx_basis_in_binary64(balanced_, spectrum_.boxes), tier::double_double);
    for (long bits = first_bits; !all_settled() && bits <= limit_.vector_bits; bits *= 2) {
      // bases of defective eigenvalues lose most of their bits to the scaling of their triangles
      if (bits > std::max(limit_.hopeful_bits, 16 * needed_bits_)) break;
      needed_bits_ = 0;
      bits_ = bits;
      enclose(approx_basis(exact_, bits, spectrum_.boxes), tier::multiprecision);
    }
    return std::move(components_);
  }

 private:
  static constexpr long first_bits = 128;

  std::size_t parts() const { return a_.is_complex() ? 2 : 1; }
  bool has_path(int i, int j) const { return paths_[size(i) * size(a_.n) + size(j)]; }
  gradient_component<R>& at(int i, int j, std::size_t part) {
    return components_[(size(i) * size(a_.n) + size(j)) * parts() + part];
  }
  bool is_settled(const gradient_component<R>& c) const {
    return c.decided && (what_ == question::rounding || is_narrow(format_of<R>, c.range));
  }
  bool all_settled() const {
    return std::all_of(components_.begin(), components_.end(), [&](const auto& c) { return is_settled(c); });
  }

  /// All weights are one: f(A) = m I.
  void take_multiple_of_identity() {
    const complex_mean& m = spectrum_.weights[0];
    for (int i = 0; i < a_.n; ++i)
      for (int j = 0; j < a_.n; ++j)
        for (std::size_t part = 0; part < parts(); ++part) {
          const integer sum = i != j ? integer() : part == 0 ? m.re : integer(-m.im);
          enclosure e = enclosure_of(mean{sum, m.count}, spectrum_.exponent);
          if (e.is_point() && e.contains_zero()) e = enclosure::point(make_real(2));
          at(i, j, part) = {e, decide<R>(e).value(), tier::exact, true};
        }
  }

  /// Takes what f(B) says of f(A)^H: f(A)_ji = 2^(d_j - d_i) f(B)_ji.
  void enclose(const std::optional<spectral_basis>& basis, tier reached) {
    if (!basis) return;
    const auto f = enclose_function(exact_, *basis, spectrum_);
    if (!f) return;
    const integer_matrix& y = f->middle;
    for (int i = 0; i < a_.n; ++i)
      for (int j = 0; j < a_.n; ++j) {
        if (!has_path(j, i)) continue;
        const long shift = balanced_.exponents[size(j)] - balanced_.exponents[size(i)];
        for (std::size_t part = 0; part < parts(); ++part) {
          gradient_component<R>& c = at(i, j, part);
          if (is_settled(c)) continue;
          const integer& k = part == 0 ? y.real[y.at(j, i)] : y.imaginary[y.at(j, i)];
          take(c, to_real(part == 0 ? k : integer(-k), y.exponent + shift), f->radius(j, i), shift, reached);
          if (!c.decided && f->separates_boxes) decide_exactly(c, f->rows[size(j)] * f->columns[size(i)], shift);
        }
      }
  }

  void take(gradient_component<R>& c, const real& middle, real radius, long shift, tier reached) const {
    mpfr_mul_2si(raw(radius), raw(radius), shift, MPFR_RNDU);
    const enclosure e = enclosure::around(middle, radius, std::max(mpfr_get_prec(raw(middle)), mpfr_prec_t{64}) + 64);
    const decision<R> d = decide<R>(e);
    if (d.decided() || !c.decided) c = {e, d.decided() ? d.value() : canonical_nan<R>(), reached, d.decided()};
  }

  /// None where the polynomial is too expensive, or the boxes do not tell its roots apart.
  const std::optional<function_separation>& separation() {
    if (!separation_known_ && characteristic_steps(exact_) <= static_cast<double>(limit_.polynomial_steps))
      separation_ = function_separation::of(exact_, spectrum_, distinct_roots(exact_));
    separation_known_ = true;
    return separation_;
  }

  /// A component that may be the rounding boundary c is it, if it is closer than any other number can be. Six
  /// times `size` are at least the sum of |P_s| there.
  void decide_exactly(gradient_component<R>& c, const upper_bound& size, long shift) {
    // what is near a boundary by chance is told from it by more bits, at less than the price of a large polynomial
    constexpr int cheap = 8;
    if (bits_ < 2 * first_bits && a_.n > cheap) {
      needed_bits_ = std::max(needed_bits_, first_bits);
      return;
    }
    const auto boundary = boundary_inside<R>(c.range);
    if (!boundary || !separation()) return;
    real scaled = *boundary;
    mpfr_mul_2si(raw(scaled), raw(scaled), -shift, MPFR_RNDN);
    const double log2_size = static_cast<double>(exponent_of(size.value())) + 4 + log2_largest_weight();
    const double bits = separation_->bits(scaled, log2_size) - static_cast<double>(shift);
    if (bits > static_cast<double>(limit_.vector_bits)) return;
    needed_bits_ = std::max(needed_bits_, static_cast<long>(bits) + 1);
    real width = make_real(64), least = make_real(2);
    mpfr_sub(raw(width), raw(c.range.hi), raw(c.range.lo), MPFR_RNDU);
    mpfr_set_ui_2exp(raw(least), 1, -static_cast<long>(std::ceil(bits)) - 1, MPFR_RNDD);
    if (mpfr_less_p(raw(width), raw(least)) != 0)
      c = {enclosure::point(*boundary), round_to_nearest<R>(*boundary), tier::exact, true};
  }

  double log2_largest_weight() const {
    std::size_t bits = 1;
    for (const complex_mean& m : spectrum_.weights)
      for (const integer* part : {&m.re, &m.im}) bits = std::max(bits, mpz_sizeinbase(raw(*part), 2));
    return static_cast<double>(bits) + 1 + static_cast<double>(spectrum_.exponent);
  }

  const square_matrix& a_;
  weighted_spectrum spectrum_;
  question what_;
  general_gradient_budget limit_;
  std::vector<bool> paths_;
  balanced_matrix balanced_;
  integer_matrix exact_;
  std::vector<gradient_component<R>> components_;
  std::optional<function_separation> separation_;
  bool separation_known_ = false;
  long bits_ = 0;
  long needed_bits_ = 0;
};

bool is_real(const square_matrix& a) {
  return std::all_of(a.imaginary.begin(), a.imaginary.end(), [](double x) { return x == 0; });
}

template <class R>
gradient_component<R> negated(gradient_component<R> c) {
  if (c.range.is_point() && c.range.contains_zero()) return c;
  std::swap(c.range.lo, c.range.hi);
  mpfr_neg(raw(c.range.lo), raw(c.range.lo), MPFR_RNDN);
  mpfr_neg(raw(c.range.hi), raw(c.range.hi), MPFR_RNDN);
  if (c.decided) c.rounded = decide<R>(c.range).value();
  return c;
}

}  // namespace

template <class R, class P>
std::vector<gradient_component<R>> general_gradient(const square_matrix& a, std::span<const std::complex<double>> w,
                                                    question what, const general_gradient_budget& limit) {
  const auto values = general_eigenvalues<P>(a, question::rounding, limit.eigenvalues);
  const std::size_t parts = a.is_complex() ? 2 : 1;
  std::vector<gradient_component<R>> all(size(a.n) * size(a.n) * parts,
                                         {whole_line(), canonical_nan<R>(), tier::exact, false});
  if (a.n == 0 || !std::all_of(values.begin(), values.end(), [](const auto& v) { return v.decided(); })) return all;
  const general_weights weights(values, w);
  if (!is_real(a)) return function_ladder<R>(a, weights.all(), what, limit).climb();
  // f(A) = g(A) + i h(A) with real g(A) and h(A)
  const square_matrix real_one{a.n, a.real, {}};
  auto g = function_ladder<R>(real_one, weights.symmetric(), what, limit).climb();
  if (!a.is_complex()) return g;
  const auto h = function_ladder<R>(real_one, weights.antisymmetric(), what, limit).climb();
  for (std::size_t k = 0; k < g.size(); ++k) {
    all[2 * k] = g[k];
    all[2 * k + 1] = negated(h[k]);
  }
  return all;
}

#define HALFULP_GENERAL_GRADIENT(R, P)                                \
  template std::vector<gradient_component<R>> general_gradient<R, P>( \
      const square_matrix&, std::span<const std::complex<double>>, question, const general_gradient_budget&);
HALFULP_GENERAL_GRADIENT(float16, float)
HALFULP_GENERAL_GRADIENT(bfloat16, float)
HALFULP_GENERAL_GRADIENT(float, float)
HALFULP_GENERAL_GRADIENT(double, double)
#undef HALFULP_GENERAL_GRADIENT

}  // namespace halfulp::linalg
