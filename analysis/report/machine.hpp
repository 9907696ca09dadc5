#pragma once

#include <string>
#include <vector>

namespace halfulp::analysis {

/// The machine that a run was made on, as its operating system describes it.
struct machine {
  std::string processor;                      ///< "AMD EPYC 9654", or the architecture where the system gives no name
  std::string architecture;                   ///< "x86_64"
  int cores = 0;                              ///< that this process may run on
  std::vector<std::string> instruction_sets;  ///< the processor's vector and floating-point extensions: "avx2", "fma"
  std::string kernel;                         ///< "Linux 6.1.0"
  std::string system;                         ///< "Debian GNU/Linux 12 (bookworm)", or empty

  friend bool operator==(const machine&, const machine&) = default;
};

machine this_machine();

}  // namespace halfulp::analysis
