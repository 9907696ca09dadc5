#include <halfulp/oracle/linalg/eigenvalues.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/linalg/direct_sum.hpp>
#include <halfulp/oracle/linalg/nullity.hpp>
#include <halfulp/oracle/linalg/pencil.hpp>
#include <halfulp/oracle/linalg/refine.hpp>
#include <halfulp/oracle/linalg/residual.hpp>
#include <halfulp/oracle/real/boundary.hpp>

namespace halfulp::linalg {
namespace {

template <class R>
class ladder {
 public:
  ladder(const hermitian_matrix& a, question what, const budget& limit) : a_(a), what_(what), limit_(limit) {
    eigenvalue<R> unknown{{make_real(2), make_real(2)}, canonical_nan<R>()};
    mpfr_set_inf(raw(unknown.range.lo), -1);
    mpfr_set_inf(raw(unknown.range.hi), 1);
    values_.assign(static_cast<std::size_t>(a.n), unknown);
  }

  std::vector<eigenvalue<R>> climb() {
    const auto [scalar, rest] = without_scalar(a_);
    const int shift = exponent_of_largest(rest);
    const hermitian_matrix near_one = scaled(rest, shift);
    const approx_eigensystem s = approx_eigensystem_of(near_one);
    if (!s.converged) return std::move(values_);
    climb_residuals(near_one, s, [&, scalar = scalar](const enclosure& e) { return moved_back(e, shift, scalar); });
    if (all_settled()) return std::move(values_);
    const integer_matrix exact = exact_integers(a_);
    decide_exactly(exact);
    if (!all_settled()) climb_pencils(exact, first_vectors(s, a_.n));
    return std::move(values_);
  }

 private:
  /// In binary64, and in double-double what that leaves; `original` turns an enclosure of an eigenvalue of `near_one`
  /// into one of A's.
  template <class F>
  void climb_residuals(const hermitian_matrix& near_one, const approx_eigensystem& s, F original) {
    const residual_certificate c(near_one, s, 0x1p-1074);  // what scaling may have lost
    for (int k = 0; k < a_.n; ++k) {
      if (const auto e = c.normwise(k)) take(k, original(*e), tier::binary64);
      if (settled(k)) continue;
      if (const auto e = c.separate(k)) take(k, original(*e), tier::double_double);
    }
  }

  /// scalar + 2^shift e, outward; the scalar is 0 or more than 2^shift.
  static enclosure moved_back(const enclosure& e, int shift, double scalar) {
    const mpfr_prec_t more = scalar == 0 ? 0 : std::ilogb(scalar) - shift + 2;
    enclosure moved{make_real(mpfr_get_prec(raw(e.lo)) + more), make_real(mpfr_get_prec(raw(e.hi)) + more)};
    mpfr_mul_2si(raw(moved.lo), raw(e.lo), shift, MPFR_RNDD);
    mpfr_mul_2si(raw(moved.hi), raw(e.hi), shift, MPFR_RNDU);
    mpfr_add_d(raw(moved.lo), raw(moved.lo), scalar, MPFR_RNDD);
    mpfr_add_d(raw(moved.hi), raw(moved.hi), scalar, MPFR_RNDU);
    return moved;
  }

  /// With exact products: of the vectors given, and then of more and more accurate ones.
  void climb_pencils(const integer_matrix& exact, integer_matrix vectors) {
    tier reached = tier::double_double;
    for (long bits = 2 * -vectors.exponent + 2;; bits = 2 * bits + 2) {
      const pencil p(exact, std::move(vectors));
      for (int k = 0; k < p.n(); ++k) {
        if (settled(k)) continue;
        if (const auto e = p.enclose(k)) take(k, *e, reached);
      }
      decide_exactly(exact);
      if (all_settled() || bits > limit_.vector_bits) break;
      vectors = approx_refined(p, bits);
      reached = tier::multiprecision;
    }
  }

  eigenvalue<R>& value(int k) { return values_[static_cast<std::size_t>(k)]; }
  bool settled(int k) {
    return value(k).decided && (what_ == question::rounding || is_narrow(format_of<R>, value(k).range));
  }
  bool all_settled() {
    for (int k = 0; k < a_.n; ++k)
      if (!settled(k)) return false;
    return true;
  }

  void take(int k, const enclosure& e, tier reached) {
    const decision<R> d = decide<R>(e);
    eigenvalue<R>& v = value(k);
    if (v.decided && !d.decided()) return;
    v = {e, d.decided() ? d.value() : canonical_nan<R>(), reached, d.decided()};
  }

  /// Each boundary that an undecided enclosure holds is put to the exact test once.
  void decide_exactly(const integer_matrix& exact) {
    for (int k = 0; k < a_.n; ++k) {
      if (value(k).decided) continue;
      const std::optional<real> c = boundary_inside<R>(value(k).range);
      if (c) decide_at(exact, *c);
    }
  }

  /// An eigenvalue that equals c has an enclosure that holds c.
  void decide_at(const integer_matrix& exact, const real& c) {
    std::vector<int> holders;
    for (int k = 0; k < a_.n; ++k)
      if (value(k).range.contains(c)) holders.push_back(k);
    if (static_cast<int>(holders.size()) != nullity_at(exact, c)) return;
    for (const int k : holders) {
      eigenvalue<R>& v = value(k);
      v = {enclosure::point(c), round_to_nearest<R>(c), tier::exact, true};
    }
  }

  /// The number of eigenvalues equal to c; -1 where the budget ends first.
  int nullity_at(const integer_matrix& exact, const real& c) {
    for (const auto& [point, dimension] : nullities_)
      if (mpfr_equal_p(raw(point), raw(c)) != 0) return dimension;
    nullities_.emplace_back(c, nullity(exact, c, limit_.nullity_steps).value_or(-1));
    return nullities_.back().second;
  }

  const hermitian_matrix& a_;
  question what_;
  budget limit_;
  std::vector<eigenvalue<R>> values_;
  std::vector<std::pair<real, int>> nullities_;
};

/// The eigenvalue of a 1 x 1 matrix; an exact zero is +0.
template <class R>
std::vector<eigenvalue<R>> single(const hermitian_matrix& a) {
  const real x = halfulp::to_real(a.real[0] + 0.0);
  return {{enclosure::point(x), round_to_nearest<R>(x), tier::exact, true}};
}

}  // namespace

template <class R>
std::vector<eigenvalue<R>> eigenvalues(const hermitian_matrix& a, question what, const budget& limit) {
  const fp_environment environment;
  const auto blocks = components(a);
  if (blocks.size() == 1 && a.n > 1) return ladder<R>(a, what, limit).climb();
  std::vector<eigenvalue<R>> all;
  for (const auto& block : blocks) {
    const hermitian_matrix b = submatrix(a, block);
    const auto values = b.n == 1 ? single<R>(b) : ladder<R>(b, what, limit).climb();
    all.insert(all.end(), values.begin(), values.end());
  }
  return merged(std::move(all));
}

template std::vector<eigenvalue<float16>> eigenvalues(const hermitian_matrix&, question, const budget&);
template std::vector<eigenvalue<bfloat16>> eigenvalues(const hermitian_matrix&, question, const budget&);
template std::vector<eigenvalue<float>> eigenvalues(const hermitian_matrix&, question, const budget&);
template std::vector<eigenvalue<double>> eigenvalues(const hermitian_matrix&, question, const budget&);

}  // namespace halfulp::linalg
