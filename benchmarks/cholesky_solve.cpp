// Times the cholesky_solve kernel, one call after the other, on factors of the gallery: a worker of
// benchmarks/cholesky_solve_beside_torch.py.
// Reads lines "<dtype> <kind> <batch> <n> <k> <calls>" and answers each with one line of JSON: the microseconds of
// each call, how many components each tier decided, and the instruction set in use.

#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include <halfulp/analysis/cases/gallery/factors.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;

template <class T>
void append(const std::vector<T>& from, const tensor& to, std::int64_t m) {
  std::copy(from.begin(), from.end(), to.elements<T>().begin() + m * static_cast<std::int64_t>(from.size()));
}

template <class T>
void time_calls(gallery::factor_kind kind, int batch, int n, int k, int calls) {
  tier_counts decided;
  std::string times;
  for (int turn = 0; turn < calls; ++turn) {
    const tensor x(dtype_of<T>, {batch, n, k}), y(dtype_of<T>, {batch, n, n});
    for (int m = 0; m < batch; ++m) {
      const auto s = gallery::make_system<T>(kind, n, k, static_cast<std::uint64_t>(turn * batch + m));
      append(s.x, x, m);
      append(s.y, y, m);
    }
    const call c(signature_named("cholesky_solve"), {{x.view()}, {y.view()}}, {});
    const auto start = std::chrono::steady_clock::now();
    const auto result = kernels::compute("cholesky_solve", c);
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
    decided += result.decided;
    times += (turn > 0 ? ", " : "") + std::to_string(spent.count());
  }
  std::printf("{\"us\": [%s], \"decided\": {", times.c_str());
  for (std::size_t t = 0; t < tier_names.size(); ++t)
    std::printf("%s\"%s\": %lld", t > 0 ? ", " : "", std::string(tier_names[t]).c_str(),
                static_cast<long long>(decided.count[t]));
  std::printf("}, \"instructions\": \"%s\"}\n", kernels::instruction_set());
  std::fflush(stdout);
}

bool answer(const std::string& line) {
  std::istringstream words(line);
  std::string type, kind;
  int batch = 0, n = 0, k = 0, calls = 0;
  words >> type >> kind >> batch >> n >> k >> calls;
  const auto which = gallery::factor_kind_named(kind);
  const auto dtype = dtype_named(type);
  return words && which && dtype && batch > 0 && n > 0 && k > 0 && calls > 0 &&
         visit_dtype(*dtype, op::cholesky_solve::element_types{},
                     [&](auto tag) { time_calls<typename decltype(tag)::type>(*which, batch, n, k, calls); });
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (answer(line)) continue;
    std::fprintf(
        stderr,
        "halfulp_benchmark_cholesky_solve: the line is '%s'; it may be <dtype> <kind> <batch> <n> <k> <calls>\n",
        line.c_str());
    return 2;
  }
  return 0;
}
