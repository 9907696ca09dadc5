// What can be proved: a drive, on the machine of proofs and on the machine of concrete runs.
#pragma once

#include <functional>
#include <string>

#include <halfulp/oracle/core/replay.hpp>

namespace halfulp::proof {

class sym;

struct subject {
  std::string name;
  std::function<void(sym&)> prove;
  std::function<void(replay&)> check;
  std::string lemma;              // the contract whose statement this is, if it is one
  bool true_division = false;     // high, low and times are interpreted
  bool opaque_quotients = false;  // of a lemma about others: they are not interpreted in it either
};

// One concrete run of the subject.
inline replay_outcome replay_once(const subject& s, replay& m) {
  return m.run(s.check);
}

}  // namespace halfulp::proof
