#include <halfulp/analysis/proof/known_facts.hpp>

#include <algorithm>
#include <optional>

namespace halfulp::proof {

namespace {

// Whether e is `term <= number` or `term >= number` (the kind), and the number.
std::optional<std::int64_t> bound_of(const z3::expr& e, Z3_decl_kind kind) {
  std::int64_t number;
  if (!e.is_app() || e.decl().decl_kind() != kind) return {};
  if (!e.arg(1).is_numeral() || !e.arg(1).is_numeral_i64(number)) return {};
  return number;
}

bool is_unknown(const z3::expr& e) {
  return e.is_const() && e.decl().decl_kind() == Z3_OP_UNINTERPRETED;
}

}  // namespace

void known_facts::clear() {
  facts_.clear();
  definitions_.clear();
  lowest_.clear();
  highest_.clear();
}

void known_facts::add(const z3::expr& fact) {
  if (!facts_.insert(id(fact)).second) return;
  if (fact.is_and()) {
    for (unsigned k = 0; k < fact.num_args(); ++k) add(fact.arg(k));
    return;
  }
  add_bound(fact);
  if (fact.is_eq() && fact.arg(0).is_bool()) add_definition(fact);
  const auto meaning = definitions_.find(id(fact));
  if (meaning != definitions_.end()) add(z3::expr(meaning->second));
}

void known_facts::add_definition(const z3::expr& equation) {
  for (const unsigned side : {0u, 1u}) {
    const z3::expr name = equation.arg(side), meaning = equation.arg(1 - side);
    if (!is_unknown(name)) continue;
    definitions_.emplace(id(name), meaning);
    if (facts_.count(id(name)) != 0) add(meaning);
  }
}

void known_facts::add_bound(const z3::expr& fact) {
  if (const auto least = bound_of(fact, Z3_OP_GE)) {
    std::int64_t& known = lowest_.emplace(id(fact.arg(0)), *least).first->second;
    known = std::max(known, *least);
  } else if (const auto most = bound_of(fact, Z3_OP_LE)) {
    std::int64_t& known = highest_.emplace(id(fact.arg(0)), *most).first->second;
    known = std::min(known, *most);
  }
}

bool known_facts::holds(const z3::expr& goal) const {
  if (goal.is_true() || facts_.count(id(goal)) != 0) return true;
  if (goal.is_and() || goal.is_or()) {
    for (unsigned k = 0; k < goal.num_args(); ++k)
      if (holds(goal.arg(k)) != goal.is_and()) return goal.is_or();
    return goal.is_and();
  }
  if (const auto least = bound_of(goal, Z3_OP_GE)) {
    const auto known = lowest_.find(id(goal.arg(0)));
    return known != lowest_.end() && known->second >= *least;
  }
  if (const auto most = bound_of(goal, Z3_OP_LE)) {
    const auto known = highest_.find(id(goal.arg(0)));
    return known != highest_.end() && known->second <= *most;
  }
  return false;
}

}  // namespace halfulp::proof
