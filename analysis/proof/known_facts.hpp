// What the facts of a path say word for word: most obligations are among it, and need no solver.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <z3++.h>

namespace halfulp::proof {

// Terms are compared as they stand, after simplification: equal terms of a context are one object. Facts must outlive
// this, or their terms could be others by then.
class known_facts {
 public:
  void clear();
  // A simplified fact: it, the parts of a conjunction, what a boolean unknown that holds is defined as, and the bound
  // that it is or that "not this number" tightens.
  void add(const z3::expr& fact);
  // Whether a simplified goal is one of them, a bound that is no tighter, a number that the bounds exclude, a
  // conjunction of such, a disjunction that holds one, what a known disjunction leaves once the bounds exclude the rest,
  // or a bound that 0 meets of a product of which a factor is 0. False says nothing.
  bool holds(const z3::expr& goal) const;

 private:
  using number = __int128;  // one more or less than a 64-bit one fits
  using term = unsigned;
  static term id(const z3::expr& e) { return Z3_get_ast_id(e.ctx(), e); }
  void add_definition(const z3::expr& equation);
  void add_bound(const z3::expr& fact);
  void exclude(const z3::expr& equation);
  bool excluded(const z3::expr& equation) const;
  void add_zeros(const z3::expr& fact);
  bool is_zero(const z3::expr& product) const;
  bool is_left(const z3::expr& goal) const;

  std::unordered_set<term> facts_;
  std::deque<z3::expr> kept_;                          // facts that stand in none of those added
  std::unordered_map<term, z3::expr> definitions_;     // of boolean unknowns
  std::unordered_map<term, number> lowest_, highest_;  // of integer terms
  std::vector<std::vector<term>> one_is_zero_;         // of each, at least one term
  std::unordered_multimap<term, z3::expr> among_;      // of a part of a disjunction: the disjunction
};

}  // namespace halfulp::proof
