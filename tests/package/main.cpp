#include <halfulp/build_info.hpp>
#include <halfulp/oracle/ops/conv2d.hpp>

#include <cstdio>
#include <string_view>

int main() {
  const std::string_view name = halfulp::op::conv2d{}.name;
  std::printf("halfulp %s: %s\n", halfulp::build_info::version.data(), name.data());
  return name == "conv2d" ? 0 : 1;
}
