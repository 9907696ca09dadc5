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

TEST_CASE("known facts: a bound is the same on either side and negated") {
  terms t;
  t.add(t.context.int_val(2) <= t.x);
  t.add(!(t.x >= 10));
  CHECK(t.holds(t.x > 1));
  CHECK(t.holds(t.x < 10));
  CHECK(t.holds(t.context.int_val(9) >= t.x));
  CHECK_FALSE(t.holds(t.x > 2));
  CHECK_FALSE(t.holds(t.x < 9));
  CHECK_FALSE(t.holds(!(t.x <= 9)));
}

TEST_CASE("known facts: bounds at the ends of int64 hold and are no tighter than they say") {
  terms t;
  const z3::expr end = t.context.int_val("9223372036854775808");
  t.add(t.x < end);
  CHECK(t.holds(t.x < end));
  CHECK(t.holds(t.x <= t.context.int_val(INT64_MAX)));
  CHECK_FALSE(t.holds(t.x < t.context.int_val(INT64_MAX)));
  CHECK_FALSE(t.holds(t.y < end));
}

TEST_CASE("known facts: a number that is excluded at the end of a range tightens it, one in the middle does not") {
  terms t;
  t.add(t.x >= 0);
  t.add(t.x <= 9);
  t.add(t.x != 5);
  CHECK_FALSE(t.holds(t.x >= 1));
  CHECK_FALSE(t.holds(t.x <= 8));
  t.add(!(t.x == 0 || t.x == 9));
  CHECK(t.holds(t.x >= 1));
  CHECK(t.holds(t.x <= 8));
  CHECK(t.holds(t.x != 0));
  CHECK_FALSE(t.holds(t.x != 1));
  CHECK_FALSE(t.holds(t.x >= 2));
}

TEST_CASE("known facts: a product with a factor 0 is 0, and only then") {
  terms t;
  const z3::expr z = t.context.int_const("z");
  t.add(t.x == 0 || t.y == 0);
  CHECK(t.holds(t.x * t.y * z <= 3));
  CHECK(t.holds(t.x * t.y * z >= 0));
  CHECK_FALSE(t.holds(t.x * t.y * z <= -1));
  CHECK_FALSE(t.holds(t.x * t.y * z >= 1));
  CHECK_FALSE(t.holds(t.x * z <= 3));
  CHECK_FALSE(t.holds(t.x <= 3));
  t.add(z == 1 || t.x == 0);
  CHECK_FALSE(t.holds(t.x * z <= 3));
  t.add(t.x == 0);
  CHECK(t.holds(t.x * z <= 3));
}

TEST_CASE("known facts: of a disjunction that part holds which the bounds leave") {
  terms t;
  t.add(t.x == 0 || t.y == 0 || t.p);
  t.add(t.x >= 1);
  CHECK_FALSE(t.holds(t.p));
  CHECK_FALSE(t.holds(t.y == 0));
  t.add(t.y >= 1);
  CHECK(t.holds(t.p));
  CHECK_FALSE(t.holds(t.q));
  CHECK_FALSE(t.holds(t.x == 0));
}

TEST_CASE("known facts: none is left after clear") {
  terms t;
  t.add(t.p);
  t.add(t.x <= 3);
  t.known.clear();
  CHECK_FALSE(t.holds(t.p));
  CHECK_FALSE(t.holds(t.x <= 3));
}
