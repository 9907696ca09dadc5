// What the facts of a path say word for word: most obligations are among it, and need no solver.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include <z3++.h>

namespace halfulp::proof {

// Terms are compared as they stand, after simplification: equal terms of a context are one object. Facts must outlive
// this, or their terms could be others by then.
class known_facts {
 public:
  void clear();
  // A simplified fact: it, the parts of a conjunction, and what a boolean unknown that holds is defined as.
  void add(const z3::expr& fact);
  // Whether a simplified goal is one of them, a bound that is no tighter, a conjunction of such, or a disjunction that
  // holds one. False says nothing.
  bool holds(const z3::expr& goal) const;

 private:
  using term = unsigned;
  static term id(const z3::expr& e) { return Z3_get_ast_id(e.ctx(), e); }
  void add_definition(const z3::expr& equation);
  void add_bound(const z3::expr& fact);

  std::unordered_set<term> facts_;
  std::unordered_map<term, z3::expr> definitions_;           // of boolean unknowns
  std::unordered_map<term, std::int64_t> lowest_, highest_;  // of integer terms
};

}  // namespace halfulp::proof
