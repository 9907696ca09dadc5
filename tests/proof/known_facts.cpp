// What holds word for word, and above all what does not: a wrong yes would prove anything.
#include <halfulp/analysis/proof/known_facts.hpp>

#include <vector>

#include <catch2/catch.hpp>

using halfulp::proof::known_facts;

namespace {

struct terms {
  z3::context context;
  z3::expr x = context.int_const("x"), y = context.int_const("y");
  z3::expr p = context.bool_const("p"), q = context.bool_const("q");
  std::vector<z3::expr> kept;  // facts outlive what is known of them
  known_facts known;

  void add(const z3::expr& fact) { known.add(kept.emplace_back(fact.simplify())); }
  bool holds(const z3::expr& goal) { return known.holds(goal.simplify()); }
};

}  // namespace

TEST_CASE("known facts: nothing holds but true before there are facts") {
  terms t;
  CHECK(t.holds(t.context.bool_val(true)));
  CHECK_FALSE(t.holds(t.context.bool_val(false)));
  CHECK_FALSE(t.holds(t.p));
  CHECK_FALSE(t.holds(t.x <= 3));
}

TEST_CASE("known facts: a bound holds where a known one is at least as tight") {
  terms t;
  t.add(t.x <= 3);
  t.add(t.x <= 9);
  t.add(t.x >= -2);
  t.add(t.x >= -7);
  CHECK(t.holds(t.x <= 3));
  CHECK(t.holds(t.x <= 4));
  CHECK_FALSE(t.holds(t.x <= 2));
  CHECK(t.holds(t.x >= -2));
  CHECK(t.holds(t.x >= -3));
  CHECK_FALSE(t.holds(t.x >= -1));
  CHECK_FALSE(t.holds(t.y <= 4));
  CHECK_FALSE(t.holds(t.x >= 4));
}

TEST_CASE("known facts: all parts of a conjunction are needed, one of a disjunction") {
  terms t;
  t.add(t.p && t.x * t.y <= 3);
  CHECK(t.holds(t.y * t.x <= 3));
  CHECK(t.holds(t.p && t.x * t.y <= 5));
  CHECK_FALSE(t.holds(t.p && t.q));
  CHECK(t.holds(t.q || t.p));
  CHECK_FALSE(t.holds(t.q || !t.p));
}

TEST_CASE("known facts: a disjunction says nothing of its parts") {
  terms t;
  t.add(t.p || t.q);
  CHECK(t.holds(t.p || t.q));
  CHECK_FALSE(t.holds(t.p));
  CHECK_FALSE(t.holds(t.q));
}

TEST_CASE("known facts: what a boolean unknown stands for holds once the unknown does") {
  terms t;
  t.add(t.p == (t.x <= 3));
  CHECK_FALSE(t.holds(t.x <= 3));
  t.add(!t.q);
  CHECK_FALSE(t.holds(t.x <= 3));
  t.add(t.p);
  CHECK(t.holds(t.x <= 3));
  t.add(t.q == (t.y <= 3));
  CHECK_FALSE(t.holds(t.y <= 3));
}

TEST_CASE("known facts: none is left after clear") {
  terms t;
  t.add(t.p);
  t.add(t.x <= 3);
  t.known.clear();
  CHECK_FALSE(t.holds(t.p));
  CHECK_FALSE(t.holds(t.x <= 3));
}
