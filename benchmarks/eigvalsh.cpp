// Times the eigvalsh kernel, one matrix a call, on matrices of the gallery: a worker of
// benchmarks/eigvalsh_beside_torch.py.
// Reads lines "<dtype> <kind> <n> <matrices>" and answers each with one line of JSON: the microseconds of each call,
// how many eigenvalues each tier decided, and the kernel that OpenBLAS chose.

#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include <cblas.h>

#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;

template <class T>
void time_calls(gallery::kind k, int n, int matrices) {
  tier_counts decided;
  std::string times;
  for (int m = 0; m < matrices; ++m) {
    tensor x(dtype_of<T>, {n, n});
    const auto elements = gallery::elements<T>(gallery::make<T>(k, n, static_cast<std::uint64_t>(m)));
    std::copy(elements.begin(), elements.end(), x.template elements<T>().begin());
    const call c(signature_named("eigvalsh"), {{x.view()}}, {});
    const auto start = std::chrono::steady_clock::now();
    const auto result = kernels::compute("eigvalsh", c);
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
    decided += result.decided;
    times += (m > 0 ? ", " : "") + std::to_string(spent.count());
  }
  std::printf("{\"us\": [%s], \"decided\": {", times.c_str());
  for (std::size_t t = 0; t < tier_names.size(); ++t)
    std::printf("%s\"%s\": %lld", t > 0 ? ", " : "", std::string(tier_names[t]).c_str(),
                static_cast<long long>(decided.count[t]));
  std::printf("}, \"openblas\": \"%s\"}\n", openblas_get_corename());
  std::fflush(stdout);
}

bool answer(const std::string& line) {
  std::istringstream words(line);
  std::string type, kind;
  int n = 0, matrices = 0;
  words >> type >> kind >> n >> matrices;
  const auto which = gallery::kind_named(kind);
  const auto dtype = dtype_named(type);
  return words && which && dtype && n > 0 && matrices > 0 &&
         visit_dtype(*dtype, op::eigvalsh::element_types{},
                     [&](auto tag) { time_calls<typename decltype(tag)::type>(*which, n, matrices); });
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (answer(line)) continue;
    std::fprintf(stderr, "halfulp_benchmark_eigvalsh: the line is '%s'; it may be <dtype> <kind> <n> <matrices>\n",
                 line.c_str());
    return 2;
  }
  return 0;
}
