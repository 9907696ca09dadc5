#include <halfulp/oracle/linalg/cholesky.hpp>

#include <algorithm>

#include <halfulp/oracle/linalg/settle.hpp>

namespace halfulp::linalg {
namespace {

constexpr mpfr_prec_t first_bits = 128;

template <class R>
bool settled(const rounded_component<R>& c, question what) {
  return c.truth.decided && (what == question::rounding || is_narrow(format_of<R>, c.truth.range));
}

template <class R>
rounded_component<R> unknown() {
  enclosure any{make_real(2), make_real(2)};
  mpfr_set_inf(raw(any.lo), -1);
  mpfr_set_inf(raw(any.hi), 1);
  return {{any, tier::multiprecision, false, {}}};
}

}  // namespace

template <class R>
std::vector<rounded_component<R>> solve_cholesky(const interval_substitution& l, const column_vector& b, question what,
                                                 mpfr_prec_t most_bits) {
  const std::size_t parts = l.parts();
  const auto grids = l.grids_of_x(b);
  std::vector<rounded_component<R>> x(l.size() * parts, unknown<R>());
  const auto is_settled = [&](const auto& c) { return settled(c, what); };
  for (mpfr_prec_t bits = first_bits; bits <= most_bits; bits *= 2) {
    const enclosures e = l.solve(b, bits).x;
    for (std::size_t k = 0; k < x.size(); ++k)
      if (!is_settled(x[k])) take(e[k], grids[k / parts], x[k].truth, x[k].rounded);
    if (std::all_of(x.begin(), x.end(), is_settled)) break;
  }
  return x;
}

template std::vector<rounded_component<float16>> solve_cholesky(const interval_substitution&, const column_vector&,
                                                                question, mpfr_prec_t);
template std::vector<rounded_component<bfloat16>> solve_cholesky(const interval_substitution&, const column_vector&,
                                                                 question, mpfr_prec_t);
template std::vector<rounded_component<float>> solve_cholesky(const interval_substitution&, const column_vector&,
                                                              question, mpfr_prec_t);
template std::vector<rounded_component<double>> solve_cholesky(const interval_substitution&, const column_vector&,
                                                               question, mpfr_prec_t);

}  // namespace halfulp::linalg
