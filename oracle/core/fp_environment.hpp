#pragma once

#include <cfenv>

namespace halfulp {

/// The floating-point environment that every bound in binary64 is proved for, while it lives: round to nearest, ties
/// to even, subnormal numbers kept (no flush to zero), no traps. The destructor puts the caller's environment back,
/// its exception flags included. One for each thread that computes: environments belong to threads.
class fp_environment {
 public:
  fp_environment() : saved_(current()) {
    std::fesetenv(FE_DFL_ENV);  // the flush modes stand in the same control register
  }
  ~fp_environment() { std::fesetenv(&saved_); }
  fp_environment(const fp_environment&) = delete;
  fp_environment& operator=(const fp_environment&) = delete;

 private:
  static std::fenv_t current() {
    std::fenv_t e;
    std::fegetenv(&e);
    return e;
  }

  std::fenv_t saved_;
};

}  // namespace halfulp
