// How hard to try, and faults to plant.
#pragma once

#include <string>

namespace halfulp::proof {

struct prove_options {
  unsigned timeout_ms = 60000;  // for one obligation
  bool stop_at_first = true;    // after the first obligation that is not proved
  long small_shapes_first = 0;  // concrete runs before the proof: they refute most faults at once
  std::string forgotten_rule;   // a planted fault: `require` lets this rule pass unchecked
};

}  // namespace halfulp::proof
