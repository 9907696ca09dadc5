// Sums of products along a line of outputs, all of them at once.
#pragma once

#include <cstdint>

namespace halfulp {

/// sum[j] += a x[j] and magnitude[j] += |a x[j]| for j in [0, n), each rounded to nearest.
void add_products(double a, const double* x, std::int64_t n, double* sum, double* magnitude);

/// The same with steps between the elements: of x, and of sum and magnitude.
void add_products(double a, const double* x, std::int64_t x_step, std::int64_t n, double* sum, double* magnitude,
                  std::int64_t step);

}  // namespace halfulp
