// The machine that runs one scenario with every operation, contract, claim and access checked:
// it turns a solver's counterexample into a concrete failure, and runs all small shapes.
#pragma once

#include <functional>
#include <set>

#include <halfulp/oracle/core/checked_int.hpp>
#include <halfulp/oracle/core/machine.hpp>
#include <halfulp/oracle/core/scenario.hpp>

namespace halfulp {

class replay {
 public:
  using integer = checked_int;
  using integer32 = checked_int;
  using boolean = bool;
  using ghost = exact_int;

  struct rejection {
    const char* rule;
  };
  struct outside_assumptions {};
  struct value_buffer {
    std::string name;
    ghost size;
  };
  struct integer_buffer {
    std::string name;
    ghost size;
  };

  // lemma: the contract whose precondition is assumed instead of checked.
  explicit replay(scenario s, std::string lemma = "") : scenario_(std::move(s)), lemma_(std::move(lemma)) {}

  // An input that the scenario leaves open. `likely` is a value that may well be valid.
  struct open_input {
    std::string name;
    std::int64_t lowest = -1, highest = 3;
    const std::int64_t* likely = nullptr;
  };
  // Gives its value; without it, all are 0.
  std::function<std::int64_t(const open_input&)> choose;
  // Kinds of obligation met in this run.
  std::set<std::string> reached;

  // Runs a drive. Everything the drive read is in `inputs` afterwards.
  template <class Drive>
  replay_outcome run(Drive drive);
  const scenario& ran() const { return scenario_; }

  // ---- what geometry uses ----
  template <class... Value>
  void require(bool ok, const char* rule, named<Value>...) {
    reached.insert(std::string("rejects only what is invalid: ") + rule);
    if (!ok && rule != scenario_.forgotten_rule) throw rejection{rule};
  }
  void ensure(bool ok, const char* what) { check(ok, what); }
  template <class F>
  void claim(const char* what, F f) {
    check(f(), what);
  }
  template <class F>
  void claim_any(const char* what, integer n, F f) {
    loop(what, n, [&](idx<replay> i) { check(f(i), what); });
  }
  template <class R, class Pre, class Code, class Post>
  R contract(const char* name, Pre pre, Code code, Post post) {
    enter(name, pre());
    R r = code();
    check(post(r), std::string(name) + ": ensures");
    return r;
  }
  template <class Pre, class Post>
  void lemma(const char* name, Pre pre, Post post) {
    enter(name, pre());
    check(post(), std::string(name) + ": ensures");
  }
  template <class F>
  void each(const char* name, integer n, F f) {
    loop(name, n, f);
  }

  ghost exact(integer x) const { return x; }
  ghost high(ghost a, ghost b) const {
    if (b.v <= 0) return 0;
    return ghost::of(a.v >= 0 ? a.v / b.v : -((-a.v + b.v - 1) / b.v));
  }
  ghost low(ghost a, ghost b) const { return a - high(a, b) * b; }
  ghost times(ghost a, ghost b) const { return a * b; }
  ghost ghost_select(bool b, ghost x, ghost y) const { return b ? x : y; }
  template <class... B>
  static bool all(B... b) {
    return (b && ...);
  }
  template <class... B>
  static bool any(B... b) {
    return (b || ...);
  }
  static bool iff(bool a, bool b) { return a == b; }
  static bool implies(bool a, bool b) { return !a || b; }
  static bool truth(bool b) { return b; }
  static integer select(bool b, integer x, integer y) { return b ? x : y; }
  static integer min(integer a, integer b) { return a < b ? a : b; }
  static integer max(integer a, integer b) { return a < b ? b : a; }
  static integer wide(integer x) { return {x.v, 64}; }
  integer32 narrow(const char* what, integer x) {
    check(x.v >= INT32_MIN && x.v <= INT32_MAX, std::string(what) + " fits in int32");
    return {x.v, 32};
  }

  // ---- what drives use ----
  integer input(const std::string& name) { return value_of({name}); }
  integer input(const std::string& name, int k) { return value_of({nth(name, k)}); }
  integer input(const std::string& name, int k, ghost likely) {
    const std::int64_t hint = std::int64_t(likely.v);
    return value_of({nth(name, k), -1, 3, &hint});
  }
  int pick(const char* name, int lowest, int highest) {
    const std::int64_t v = value_of({name, lowest, highest});
    assume(v >= lowest && v <= highest);
    return int(v);
  }
  void assume(bool b) const {
    if (!b) throw outside_assumptions{};
  }
  template <class R, class F, class Known>
  R apart(const R&, F f, Known known) {
    const R r = f();
    check(known(), "accepts only what is valid");
    return r;
  }
  void spec(bool b) { valid_ = valid_ && b; }
  void accepted() { reached.insert("accepts only what is valid"); }
  value_buffer values(const char* name, ghost size) const { return {name, size}; }
  value_buffer output(const char* name, ghost size) const { return {name, size}; }
  template <class F>
  integer_buffer integers(const char* name, ghost size, F valid) {
    integer_buffer b{name, size};
    if (size.v <= INT64_MAX)  // else the shapes are invalid, and no such buffer exists
      loop("", integer(std::int64_t(size.v)), [&](idx<replay> i) { spec(valid(content(b, i))); });
    return b;
  }
  void load(const value_buffer& b, idx<replay> i) { bounds(b.name, i, b.size); }
  integer load(const integer_buffer& b, idx<replay> i) {
    bounds(b.name, i, b.size);
    return content(b, i);
  }
  template <class F>
  void check_all(const char* name, const integer_buffer& b, F ok, const char* rule) {
    loop(name, integer(std::int64_t(b.size.v)), [&](idx<replay> i) { require(ok(load(b, i)), rule); });
  }
  template <class F>
  void map(const value_buffer& out, integer n, F f) {
    check(exact(n) == out.size, "every element of " + out.name + " is written once");
    loop(out.name.c_str(), n, f);
  }

 private:
  template <class Drive>
  replay_outcome outcome_of(Drive drive);
  void note_operations();
  void check(bool ok, const std::string& what) {
    reached.insert(what);
    if (!ok) throw violation{what};
  }
  void enter(const char* name, bool precondition) {
    if (lemma_ == name && !inside_lemma_) {
      inside_lemma_ = true;
      assume(precondition);
    } else {
      check(precondition, std::string(name) + ": requires");
    }
  }
  void bounds(const std::string& name, idx<replay> i, ghost size) {
    check(i.v >= 0 && exact(i.v) < size, "access to " + name + " is within bounds");
  }
  static std::string nth(const std::string& name, std::int64_t k) { return name + "[" + std::to_string(k) + "]"; }
  std::int64_t value_of(const open_input& in) {
    const auto it = scenario_.inputs.find(in.name);
    if (it != scenario_.inputs.end()) return it->second;
    return scenario_.inputs[in.name] = choose ? choose(in) : 0;
  }
  integer content(const integer_buffer& b, idx<replay> i) {
    const auto it = scenario_.inputs.find(nth(b.name, i.v.v));
    return it != scenario_.inputs.end() ? it->second : value_of({"other elements of " + b.name});
  }
  // Short loops run whole, long ones at both ends and where the scenario says.
  template <class F>
  void loop(const std::string& name, integer n, F f) {
    constexpr std::int64_t whole = 16, ends = 2;
    if (n.v <= whole) {
      for (std::int64_t i = 0; i < n.v; ++i) f(idx<replay>{i, n});
      return;
    }
    std::set<std::int64_t> at;
    for (std::int64_t i = 0; i < ends; ++i) at.insert(i), at.insert(n.v - 1 - i);
    for (const auto& [other, visits] : scenario_.visits)
      if (other == name || name.empty())
        for (const std::int64_t i : visits)
          if (i >= 0 && i < n.v) at.insert(i);
    for (const std::int64_t i : at) f(idx<replay>{i, n});
  }

  scenario scenario_;
  std::string lemma_;
  bool inside_lemma_ = false;
  bool valid_ = true;
};

inline void replay::note_operations() {
  for (int k = 0; k < 8; ++k)
    if ((operations_done >> k & 1u) != 0)
      reached.insert(std::string("no overflow of int") + (k < 4 ? "64" : "32") + " in " + "+-*/"[k % 4]);
  if ((operations_done & 0x88u) != 0) reached.insert("no division by zero");
}

template <class Drive>
replay_outcome replay::run(Drive drive) {
  valid_ = true;
  inside_lemma_ = false;
  operations_done = 0;
  replay_outcome o = outcome_of(drive);
  note_operations();
  return o;
}

template <class Drive>
replay_outcome replay::outcome_of(Drive drive) {
  using kind = replay_outcome::kind;
  try {
    drive(*this);
    if (!valid_) return {kind::failed, "accepted, but invalid"};
    return {kind::accepted, ""};
  } catch (const rejection& r) {
    if (valid_) return {kind::failed, std::string("rejected, but valid: ") + r.rule};
    return {kind::rejected, r.rule};
  } catch (const violation& v) {
    return {kind::failed, v.what};
  } catch (const outside_assumptions&) {
    return {kind::skipped, ""};
  }
}

}  // namespace halfulp
