// What a certified answer costs: the oracle of eigvals beside FLINT's certified eigenvalues, one thread, one run.
//   ratio      time to know every rounding of a random matrix; FLINT (acb_mat_approx_eig_qr, acb_mat_eig_simple) starts at
//              the precision, of 64, 96 and 128 bits, at which it ends soonest, and doubles it as needed
//   defective  12 x 12 matrices in Jordan blocks, hidden by unimodular similarities: FLINT proves nothing about these
//   halfulp_benchmark_eigvals_oracle [ratio|defective] [seed]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <arb.h>
#include <cblas.h>
#include <omp.h>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/oracle/core/dtype.hpp>
#include <halfulp/oracle/linalg/batch.hpp>

#include "../tests/linalg/general_referee.hpp"
#include "beside_flint.hpp"

namespace {

using namespace halfulp;
using benchmarks::median;
using benchmarks::milliseconds;
using gallery::general_kind;

/// Whether the balls give every rounding to R. A part whose ball holds 0 counts as decided: FLINT cannot tell that an
/// eigenvalue is real, and is not asked to.
template <class R>
bool all_decided(const std::vector<tests::complex_enclosure>& balls) {
  const auto known = [](const enclosure& e) { return decide<R>(e).decided() || e.contains_zero(); };
  return !balls.empty() &&
         std::all_of(balls.begin(), balls.end(), [&](const auto& b) { return known(b.re) && known(b.im); });
}

template <class R>
void decide_with_flint(const linalg::square_matrix& a, long bits) {
  while (!all_decided<R>(tests::arb_general_eigenvalues(a, bits, tests::arb_certificate::simple))) bits *= 2;
}

/// How many eigenvalues stay without a rounding.
template <class R>
int decide_with_oracle(const linalg::square_matrix& a) {
  const auto values = linalg::general_eigenvalues<R>(a, linalg::question::rounding);
  return static_cast<int>(std::count_if(values.begin(), values.end(), [](const auto& v) { return !v.decided(); }));
}

/// Prints one line, and returns how many eigenvalues the oracle left without a rounding.
template <class R>
int compare(int n, int count, double asked, std::uint64_t seed) {
  std::vector<linalg::square_matrix> matrices;
  for (int k = 0; k < count; ++k)
    matrices.push_back(gallery::make<R>(general_kind::uniform, n, seed + static_cast<std::uint64_t>(k)));
  int left = 0;
  benchmarks::compare_with_flint<R>(
      matrices, asked, [&](const auto& a) { left += decide_with_oracle<R>(a); }, decide_with_flint<R>);
  return left;
}

int ratio(std::uint64_t seed) {
  return compare<double>(16, 21, 5, seed) + compare<double>(64, 5, 25, seed) + compare<double>(128, 1, 40, seed) +
         compare<float>(64, 5, 60, seed);
}

template <class T>
int defective(std::uint64_t seed) {
  std::vector<double> times;
  int left = 0;
  for (std::uint64_t k = 0; k < 20; ++k) {
    const auto a = gallery::make<T>(general_kind::prescribed_defective, 12, seed + k);
    times.push_back(milliseconds([&] { left += decide_with_oracle<op::eigvals::part_t<T>>(a); }));
  }
  std::printf("%-10s n = 12 defective  oracle %.3f ms, at most %.3f ms, asked 1000 ms\n",
              std::string(name_of(dtype_of<T>)).c_str(), median(times), *std::max_element(times.begin(), times.end()));
  return left;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string part = argc > 1 ? argv[1] : "";
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  if (!part.empty() && part != "ratio" && part != "defective") {
    std::fprintf(stderr, "halfulp_benchmark_eigvals_oracle: the part is '%s'; it may be ratio or defective\n",
                 part.c_str());
    return 2;
  }
  omp_set_num_threads(1);
  const linalg::single_threaded_blas one_thread;
  std::printf("FLINT %s, Arb %s, OpenBLAS kernel %s, one thread\n", FLINT_VERSION, arb_version,
              openblas_get_corename());
  int left = 0;
  if (part != "defective") left += ratio(seed);
  if (part != "ratio") left += defective<double>(seed) + defective<std::complex<double>>(seed);
  std::printf("%d roundings left undecided\n", left);
  return left == 0 ? 0 : 3;
}
