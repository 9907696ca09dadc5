#include <halfulp/analysis/proof/sym.hpp>

namespace halfulp::proof {

namespace {

sym_exact opaque_of(const char* name, const sym_exact& a, const sym_exact& b, const z3::expr& true_one) {
  const explorer& x = explorer::current();
  if ((x.inside_lemma && !x.goal().opaque_quotients) || x.goal().true_division) return sym_exact(true_one);
  const z3::sort integers = solver_context().int_sort();
  return sym_exact(solver_context().function(name, integers, integers, integers)(a.e, b.e));
}

}  // namespace

sym_exact sym::high(const ghost& a, const ghost& b) const {
  return opaque_of("high", a, b, a.e / b.e);
}
sym_exact sym::low(const ghost& a, const ghost& b) const {
  return opaque_of("low", a, b, z3::mod(a.e, b.e));
}

sym_exact sym::times(const ghost& a, const ghost& b) const {
  return opaque_of("times", a, b, a.e * b.e);
}

sym_int sym::input(const std::string& name) {
  const z3::expr e = solver_context().int_const(name.c_str());
  at().add_input(name, e);
  at().assume(fits_in(e, 64));
  return sym_int(e);
}

void sym::require_rule(const sym_bool& ok, const char* rule) {
  explorer& x = at();
  if (x.muted == 0 && !x.inside_lemma)
    x.obligation(std::string("rejects only what is invalid: ") + rule, ok.e || !x.valid());
  if (rule == x.options().forgotten_rule) return;
  if (ok.e.simplify().is_false()) throw path_end{};
  x.assume(ok.e);
}

void sym::accepted() {
  for (const z3::expr& s : at().spec()) at().obligation("accepts only what is valid", s);
}

void sym::bounds(const std::string& name, const idx<sym>& i, const ghost& size) {
  at().obligation("access to " + name + " is within bounds", i.v.e >= 0 && i.v.e < size.e);
}

sym_int sym::load(const integer_buffer& b, const idx<sym>& i) {
  bounds(b.name, i, b.size);
  explorer& x = at();
  sym_int v(x.fresh(b.name));
  x.assume(fits_in(v.e, 64));
  x.add_element(b.name, i.v.e, v.e);
  if (b.checked)
    x.assume(b.checked(v).e);
  else
    x.add_spec(b.valid(v).e);
  return v;
}

// Equations of products and quotients are nonlinear: the solver is given them only if it needs them.
void sym::assume_parts(const z3::expr& e) {
  if (!e.is_and()) return at().assume(e, e.is_eq());
  for (unsigned i = 0; i < e.num_args(); ++i) assume_parts(e.arg(i));
}

sym_int sym::unknown(const char* name) {
  sym_int r(at().fresh(name));
  at().assume(fits_in(r.e, 64));
  return r;
}

sym_int sym::opaque(const integer& x) {
  sym_int r(at().name_for(x.e, "t"), x.bits);
  at().assume(fits_in(r.e, x.bits));
  return r;
}

}  // namespace halfulp::proof
