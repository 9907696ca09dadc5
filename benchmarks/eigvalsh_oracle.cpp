// What a certified answer costs: the oracle of eigvalsh beside FLINT's certified eigenvalues, one thread, one run.
//   ratio   time to know every rounding of a random symmetric matrix; FLINT (acb_mat_approx_eig_qr, acb_mat_eig_simple)
//           starts at the precision, of 64, 96 and 128 bits, at which it ends soonest, and doubles it as needed
//   growth  the oracle alone, n = 8 ... 512, with the fitted exponent of n and the share decided by each tier; a kind of
//           matrix that takes more than 4 s at one size is not tried at twice that size
//   halfulp_benchmark_eigvalsh_oracle [ratio|growth] [seed]

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <arb.h>
#include <cblas.h>
#include <omp.h>

#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/oracle/core/dtype.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>

#include "../tests/linalg/referee.hpp"
#include "beside_flint.hpp"

namespace {

using namespace halfulp;
using benchmarks::median;
using benchmarks::milliseconds;
using gallery::kind;

/// Whether the balls, narrower than the eigenvalues' distances, give every rounding to R.
template <class R>
bool all_decided(const std::vector<enclosure>& balls) {
  return !balls.empty() &&
         std::all_of(balls.begin(), balls.end(), [](const enclosure& e) { return decide<R>(e).decided(); });
}

template <class R>
void decide_with_flint(const linalg::hermitian_matrix& a, long bits) {
  while (!all_decided<R>(tests::arb_eigenvalues(a, bits, tests::arb_certificate::simple))) bits *= 2;
}

/// How many eigenvalues stay without a rounding.
template <class R>
int decide_with_oracle(const linalg::hermitian_matrix& a, tier_counts& decided) {
  int left = 0;
  for (const auto& v : linalg::eigenvalues<R>(a, linalg::question::rounding)) {
    ++decided[v.reached];
    left += v.decided ? 0 : 1;
  }
  return left;
}

template <class R>
std::vector<linalg::hermitian_matrix> random_matrices(int n, int count, std::uint64_t seed) {
  std::vector<linalg::hermitian_matrix> list;
  for (int k = 0; k < count; ++k)
    list.push_back(gallery::make<R>(kind::uniform, n, seed + static_cast<std::uint64_t>(k)));
  return list;
}

/// Prints one line, and returns how many eigenvalues the oracle left without a rounding.
template <class R>
int compare(int n, int count, double asked, std::uint64_t seed) {
  tier_counts decided;
  int left = 0;
  benchmarks::compare_with_flint<R>(
      random_matrices<R>(n, count, seed), asked, [&](const auto& a) { left += decide_with_oracle<R>(a, decided); },
      decide_with_flint<R>);
  return left;
}

int ratio(std::uint64_t seed) {
  return compare<double>(16, 21, 10, seed) + compare<double>(64, 5, 25, seed) + compare<double>(128, 3, 25, seed) +
         compare<float>(64, 5, 60, seed);
}

/// The exponent b of the least-squares line log y = a + b log x.
double fitted_exponent(const std::vector<double>& x, const std::vector<double>& y) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    sx += std::log(x[k]);
    sy += std::log(y[k]);
    sxx += std::log(x[k]) * std::log(x[k]);
    sxy += std::log(x[k]) * std::log(y[k]);
  }
  const double count = static_cast<double>(x.size());
  return (count * sxy - sx * sy) / (count * sxx - sx * sx);
}

template <class R>
int growth_of(kind which, std::uint64_t seed) {
  std::vector<double> sizes, costs;
  int left = 0;
  std::printf("%-8s %s\n", std::string(name_of(dtype_of<R>)).c_str(), std::string(name_of(which)).c_str());
  constexpr double most = 4000;  // ms
  for (int n = 8; n <= 512 && (costs.empty() || costs.back() < most); n *= 2) {
    std::vector<double> times;
    tier_counts decided;
    for (int k = 0; k < std::clamp(512 / n, 1, 15); ++k) {
      const auto a = gallery::make<R>(which, n, seed + static_cast<std::uint64_t>(k));
      times.push_back(milliseconds([&] { left += decide_with_oracle<R>(a, decided); }));
    }
    sizes.push_back(n);
    costs.push_back(median(times));
    std::printf("  n = %3d %12.3f ms; share decided by tier:", n, costs.back());
    for (std::size_t t = 0; t < tier_names.size(); ++t)
      std::printf(" %s %.3f", std::string(tier_names[t]).c_str(),
                  static_cast<double>(decided.count[t]) / (n * static_cast<double>(times.size())));
    std::printf("\n");
    std::fflush(stdout);
  }
  std::printf("  fitted: n^%.2f over all, n^%.2f from n = 64 on\n", fitted_exponent(sizes, costs),
              fitted_exponent({sizes.begin() + 3, sizes.end()}, {costs.begin() + 3, costs.end()}));
  return left;
}

int growth(std::uint64_t seed) {
  int left = 0;
  for (const kind which : {kind::uniform, kind::graded_reversed, kind::clustered, kind::integer_singular, kind::zero})
    left += growth_of<double>(which, seed);
  return left + growth_of<float>(kind::uniform, seed);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string part = argc > 1 ? argv[1] : "";
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  if (!part.empty() && part != "ratio" && part != "growth") {
    std::fprintf(stderr, "halfulp_benchmark_eigvalsh_oracle: the part is '%s'; it may be ratio or growth\n",
                 part.c_str());
    return 2;
  }
  omp_set_num_threads(1);
  const linalg::single_threaded_blas one_thread;
  std::printf("FLINT %s, Arb %s, OpenBLAS kernel %s, one thread\n", FLINT_VERSION, arb_version,
              openblas_get_corename());
  int left = 0;
  if (part != "growth") left += ratio(seed);
  if (part != "ratio") left += growth(seed);
  std::printf("%d roundings left undecided\n", left);
  return left == 0 ? 0 : 3;
}
