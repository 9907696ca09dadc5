#pragma once

#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include <cblas.h>

#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

/// Times a kernel of eigenvalues on matrices of the gallery: the worker of benchmarks/<op>_beside_torch.py.
/// Reads lines "<dtype> <kind> <n> <batch> <calls>" and answers each with one line of JSON: the microseconds of each call
/// on a batch of n x n matrices, how many eigenvalues (or parts of them) each tier decided, and what ran: the instruction
/// set that Highway chose and the kernel that OpenBLAS chose.
///
/// Gallery has: op; kind_named(name); make<T>(kind, n, seed), the elements of a matrix.
namespace halfulp::benchmarks {

template <class Gallery>
class eigenvalue_worker {
 public:
  static int main() {
    for (std::string line; std::getline(std::cin, line);) {
      if (answer(line)) continue;
      std::fprintf(stderr, "halfulp_benchmark_%s: the line is '%s'; it may be <dtype> <kind> <n> <batch> <calls>\n",
                   name, line.c_str());
      return 2;
    }
    return 0;
  }

 private:
  static constexpr const char* name = Gallery::op::name;

  template <class T, class Kind>
  static tensor matrices(Kind k, int n, int batch, int call) {
    tensor x(dtype_of<T>, {batch, n, n});
    auto to = x.template elements<T>().begin();
    for (int m = 0; m < batch; ++m) {
      const auto elements = Gallery::template make<T>(k, n, static_cast<std::uint64_t>(call * batch + m));
      to = std::copy(elements.begin(), elements.end(), to);
    }
    return x;
  }

  template <class T, class Kind>
  static void time_calls(Kind k, int n, int batch, int calls) {
    tier_counts decided;
    std::string times;
    for (int m = 0; m < calls; ++m) {
      const tensor x = matrices<T>(k, n, batch, m);
      const call c(signature_named(name), {{x.view()}}, {});
      const auto start = std::chrono::steady_clock::now();
      const auto result = kernels::compute(name, c);
      const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
      decided += result.decided;
      times += (m > 0 ? ", " : "") + std::to_string(spent.count());
    }
    std::printf("{\"us\": [%s], \"decided\": {", times.c_str());
    for (std::size_t t = 0; t < tier_names.size(); ++t)
      std::printf("%s\"%s\": %lld", t > 0 ? ", " : "", std::string(tier_names[t]).c_str(),
                  static_cast<long long>(decided.count[t]));
    std::printf("}, \"ran\": \"%s, OpenBLAS %s\"}\n", kernels::instruction_set(), openblas_get_corename());
    std::fflush(stdout);
  }

  static bool answer(const std::string& line) {
    std::istringstream words(line);
    std::string type, kind;
    int n = 0, batch = 0, calls = 0;
    words >> type >> kind >> n >> batch >> calls;
    const auto which = Gallery::kind_named(kind);
    const auto dtype = dtype_named(type);
    return words && which && dtype && n > 0 && batch > 0 && calls > 0 &&
           visit_dtype(*dtype, typename Gallery::op::element_types{},
                       [&](auto tag) { time_calls<typename decltype(tag)::type>(*which, n, batch, calls); });
  }
};

}  // namespace halfulp::benchmarks
