// Millions of outputs of conv2d in each format, each compared with the exact sum, rounded once; some also with MPFR and
// Arb; and hundreds of thousands, of conv2d_transpose too, built to lie at, just above and just below the midpoint of two
// numbers; and of windows that are added up in pairs, gradients of inputs too. Takes minutes.
//   halfulp_campaign_conv2d [MULTIPLIER [SEED [MULTIPLIER OF PAIRS]]]

#include <cstdio>
#include <cstdlib>

#include <halfulp/oracle/ops/conv2d_input_grad.hpp>

#include "ops/conv2d_inputs.hpp"
#include "ops/conv2d_midpoints.hpp"
#include "ops/conv2d_referees.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::tests;

constexpr std::int64_t image_size = 120;    // of the hard cases: more than 10^6 outputs in all
constexpr std::int64_t midpoints = 300000;  // a format, op and kind
constexpr std::int64_t paired =
    3000000;  // float32 outputs an op of windows that are added up in pairs; a tenth of other formats

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

template <class Op, class T>
void check_pairs(const call& c, tally& all) {
  const auto a = Op::template bind<T>(c);
  const auto result = kernels::compute(Op::name, c);
  const auto y = result.outputs.at(0).template elements<const T>();
  all.outputs += static_cast<long long>(y.size());
  long long wrong = 0;
#pragma omp parallel for schedule(dynamic, 64) reduction(+ : wrong)
  for (std::size_t i = 0; i < y.size(); ++i) {
    exact_sum<T> s;
    Op::accumulate(a, static_cast<std::int64_t>(i), s);
    wrong += to_bits(s.template round<T>()) != to_bits(y[i]);
  }
  all.wrong += wrong;
}

/// conv2d and the gradient of its input, on layers of every geometry in which windows are paired.
template <class T>
long long run_pairs(random_source& r, std::int64_t count) {
  tally forward, backward;
  while (forward.outputs < count || backward.outputs < count) {
    convolution g = paired_convolution(r);
    g.h = r.between(g.h, 20);
    g.w = r.between(g.w, 70);
    if (!g.valid()) continue;
    const content kind =
        r.between(0, 2) > 0 ? content::uniform : every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<T>(r, kind, g.x_shape()), w = random_tensor<T>(r, kind, g.weight_shape()),
                 dy = random_tensor<T>(r, kind, g.y_shape()), bias = random_tensor<T>(r, kind, {g.outputs()});
    auto named = g.attributes();
    check_pairs<op::conv2d_input_grad, T>(
        call_of("conv2d_input_grad", {{dy.view()}, {w.view()}, convolution::list(g.x_shape())}, named), backward);
    if (r.between(0, 1) == 1) named["bias"] = {bias.view()};
    check_pairs<op::conv2d, T>(call_of("conv2d", {{x.view()}, {w.view()}}, named), forward);
  }
  const std::string_view name = format_of<T>.name;
  forward.print("pairs of windows, by exact sums", name);
  std::printf("gradients of inputs: ");
  backward.print("pairs of windows, by exact sums", name);
  return forward.wrong + backward.wrong;
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
bool run_format(double multiplier, std::uint64_t seed, double of_pairs) {
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
  if (!std::is_same_v<T, double>)
    wrong += run_pairs<T>(
        r, static_cast<std::int64_t>(static_cast<double>(paired) * of_pairs / (std::is_same_v<T, float> ? 1 : 10)));
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
  const double of_pairs = argc > 3 ? std::atof(argv[3]) : multiplier;
  if (argc > 4 || !(multiplier > 0) || !(of_pairs > 0)) {
    std::fprintf(stderr, "halfulp_campaign_conv2d: the arguments are a multiplier above 0, a seed and a multiplier\n");
    return 2;
  }
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  bool right = run_format<float16>(multiplier, seed, of_pairs);
  right = run_format<bfloat16>(multiplier, seed, of_pairs) && right;
  right = run_format<float>(multiplier, seed, of_pairs) && right;
  right = run_format<double>(multiplier, seed, of_pairs) && right;
  return right ? 0 : 1;
}
