#include <halfulp/oracle/core/line.hpp>

#include <cmath>

// The same numbers from wider registers: nothing is contracted, so each element is computed alike.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define HALFULP_WIDE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define HALFULP_WIDE_CLONES
#endif

namespace halfulp {

HALFULP_WIDE_CLONES void add_products(double a, const double* x, std::int64_t n, double* sum, double* magnitude) {
#pragma omp simd
  for (std::int64_t j = 0; j < n; ++j) {
    const double p = a * x[j];
    sum[j] += p;
    magnitude[j] += std::abs(p);
  }
}

void add_products(double a, const double* x, std::int64_t x_step, std::int64_t n, double* sum, double* magnitude,
                  std::int64_t step) {
  if (x_step == 1 && step == 1) return add_products(a, x, n, sum, magnitude);
  for (std::int64_t j = 0; j < n; ++j) {
    const double p = a * x[j * x_step];
    sum[j * step] += p;
    magnitude[j * step] += std::abs(p);
  }
}

}  // namespace halfulp
