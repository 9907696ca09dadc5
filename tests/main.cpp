// The main of every test executable, compiled once. A run that fails ends with the seed that repeats it.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <iostream>

#include "random_loops.hpp"

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int wrong_arguments = session.applyCommandLine(argc, argv)) return wrong_arguments;
  const int failed = session.run();
  const Catch::ConfigData& asked = session.configData();
  // A listing returns how many tests it listed.
  const bool listed = asked.listTests || asked.listTestNamesOnly || asked.listTags || asked.listReporters;
  if (failed != 0 && !listed) {
    std::cerr << "seed " << halfulp::tests::seed() << ", HALFULP_TEST_MULTIPLIER " << halfulp::tests::multiplier()
              << "; the same again: --rng-seed " << halfulp::tests::seed() << '\n';
  }
  return failed;
}
