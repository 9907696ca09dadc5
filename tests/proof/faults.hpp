// Planted faults: a fault is an op whose geometry differs in one place. The prover must refute it.
#pragma once

#include <halfulp/analysis/proof/prove.hpp>
#include <halfulp/analysis/proof/subject_of.hpp>

#include <catch2/catch.hpp>

namespace halfulp::proof {

// Refuting needs no long tries: they are for proofs.
inline prove_options short_tries() {
  prove_options o;
  o.timeout_ms = 5000;
  return o;
}

// An op with another geometry.
template <class Op, template <class> class Geometry>
struct with {
  static constexpr const char* name = Op::name;
  template <class M>
  static void drive(M& m) {
    Op::template drive_as<Geometry>(m);
  }
};

// Refuted, and the concrete counterexample fails on `replay` too.
inline void check_refuted(const proof_result& r) {
  INFO(summary(r));
  REQUIRE(r.result == outcome::refuted);
  REQUIRE(r.open.size() == 1);
  CHECK(r.open[0].refuted);
  CHECK_FALSE(r.open[0].replayed.empty());
}

// What z3 leaves undecided is looked for among small shapes.
inline proof_result refuted_in_time(const subject& s, prove_options o) {
  proof_result r = prove_subject(s, o);
  if (r.result == outcome::refuted || o.small_shapes_first > 0) return r;
  o.small_shapes_first = 40000;
  return prove_subject(s, o);
}

// small_shapes_first: for faults that the solver alone takes long to find.
template <class Fault>
void check_fault(long small_shapes_first = 0) {
  const subject s = subject_of<Fault>();
  prove_options o = short_tries();
  o.small_shapes_first = small_shapes_first;
  const proof_result r = refuted_in_time(s, o);
  check_refuted(r);
  replay again(r.open[0].counterexample);
  CHECK(replay_once(s, again).result == replay_outcome::kind::failed);
}

// The op without the check of one rule.
template <class Op>
void check_rule_is_needed(const std::string& rule, long small_shapes_first = 0) {
  prove_options o = short_tries();
  o.small_shapes_first = small_shapes_first;
  o.forgotten_rule = rule;
  const proof_result r = refuted_in_time(subject_of<Op>(), o);
  INFO("forgotten: " << rule);
  check_refuted(r);
}

}  // namespace halfulp::proof
