// Gradients of eigenvalues, kernel and oracle compared bit for bit, and with what is known, in six formats:
//   midpoints  gradients with rounding midpoints on their diagonals
//   gallery    every kind of matrix and random weights, n = 1 ... 12
//   random     uniform entries, n = 1 ... 32; the oracle's enclosures of some of them hold the balls of FLINT's Arb
//
//   halfulp_campaign_eigvalsh_grad [midpoints|gallery|random] [seed] [matrices]
// Exit code: 0 if nothing is wrong, 1 otherwise, 3 if something stayed unknown.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <halfulp/analysis/cases/gallery/midpoint_gradient.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/gradient.hpp>
#include <halfulp/oracle/ops/eigvalsh_grad.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "../linalg/referee.hpp"
#include "shards.hpp"

namespace {

using namespace halfulp;
using gallery::kind;
using linalg::hermitian_matrix;
using tests::tally;

template <class R>
std::vector<double> widened(const std::vector<R>& w) {
  std::vector<double> wide;
  for (const R x : w) wide.push_back(widen(x));
  return wide;
}

/// Weights uniform in [-1/2, 1/2).
template <class R>
std::vector<R> random_weights(int n, std::uint64_t seed) {
  gallery::hermitian_builder<R> b(0, seed);
  std::vector<R> w;
  for (int k = 0; k < n; ++k) w.push_back(narrow<R>(b.uniform()));
  return w;
}

/// The kernel's components beside `want`; a kernel that gives up counts as unknown.
template <class T>
void compare_kernel(const hermitian_matrix& a, const std::vector<component_t<T>>& weights,
                    const std::vector<component_t<T>>& want, tally& t) {
  using R = component_t<T>;
  const tensor x(dtype_of<T>, {a.n, a.n}), w(dtype_of<R>, {a.n});
  const auto elements = gallery::elements<T>(a);
  std::copy(elements.begin(), elements.end(), x.elements<T>().begin());
  std::copy(weights.begin(), weights.end(), w.elements<R>().begin());
  ++t["matrices"];
  t["components"] += static_cast<std::int64_t>(want.size());
  try {
    const auto got =
        kernels::compute("eigvalsh_grad", {signature_named("eigvalsh_grad"), {{w.view()}, {x.view()}}, {}});
    const auto components = components_of<T>(got.outputs[0].view());
    for (std::size_t k = 0; k < want.size(); ++k) t["wrong"] += to_bits(components[k]) != to_bits(want[k]);
    for (std::size_t k = 0; k < tier_names.size(); ++k) t[std::string(tier_names[k])] += got.decided.count[k];
  } catch (const undecided&) {
    ++t["unknown"];
  }
}

template <class T>
void check(const hermitian_matrix& a, std::uint64_t seed, bool with_referee, tally& t) {
  using R = component_t<T>;
  const fp_environment environment;
  const auto weights = random_weights<R>(a.n, seed);
  const auto wide = widened(weights);
  std::vector<R> want;
  std::vector<enclosure> ranges;
  for (const auto& c : linalg::gradient<R>(a, wide, linalg::question::error)) {
    t["undecided"] += c.decided ? 0 : 1;
    want.push_back(c.rounded);
    ranges.push_back(c.range);
  }
  compare_kernel<T>(a, weights, want, t);
  if (!with_referee) return;
  const auto verdict = tests::compare_gradient_with_arb(a, wide, ranges);
  t["inside"] += verdict == tests::referee_verdict::agrees;
  t["wrong"] += verdict == tests::referee_verdict::disagrees;
}

template <class T>
tally run_part(const std::string& part, std::uint64_t seed, std::int64_t matrices) {
  tally t;
  for (std::int64_t k = 0; k < matrices; ++k) {
    const std::uint64_t own = seed * 1000003 + static_cast<std::uint64_t>(k);
    if (part == "midpoints") {
      const auto c = gallery::midpoint_gradient<T>(1 + static_cast<int>(k % 2), own);
      compare_kernel<T>(c.matrix, c.weights, c.rounded, t);
      t["midpoints"] += c.matrix.n;
    } else if (part == "gallery") {
      const auto kinds = static_cast<std::int64_t>(gallery::kind_names.size());
      const auto which = static_cast<kind>(k % kinds);
      check<T>(gallery::make<T>(which, 1 + static_cast<int>(k / kinds % 12), own), own, false, t);
    } else {
      const auto n = static_cast<int>(1 + k % 32);
      check<T>(gallery::make<T>(kind::uniform, n, own), own, n <= 12, t);
    }
  }
  return t;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string chosen = argc > 1 ? argv[1] : "";
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  const std::int64_t matrices = argc > 3 ? std::strtoll(argv[3], nullptr, 10) : 1080;
  tally sum;
  bool known = false;
  for (const std::string part : {"midpoints", "gallery", "random"}) {
    if (!chosen.empty() && part != chosen) continue;
    known = true;
    [&]<class... T>(type_list<T...>) {
      const auto each = [&](auto tag) {
        using E = typename decltype(tag)::type;
        const tally t = run_part<E>(part, seed, matrices);
        std::printf("%s %s seed=%llu %s\n", part.c_str(), std::string(name_of(dtype_of<E>)).c_str(),
                    static_cast<unsigned long long>(seed), t.text().c_str());
        std::fflush(stdout);
        sum += t;
      };
      (each(type_tag<T>{}), ...);
    }(op::eigvalsh_grad::element_types{});
  }
  if (!known) {
    std::fprintf(stderr, "halfulp_campaign_eigvalsh_grad: the part is '%s'; it may be midpoints, gallery or random\n",
                 chosen.c_str());
    return 2;
  }
  if (sum.of("wrong") > 0) return 1;
  return sum.of("undecided") + sum.of("unknown") > 0 ? 3 : 0;
}
