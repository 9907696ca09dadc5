#include <halfulp/analysis/proof/known_facts.hpp>

#include <algorithm>
#include <optional>

namespace halfulp::proof {

namespace {

std::optional<__int128> number_of(const z3::expr& e) {
  std::int64_t number;
  std::uint64_t large;
  if (!e.is_numeral()) return {};
  if (e.is_numeral_i64(number)) return number;
  if (e.is_numeral_u64(large)) return large;
  return {};
}

struct bound {
  z3::expr term;
  bool lower;
  __int128 number;  // term >= number if lower, else term <= number
};

// The bound of a term that e is, on either side of a comparison and negated or not.
std::optional<bound> bound_of(const z3::expr& e) {
  const bool negated = e.is_not();
  const z3::expr c = negated ? e.arg(0) : e;
  if (!c.is_app()) return {};
  const Z3_decl_kind kind = c.decl().decl_kind();
  if (kind != Z3_OP_LE && kind != Z3_OP_GE) return {};
  const auto left = number_of(c.arg(0)), right = number_of(c.arg(1));
  if (left.has_value() == right.has_value()) return {};
  const bool lower = (kind == Z3_OP_GE) == right.has_value();  // 3 <= x is x >= 3
  const z3::expr term = c.arg(right ? 0 : 1);
  const __int128 number = right ? *right : *left;
  if (!negated) return bound{term, lower, number};
  return bound{term, !lower, lower ? number - 1 : number + 1};
}

// An integer term and the number that e says it is.
std::optional<std::pair<z3::expr, __int128>> value_of(const z3::expr& e) {
  if (!e.is_eq() || !e.arg(0).is_int()) return {};
  for (const unsigned side : {0u, 1u})
    if (const auto number = number_of(e.arg(side))) return std::pair(e.arg(1 - side), *number);
  return {};
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
  one_is_zero_.clear();
  kept_.clear();
  among_.clear();
}

void known_facts::add(const z3::expr& fact) {
  if (!facts_.insert(id(fact)).second) return;
  if (fact.is_and()) {
    for (unsigned k = 0; k < fact.num_args(); ++k) add(fact.arg(k));
    return;
  }
  if (fact.is_not() && fact.arg(0).is_or()) {
    for (unsigned k = 0; k < fact.arg(0).num_args(); ++k) add(kept_.emplace_back((!fact.arg(0).arg(k)).simplify()));
    return;
  }
  add_bound(fact);
  add_zeros(fact);
  for (unsigned k = 0; fact.is_or() && k < fact.num_args(); ++k) among_.emplace(id(fact.arg(k)), fact);
  if (fact.is_not()) exclude(fact.arg(0));
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
  const auto b = bound_of(fact);
  if (!b) return;
  number& known = (b->lower ? lowest_ : highest_).emplace(id(b->term), b->number).first->second;
  known = b->lower ? std::max(known, b->number) : std::min(known, b->number);
}

// A term that is not its least number is at least the next.
void known_facts::exclude(const z3::expr& equation) {
  const auto value = value_of(equation);
  if (!value) return;
  const auto low = lowest_.find(id(value->first)), high = highest_.find(id(value->first));
  if (low != lowest_.end() && low->second == value->second) ++low->second;
  if (high != highest_.end() && high->second == value->second) --high->second;
}

bool known_facts::excluded(const z3::expr& equation) const {
  const auto value = value_of(equation);
  if (!value) return false;
  const auto low = lowest_.find(id(value->first)), high = highest_.find(id(value->first));
  return (low != lowest_.end() && low->second > value->second) ||
         (high != highest_.end() && high->second < value->second);
}

// x = 0, or a disjunction of such.
void known_facts::add_zeros(const z3::expr& fact) {
  std::vector<term> terms;
  for (unsigned k = 0; k < (fact.is_or() ? fact.num_args() : 1); ++k) {
    const auto value = value_of(fact.is_or() ? fact.arg(k) : fact);
    if (!value || value->second != 0) return;
    terms.push_back(id(value->first));
  }
  one_is_zero_.push_back(terms);
}

bool known_facts::is_zero(const z3::expr& product) const {
  std::unordered_set<term> factors;
  for (unsigned k = 0; k < product.num_args(); ++k) factors.insert(id(product.arg(k)));
  if (!product.is_app() || product.decl().decl_kind() != Z3_OP_MUL) factors = {id(product)};
  const auto is_factor = [&](term t) { return factors.count(t) != 0; };
  return std::any_of(one_is_zero_.begin(), one_is_zero_.end(),
                     [&](const auto& terms) { return std::all_of(terms.begin(), terms.end(), is_factor); });
}

bool known_facts::is_left(const z3::expr& goal) const {
  const auto [first, last] = among_.equal_range(id(goal));
  return std::any_of(first, last, [&](const auto& part) {
    const z3::expr& all = part.second;
    for (unsigned k = 0; k < all.num_args(); ++k)
      if (id(all.arg(k)) != id(goal) && !excluded(all.arg(k))) return false;
    return true;
  });
}

bool known_facts::holds(const z3::expr& goal) const {
  if (goal.is_true() || facts_.count(id(goal)) != 0 || is_left(goal)) return true;
  if (goal.is_and() || goal.is_or()) {
    for (unsigned k = 0; k < goal.num_args(); ++k)
      if (holds(goal.arg(k)) != goal.is_and()) return goal.is_or();
    return goal.is_and();
  }
  if (goal.is_not() && excluded(goal.arg(0))) return true;
  const auto b = bound_of(goal);
  if (!b) return false;
  if (is_zero(b->term) && (b->lower ? b->number <= 0 : b->number >= 0)) return true;
  const auto& bounds = b->lower ? lowest_ : highest_;
  const auto known = bounds.find(id(b->term));
  return known != bounds.end() && (b->lower ? known->second >= b->number : known->second <= b->number);
}

}  // namespace halfulp::proof
