// What a proof says.
#pragma once

#include <string>
#include <vector>

#include <halfulp/oracle/core/scenario.hpp>
#include <halfulp/oracle/core/verdict.hpp>

namespace halfulp::proof {

enum class [[nodiscard]] outcome{
    proved,   // for all inputs, and each kind of obligation was met in a concrete run
    refuted,  // by a concrete input, on which `replay` fails too
    vacuous,  // some kind of obligation is met by no concrete run that was found
    unknown   // the solver did not decide, or its counterexample did not replay
};

constexpr const char* name_of(outcome o) {
  constexpr const char* names[] = {"proved", "refuted", "vacuous", "unknown"};
  return names[static_cast<int>(o)];
}
constexpr verdict verdict_of(outcome o) {
  return o == outcome::proved ? verdict::holds : o == outcome::refuted ? verdict::fails : verdict::unknown;
}

// An obligation that was not proved.
struct finding {
  std::string obligation;
  bool refuted = false;  // by `counterexample`, confirmed by `replay`
  scenario counterexample;
  std::string replayed;  // what `replay` said about it
};

struct proof_result {
  std::string name;
  outcome result = outcome::unknown;
  long by_solver = 0;      // obligations proved by the solver
  long by_rewriting = 0;   // obligations that simplification alone proves
  long paths = 0;          // of the program text, loops taken as one iteration
  long cases = 0;          // choices of rank, layout and the like
  long concrete_runs = 0;  // replays that show that the obligations are met
  double seconds = 0;
  double slowest_seconds = 0;
  std::string slowest;
  std::vector<finding> open;           // empty if proved or vacuous
  std::vector<std::string> unreached;  // kinds of obligation without a concrete run
  std::vector<std::string> lemmas;     // contracts that the proof rests on
};

}  // namespace halfulp::proof
