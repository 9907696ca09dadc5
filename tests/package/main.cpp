// The three products whose partial sums overflow float32 and whose sum does not, through an installed copy.
#include <halfulp/build_info.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

#include <algorithm>
#include <cstdio>

int main() {
  const float factors[] = {3e38F, 3e38F, -3e38F};
  const halfulp::tensor x(halfulp::dtype::float32, {1, 1, 1, 3});
  const halfulp::tensor weight(halfulp::dtype::float32, {1, 1, 1, 3});
  std::copy(std::begin(factors), std::end(factors), x.elements<float>().begin());
  std::fill(weight.elements<float>().begin(), weight.elements<float>().end(), 1.0F);
  const halfulp::call call(halfulp::signature_named("conv2d"), {{x.view()}, {weight.view()}}, {});
  const auto result = halfulp::kernels::compute("conv2d", call);
  const float y = result.outputs.at(0).elements<float>()[0];
  std::printf("halfulp %s: 3e38 + 3e38 - 3e38 = %g\n", halfulp::build_info::version.data(), static_cast<double>(y));
  return y == 3e38F ? 0 : 1;
}
