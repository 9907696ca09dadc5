#pragma once

#include <vector>

namespace halfulp::tests {

/// start + image * factor, as kernels/core/tensor_core.cuh multiplies.
struct small_product {
  double image[16][8], factor[8][8], start[16][8];
};

/// The 16 x 8 sums of each, row-major. Throws device_error.
std::vector<double> multiply_on_tensor_core(const std::vector<small_product>& products);

}  // namespace halfulp::tests
