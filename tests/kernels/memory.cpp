// What kernels allocate beside their inputs and outputs. Every allocation of this program is counted: its operator new
// is the one below.
#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>
#include <catch2/catch.hpp>

#include "ops/conv2d_reference.hpp"

namespace {

std::atomic<std::int64_t> in_use{0}, most{0};

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  const std::int64_t now = in_use += static_cast<std::int64_t>(malloc_usable_size(p));
  for (std::int64_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
  }
  return p;
}
void release(void* p) {
  in_use -= static_cast<std::int64_t>(malloc_usable_size(p));
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(std::malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (size + unit) / unit * unit));
}
void operator delete(void* p) noexcept {
  release(p);
}
void operator delete(void* p, std::size_t) noexcept {
  release(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  release(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  release(p);
}

namespace halfulp::tests {
namespace {

constexpr std::int64_t most_bytes = std::int64_t{64} << 20;

tensor random_floats(random_source& r, const extents& shape) {
  tensor t(dtype::float32, shape);
  for (float& v : t.elements<float>()) v = static_cast<float>(r.uniform());
  return t;
}

/// The most that computing an op holds at any time beside its arguments and its outputs.
std::int64_t working_memory(std::string_view op, const call& c) {
  const std::int64_t before = in_use;
  most = before;
  const auto result = kernels::compute(op, c);
  std::int64_t outputs = 0;
  for (const tensor& t : result.outputs) outputs += t.numel() * static_cast<std::int64_t>(sizeof(float));
  CHECK(most - before >= outputs);  // the counter counts
  return most - before - outputs;
}

}  // namespace

TEST_CASE("memory: a convolution needs at most 64 MiB beside its input and output, whatever the layer") {
  HALFULP_RANDOM(r, 431);
  struct row {
    extents x, weight;
    std::int64_t groups;
  };
  for (const auto& [x_shape, w_shape, groups] :
       {row{{1, 2, 2000, 2000}, {2, 1, 3, 3}, 2}, row{{1, 1, 1, 4000000}, {1, 1, 1, 3}, 1},
        row{{1, 1, 3, 1000000}, {6, 1, 3, 3}, 1}, row{{1, 8, 700, 700}, {2, 8, 5, 5}, 1},
        row{{1, 50000, 1, 24}, {8, 50000, 1, 1}, 1}, row{{1, 2048, 4, 4}, {2048, 2048, 1, 1}, 1},
        row{{30000, 3, 7, 7}, {3, 3, 5, 5}, 1},
        // added up in pairs of windows: a large image, many channels, a long line
        row{{1, 32, 300, 300}, {16, 32, 3, 3}, 1}, row{{1, 4096, 12, 24}, {32, 4096, 3, 3}, 1},
        row{{1, 32, 3, 100000}, {16, 32, 3, 3}, 1}}) {
    const tensor x = random_floats(r, x_shape), w = random_floats(r, w_shape);
    INFO("x " << to_string(x_shape) << ", weight " << to_string(w_shape));
    CHECK(working_memory("conv2d", call_of("conv2d", {{x.view()}, {w.view()}}, {{"groups", {groups}}})) <= most_bytes);
  }
}

TEST_CASE("memory: the gradients of a convolution need at most 64 MiB beside their arguments and results") {
  HALFULP_RANDOM(r, 432);
  convolution g;
  g.h = g.w = 700;
  g.group_inputs = 3;
  g.group_outputs = 5;
  g.kernel = {3, 3};
  g.stride = {2, 2};
  const tensor x = random_floats(r, g.x_shape()), w = random_floats(r, g.weight_shape()),
               dy = random_floats(r, g.y_shape());
  for (const bool of_input : {true, false}) {
    argument::list arguments(3);
    arguments[0].value = dy.view();
    arguments[1].value = of_input ? w.view() : x.view();
    arguments[2] = convolution::list(of_input ? g.x_shape() : g.weight_shape());
    const char* op = of_input ? "conv2d_input_grad" : "conv2d_weight_grad";
    INFO(op);
    CHECK(working_memory(op, call_of(op, arguments, g.attributes())) <= most_bytes);
  }
  CHECK(working_memory("conv2d_bias_grad", call_of("conv2d_bias_grad", {{dy.view()}})) <= most_bytes);
}

}  // namespace halfulp::tests
