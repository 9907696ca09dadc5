#include <halfulp/oracle/linalg/eigenvalues.hpp>

#include <algorithm>
#include <optional>

#include <halfulp/oracle/linalg/nullity.hpp>
#include <halfulp/oracle/linalg/pencil.hpp>
#include <halfulp/oracle/linalg/refine.hpp>
#include <halfulp/oracle/real/boundary.hpp>

namespace halfulp::linalg {
namespace {

template <class R>
class ladder {
 public:
  ladder(const hermitian_matrix& a, question what, const budget& limit)
      : a_(exact_integers(a)), what_(what), limit_(limit) {
    eigenvalue<R> unknown{{make_real(2), make_real(2)}, canonical_nan<R>()};
    mpfr_set_inf(raw(unknown.range.lo), -1);
    mpfr_set_inf(raw(unknown.range.hi), 1);
    values_.assign(static_cast<std::size_t>(a.n), unknown);
  }

  std::vector<eigenvalue<R>> climb(integer_matrix vectors) {
    tier reached = tier::double_double;
    for (long bits = 2 * -vectors.exponent + 2; vectors.n != 0; bits = 2 * bits + 2) {
      const pencil p(a_, std::move(vectors));
      for (int k = 0; k < p.n(); ++k)
        if (!settled(k)) take(k, p.enclose(k), reached);
      decide_exactly();
      if (all_settled() || bits > limit_.vector_bits) break;
      vectors = approx_refined(p, bits);
      reached = tier::multiprecision;
    }
    return std::move(values_);
  }

 private:
  eigenvalue<R>& value(int k) { return values_[static_cast<std::size_t>(k)]; }
  bool settled(int k) { return value(k).decided && (what_ == question::rounding || is_narrow(format_of<R>, value(k).range)); }
  bool all_settled() {
    for (int k = 0; k < a_.n; ++k)
      if (!settled(k)) return false;
    return true;
  }

  void take(int k, const pencil::bracket& b, tier reached) {
    if (!b.found) return;
    const decision<R> d = decide<R>(b.range);
    eigenvalue<R>& v = value(k);
    if (v.decided && !d.decided()) return;
    v = {b.range, d.decided() ? d.value() : canonical_nan<R>(), reached, d.decided()};
  }

  /// Each boundary that an undecided enclosure holds is put to the exact test once.
  void decide_exactly() {
    for (int k = 0; k < a_.n; ++k) {
      if (value(k).decided) continue;
      const std::optional<real> c = boundary_inside<R>(value(k).range);
      if (c) decide_at(*c);
    }
  }

  /// A bracket's ends are no eigenvalues.
  static bool may_be(const enclosure& e, const real& c) {
    return e.is_point() ? e.contains(c) : mpfr_less_p(raw(e.lo), raw(c)) != 0 && mpfr_less_p(raw(c), raw(e.hi)) != 0;
  }

  void decide_at(const real& c) {
    std::vector<int> holders;
    for (int k = 0; k < a_.n; ++k)
      if (may_be(value(k).range, c)) holders.push_back(k);
    if (static_cast<int>(holders.size()) != nullity_at(c)) return;
    for (const int k : holders) {
      eigenvalue<R>& v = value(k);
      v = {enclosure::point(c), round_to_nearest<R>(c), tier::exact, true};
    }
  }

  /// The number of eigenvalues equal to c; -1 where the budget ends first.
  int nullity_at(const real& c) {
    for (const auto& [point, dimension] : nullities_)
      if (mpfr_equal_p(raw(point), raw(c)) != 0) return dimension;
    nullities_.emplace_back(c, nullity(a_, c, limit_.nullity_steps).value_or(-1));
    return nullities_.back().second;
  }

  integer_matrix a_;
  question what_;
  budget limit_;
  std::vector<eigenvalue<R>> values_;
  std::vector<std::pair<real, int>> nullities_;
};

}  // namespace

template <class R>
std::vector<eigenvalue<R>> eigenvalues(const hermitian_matrix& a, question what, const budget& limit) {
  return ladder<R>(a, what, limit).climb(approx_vectors(a));
}

template std::vector<eigenvalue<float16>> eigenvalues(const hermitian_matrix&, question, const budget&);
template std::vector<eigenvalue<bfloat16>> eigenvalues(const hermitian_matrix&, question, const budget&);
template std::vector<eigenvalue<float>> eigenvalues(const hermitian_matrix&, question, const budget&);
template std::vector<eigenvalue<double>> eigenvalues(const hermitian_matrix&, question, const budget&);

}  // namespace halfulp::linalg
