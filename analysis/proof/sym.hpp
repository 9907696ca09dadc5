// The machine of proofs: integers are solver terms, `if` forks, a loop is one symbolic iteration.
#pragma once

#include <functional>
#include <string>

#include <halfulp/analysis/proof/explorer.hpp>
#include <halfulp/analysis/proof/term.hpp>
#include <halfulp/oracle/core/index.hpp>

namespace halfulp::proof {

class sym {
 public:
  using integer = sym_int;
  using integer32 = sym_int;
  using boolean = sym_bool;
  using ghost = sym_exact;

  struct value_buffer {
    std::string name;
    ghost size;
  };
  struct integer_buffer {
    std::string name;
    ghost size;
    std::function<sym_bool(sym_int)> valid;    // of the specification
    std::function<sym_bool(sym_int)> checked;  // what the code has made sure of, once it has
  };

  // ---- what geometry uses ----
  template <class... Value>
  void require(const sym_bool& ok, const char* rule, named<Value>...) {
    require_rule(ok, rule);
  }
  void ensure(const sym_bool& b, const char* what) { at().obligation(what, b.e); }
  template <class F>
  void claim(const char* what, F f) {
    at().obligation(what, f().e);
  }
  template <class F>
  void claim_any(const char* what, integer n, F f) {
    iteration(what, n, [&](idx<sym> i) { at().obligation(what, sym_bool(f(i)).e); });
  }
  template <class R, class Pre, class Code, class Post>
  R contract(const char* name, Pre pre, Code code, Post post);
  template <class Pre, class Post>
  void lemma(const char* name, Pre pre, Post post);
  template <class F>
  void each(const char* name, integer n, F f) {
    iteration(name, n, f);
  }

  ghost exact(const integer& x) const { return ghost(x.e); }
  // Quotient, remainder, product: true ones in a lemma about them, else uninterpreted functions of both
  // arguments, of which the lemmas' statements are known.
  ghost high(const ghost& a, const ghost& b) const;
  ghost low(const ghost& a, const ghost& b) const;
  ghost times(const ghost& a, const ghost& b) const;
  ghost ghost_select(const sym_bool& b, const ghost& x, const ghost& y) const { return ghost(z3::ite(b.e, x.e, y.e)); }
  template <class... B>
  static sym_bool all(const B&... b) {
    return sym_bool(z3::mk_and(list(b...)));
  }
  template <class... B>
  static sym_bool any(const B&... b) {
    return sym_bool(z3::mk_or(list(b...)));
  }
  static sym_bool iff(const sym_bool& a, const sym_bool& b) { return sym_bool(a.e == b.e); }
  static sym_bool implies(const sym_bool& a, const sym_bool& b) { return sym_bool(z3::implies(a.e, b.e)); }
  static sym_bool truth(bool b) { return b; }
  static integer select(const sym_bool& b, const integer& x, const integer& y) {
    return integer(z3::ite(b.e, x.e, y.e), x.bits > y.bits ? x.bits : y.bits);
  }
  static integer min(const integer& a, const integer& b) { return select(a < b, a, b); }
  static integer max(const integer& a, const integer& b) { return select(a < b, b, a); }
  static integer wide(const integer& x) { return integer(x.e, 64); }
  integer32 narrow(const char* what, const integer& x) {
    at().obligation(std::string(what) + " fits in int32", fits_in(x.e, 32));
    return integer32(x.e, 32);
  }

  // ---- what drives use ----
  integer input(const std::string& name);
  integer input(const std::string& name, int k) { return input(name + "[" + std::to_string(k) + "]"); }
  integer input(const std::string& name, int k, const ghost&) { return input(name, k); }
  int pick(const char* name, int lowest, int highest) { return at().pick(name, lowest, highest); }
  void assume(const sym_bool& b) { at().assume(b.e); }
  // What f makes sure of is `known`. That is proved apart, so that its paths are not those of what follows, which goes
  // on with `same`, but for the numbers that only f knows.
  template <class R, class F, class Known>
  R apart(const R& same, F f, Known known);
  void spec(const sym_bool& b) { at().add_spec(b.e); }
  void accepted();
  value_buffer values(const char* name, const ghost& size) const { return {name, size}; }
  value_buffer output(const char* name, const ghost& size) const { return {name, size}; }
  template <class F>
  integer_buffer integers(const char* name, const ghost& size, F valid) const {
    return {name, size, valid, nullptr};
  }
  void load(const value_buffer& b, const idx<sym>& i) { bounds(b.name, i, b.size); }
  integer load(const integer_buffer& b, const idx<sym>& i);
  template <class F>
  void check_all(const char* name, integer_buffer& b, F ok, const char* rule);
  template <class F>
  void map(const value_buffer& out, const integer& n, F f) {
    at().obligation("every element of " + out.name + " is written once", n.e == out.size.e);
    iteration(out.name.c_str(), n, f);
  }

 private:
  static explorer& at() { return explorer::current(); }
  template <class... B>
  static z3::expr_vector list(const B&... b) {
    z3::expr_vector v(solver_context());
    (v.push_back(sym_bool(b).e), ...);
    return v;
  }
  // One iteration, explored apart: the paths of what follows are not multiplied by those of the body.
  template <class F>
  void iteration(const char* name, const integer& n, F f) {
    if (at().choose(2) == 1) return;
    const integer i(at().fresh(name));
    at().add_visit(name, i.e);
    at().assume(i.e >= 0 && i.e < n.e);
    at().end_unless_possible();
    f(idx<sym>{i, exact(n)});
    throw path_end{};
  }
  void require_rule(const sym_bool& ok, const char* rule);
  void bounds(const std::string& name, const idx<sym>& i, const ghost& size);
  void assume_parts(const z3::expr& e);

  static integer unknown(const char* name);
  static integer opaque(const integer& x);
  static sym_bool opaque(const sym_bool& x) { return sym_bool(at().name_for(x.e, "b")); }
  static idx<sym> opaque(const idx<sym>& x) { return {opaque(x.v), x.n}; }
  static hi_lo<sym> opaque(const hi_lo<sym>& x) { return {opaque(x.hi), opaque(x.lo)}; }
  static index_range<sym> opaque(const index_range<sym>& x) { return {opaque(x.first), opaque(x.end)}; }
};

template <class R, class Pre, class Code, class Post>
R sym::contract(const char* name, Pre pre, Code code, Post post) {
  explorer& x = at();
  if (x.goal().lemma == name && !x.inside_lemma) {  // the body is proved to meet its contract
    x.inside_lemma = true;
    x.assume(sym_bool(pre()).e);
    R r = code();
    x.obligation(std::string(name) + ": ensures", sym_bool(post(r)).e);
    x.inside_lemma = false;
    return r;
  }
  x.use_lemma(name);
  x.obligation(std::string(name) + ": requires", sym_bool(pre()).e);
  ++x.muted;
  R r = opaque(code());
  --x.muted;
  assume_parts(sym_bool(post(r)).e);
  return r;
}

template <class R, class F, class Known>
R sym::apart(const R& same, F f, Known known) {
  if (at().choose(2) == 0) {
    (void)f();
    at().obligation("accepts only what is valid", sym_bool(known()).e);
    throw path_end{};
  }
  assume_parts(sym_bool(known()).e);
  R r = same;
  r.numel = unknown("number of elements");
  return r;
}

template <class Pre, class Post>
void sym::lemma(const char* name, Pre pre, Post post) {
  explorer& x = at();
  if (x.goal().lemma == name && !x.inside_lemma) {
    x.inside_lemma = true;
    x.assume(sym_bool(pre()).e);
    x.obligation(std::string(name) + ": ensures", sym_bool(post()).e);
    x.inside_lemma = false;
    return;
  }
  x.use_lemma(name);
  x.obligation(std::string(name) + ": requires", sym_bool(pre()).e);
  x.assume(sym_bool(post()).e);
}

template <class F>
void sym::check_all(const char* name, integer_buffer& b, F ok, const char* rule) {
  iteration(name, integer(b.size.e), [&](const idx<sym>& i) {
    const integer v = load(b, i);
    require_rule(ok(v), rule);
    at().obligation("accepts only what is valid", b.valid(v).e);
  });
  b.checked = ok;
}

}  // namespace halfulp::proof
