// The time of the oracle of conv2d for float32 data beside LibTorch's float64 convolution of the same numbers, both on
// one thread, run in turn:
//   halfulp_benchmark_conv2d_oracle [REPEATS]
// Prints the least wall times in milliseconds, their ratio, and the outputs that each tier decided.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <omp.h>

#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/cases/case.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;
using namespace halfulp::analysis;

struct layer {
  const char *name, *x, *weight;
  int stride, padding, groups;
};
constexpr layer layers[] = {
    {"64x56x56 k3", "[1, 64, 56, 56]", "[64, 64, 3, 3]", 1, 1, 1},
    {"2048x7x7 k1", "[1, 2048, 7, 7]", "[512, 2048, 1, 1]", 1, 0, 1},
    {"3x224x224 k7 s2", "[1, 3, 224, 224]", "[64, 3, 7, 7]", 2, 3, 1},
    {"depthwise 256x28x28 k3", "[1, 256, 28, 28]", "[256, 1, 3, 3]", 1, 1, 256},
};

halfulp::analysis::test_case case_of(const layer& l, const std::string& type) {
  const auto tensor = [&](const char* shape, int seed) {
    return R"({"tensor": {"dtype": ")" + type + R"(", "shape": )" + shape +
           R"(, "fill": {"kind": "uniform", "seed": )" + std::to_string(seed) + "}}}";
  };
  return parse_case(R"({"api": "conv2d", "kwargs": {"x": )" + tensor(l.x, 1) + R"(, "weight": )" + tensor(l.weight, 2) +
                        R"(, "stride": )" + std::to_string(l.stride) + R"(, "padding": )" + std::to_string(l.padding) +
                        R"(, "groups": )" + std::to_string(l.groups) + "}}",
                    l.name);
}

struct timing {
  double oracle = INFINITY, torch = INFINITY;
  tier_counts decided;
};

timing measure(const layer& l, backend& torch, int repeats) {
  const auto narrow = case_of(l, "float32"), wide = case_of(l, "float64");
  const prepared_case p = prepare(narrow);
  const call bound(signature_named(p.op), p.args, p.kwargs);
  timing t;
  for (int k = 0; k < repeats; ++k) {
    const auto start = std::chrono::steady_clock::now();
    const auto truths = evaluate(p.op, bound);
    t.oracle = std::min(t.oracle, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    if (k == 0)
      for (const component_truth& c : truths.at(0).components) ++t.decided[c.reached];
    t.torch = std::min(t.torch, torch.run(wide).seconds);
  }
  return t;
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 5;
  setenv("OMP_NUM_THREADS", "1", 1);  // of LibTorch's process
  omp_set_num_threads(1);
  const backend_entry& entry = backend_named("torch");
  if (const auto missing = entry.missing(); !missing.empty()) {
    std::fprintf(stderr, "%s\n", missing.c_str());
    return 2;
  }
  isolated_backend torch(entry, default_timeout);
  for (const layer& l : layers) {
    const timing t = measure(l, torch, repeats);
    std::printf("%s: oracle %.2f ms, LibTorch float64 %.2f ms, ratio %.2f; decided by", l.name, t.oracle * 1e3,
                t.torch * 1e3, t.oracle / t.torch);
    for (std::size_t k = 0; k < t.decided.count.size(); ++k)
      std::printf(" %s %lld", std::string(tier_names[k]).c_str(), static_cast<long long>(t.decided.count[k]));
    std::printf("\n");
  }
}
