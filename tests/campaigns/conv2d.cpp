// Millions of outputs of conv2d in each format, each compared with the exact sum, rounded once; some also with MPFR and
// Arb; and hundreds of thousands, of conv2d_transpose too, built to lie at, just above and just below the midpoint of two
// numbers. Takes minutes.
//   halfulp_campaign_conv2d [MULTIPLIER [SEED]]

#include <cstdio>
#include <cstdlib>

#include "ops/conv2d_inputs.hpp"
#include "ops/conv2d_midpoints.hpp"
#include "ops/conv2d_referees.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::tests;

constexpr std::int64_t image_size = 120;    // of the hard cases: more than 10^6 outputs in all
constexpr std::int64_t midpoints = 300000;  // a format, op and kind

struct tally {
  long long outputs = 0, wrong = 0;
  void print(const char* what, std::string_view format, bool transposed = false) const {
    std::printf("%s %s, %s: %lld of %lld outputs wrong\n", transposed ? "conv2d_transpose" : "conv2d",
                std::string(format).c_str(), what, wrong, outputs);
    std::fflush(stdout);
  }
};

template <class T>
void run_hard_cases(random_source& r, tally& exact, tally& refereed, tier_counts& decided) {
  for (const kept_call& c : hard_calls<T>(r, image_size)) {
    const auto a = op::conv2d::bind<T>(*c);
    const auto result = kernels::compute("conv2d", *c);
    const auto y = result.outputs.at(0).template elements<const T>();
    exact.outputs += static_cast<long long>(y.size());
    exact.wrong += wrong_outputs<T>(a, y);
    decided += result.decided;
    for (int k = 0; k < 400; ++k) {
      const std::int64_t i = r.between(0, static_cast<std::int64_t>(y.size()) - 1);
      const double got = widen(y[static_cast<std::size_t>(i)]);
      exact_sum<T> s;
      op::conv2d::accumulate(a, i, s);
      if (s.is_nan_sum() || s.is_infinite_sum()) continue;  // a sum of special values: not for the referees
      const referee_values want = referees<op::conv2d, T>(a, i);
      ++refereed.outputs;
      refereed.wrong += want.mpfr != got || want.arb_low != got || want.arb_high != got;
    }
  }
}

template <class T>
tally run_midpoints(random_source& r, std::int64_t count, int most_log, bool transposed, bool windows) {
  tally all;
  while (all.outputs < count) {
    const auto o =
        windows ? midpoint_windows<T>(r, r.between(20, 600), most_log, 500, transposed)
                : midpoint_convolution<T>(r, r.between(0, 600), most_log, 1500, r.between(0, 1) == 0, transposed);
    all.outputs += o.outputs;
    all.wrong += o.wrong;
  }
  return all;
}

/// Whether nothing was wrong.
template <class T>
bool run_format(double multiplier, std::uint64_t seed) {
  random_source r(seed);
  const std::string_view name = format_of<T>.name;
  tally exact, refereed;
  tier_counts decided;
  for (double k = 0; k < multiplier * 2; ++k) run_hard_cases<T>(r, exact, refereed, decided);
  exact.print("random, cancelling, flat, integer, overflowing and special inputs, by exact sums", name);
  refereed.print("a share of these by MPFR and by Arb", name);
  for (std::size_t t = 0; t < decided.count.size(); ++t)
    std::printf("  decided by %s: %lld\n", std::string(name_of(static_cast<tier>(t))).c_str(),
                static_cast<long long>(decided.count[t]));
  const auto count = static_cast<std::int64_t>(static_cast<double>(midpoints) * multiplier);
  long long wrong = exact.wrong + refereed.wrong;
  for (const bool transposed : {false, true}) {
    for (const bool windows : {false, true}) {
      const std::string of = windows ? ", three wide" : "";
      const tally near = run_midpoints<T>(r, count, midpoint_builder<T>::most_log, transposed, windows);
      near.print(("within 2^-60 of a midpoint or on it" + of).c_str(), name, transposed);
      wrong += near.wrong;
      if (format_of<T>.precision == 11)
        continue;  // binary16 has no products so small: its distances are all of the above
      const tally wider = run_midpoints<T>(r, count, 40, transposed, windows);
      wider.print(("as far from a midpoint as a sum may be wrong" + of).c_str(), name, transposed);
      wrong += wider.wrong;
    }
  }
  return wrong == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const double multiplier = argc > 1 ? std::atof(argv[1]) : 1;
  if (argc > 3 || !(multiplier > 0)) {
    std::fprintf(stderr, "halfulp_campaign_conv2d: the arguments are a multiplier above 0 and a seed\n");
    return 2;
  }
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  bool right = run_format<float16>(multiplier, seed);
  right = run_format<bfloat16>(multiplier, seed) && right;
  right = run_format<float>(multiplier, seed) && right;
  right = run_format<double>(multiplier, seed) && right;
  return right ? 0 : 1;
}
