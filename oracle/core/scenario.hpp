// One concrete choice of everything that a drive leaves open, and what became of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace halfulp {

struct scenario {
  std::map<std::string, std::int64_t> inputs;               // by the name the drive gives them
  std::map<std::string, std::vector<std::int64_t>> visits;  // iterations to run in long loops
  std::string forgotten_rule;                               // a planted fault: `require` lets this rule pass unchecked

  // x.shape[0]=2 x.shape[1]=0 ...
  std::string text() const {
    std::string s;
    for (const auto& [name, value] : inputs) s += (s.empty() ? "" : " ") + name + "=" + std::to_string(value);
    for (const auto& [name, at] : visits)
      for (const std::int64_t i : at) s += " (" + name + " " + std::to_string(i) + ")";
    return s;
  }
};

struct replay_outcome {
  enum class kind {
    accepted,  // valid, and everything held
    rejected,  // invalid, and an error was thrown
    skipped,   // outside the assumptions of the drive
    failed     // a check failed, or the input was wrongly accepted or rejected
  };
  kind result;
  std::string what;
};

}  // namespace halfulp
