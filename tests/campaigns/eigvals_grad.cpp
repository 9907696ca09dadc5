// Gradients of eigenvalues of matrices that need not be Hermitian, kernel and oracle compared bit for bit, and with what is
// known, with random weights:
//   known      (Gaussian) integers as eigenvalues, multiple and defective, hidden by unimodular similarities, n = 2 ... 16
//   gallery    every kind of matrix, n = 1 ... 16
//   random     uniform entries, n = 1 ... 32
//   referee    every kind, n up to 12: the balls of FLINT's Arb lie inside the oracle's enclosures
//
// tests/campaigns/campaign_program.hpp says how it is run; scripts/bundle.sh makes a folder of it that runs elsewhere.

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/analysis/cases/gallery/known_gradient.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/general_gradient.hpp>
#include <halfulp/oracle/ops/eigvals_grad.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "../linalg/general_referee.hpp"
#include "campaign_program.hpp"

namespace {

using namespace halfulp;
using gallery::general_kind;
using linalg::square_matrix;
using options = tests::campaign_options;
using tests::draw;
using tests::drawn;
using tests::seed_of;
using tests::tally;

template <class T>
using weights_of = std::vector<op::eigvals_grad::weight_t<T>>;

template <class T>
weights_of<T> random_weights(int n, std::uint64_t seed) {
  using P = op::eigvals::part_t<T>;
  gallery::general_builder<T> b(0, seed);
  weights_of<T> w;
  for (int k = 0; k < n; ++k) {
    const P re = narrow<P>(b.uniform());
    w.emplace_back(re, narrow<P>(b.uniform()));
  }
  return w;
}

template <class T>
std::vector<std::complex<double>> widened(const weights_of<T>& w) {
  return {w.begin(), w.end()};
}

template <class T>
auto truth_of(const square_matrix& a, const weights_of<T>& w, linalg::question what, tally& t) {
  auto all = linalg::general_gradient<component_t<T>, op::eigvals::part_t<T>>(a, widened<T>(w), what);
  for (const auto& c : all) t["unknown"] += c.decided ? 0 : 1;
  return all;
}

template <class C>
auto roundings(const std::vector<C>& all) {
  std::vector<decltype(C::rounded)> r;
  for (const auto& c : all) r.push_back(c.rounded);
  return r;
}

/// Runs the kernel on a matrix and counts what differs from `want`.
template <class T>
void run_kernel(const square_matrix& a, const weights_of<T>& dw, const std::vector<component_t<T>>& want, tally& t) {
  const tensor x(dtype_of<T>, {a.n, a.n}), w(dtype_of<op::eigvals_grad::weight_t<T>>, {a.n});
  const auto elements = gallery::elements<T>(a);
  std::copy(elements.begin(), elements.end(), x.elements<T>().begin());
  std::copy(dw.begin(), dw.end(), w.elements<op::eigvals_grad::weight_t<T>>().begin());
  t["matrices"] += 1;
  t["components"] += static_cast<std::int64_t>(want.size());
  try {
    const auto got = kernels::compute("eigvals_grad", {signature_named("eigvals_grad"), {{w.view()}, {x.view()}}, {}});
    const auto dx = components_of<T>(got.outputs[0].view());
    for (std::size_t k = 0; k < want.size(); ++k) t["kernel_wrong"] += to_bits(dx[k]) != to_bits(want[k]);
    for (std::size_t k = 0; k < tier_names.size(); ++k) t[std::string(tier_names[k])] += got.decided.count[k];
  } catch (const undecided&) {
    t["unknown_matrices"] += 1;
  }
}

template <class T>
void known(const options& o, std::int64_t item, tally& t) {
  const auto s = static_cast<gallery::general_spectrum>(item % gallery::general_spectrum_count);
  const auto c = gallery::known_gradient<T>(s, 2 + drawn(item, draw::size, 15), seed_of(o, item));
  const auto truth = truth_of<T>(c.matrix, c.weights, linalg::question::rounding, t);
  for (std::size_t k = 0; k < truth.size(); ++k)
    t["oracle_wrong"] += truth[k].decided && to_bits(truth[k].rounded) != to_bits(c.rounded[k]);
  t["midpoints"] += c.ties;
  run_kernel<T>(c.matrix, c.weights, c.rounded, t);
}

constexpr std::int64_t kinds = std::ssize(gallery::general_kind_names);

template <class T>
void whole_gallery(const options& o, std::int64_t item, tally& t) {
  constexpr int sizes[] = {1, 2, 3, 4, 5, 6, 8, 11, 16};
  const auto which = static_cast<general_kind>(item % kinds);
  const auto a = gallery::make<T>(which, sizes[item / kinds % std::ssize(sizes)], seed_of(o, item));
  const auto w = random_weights<T>(a.n, seed_of(o, item));
  const std::int64_t unknown = t.of("unknown");
  const auto truth = roundings(truth_of<T>(a, w, linalg::question::error, t));
  t["unknown_" + std::string(name_of(which))] += t.of("unknown") - unknown;
  run_kernel<T>(a, w, truth, t);
}

template <class T>
void random_matrices(const options& o, std::int64_t item, tally& t) {
  const auto a = gallery::make<T>(general_kind::uniform, 1 + drawn(item, draw::size, 32), seed_of(o, item));
  const auto w = random_weights<T>(a.n, seed_of(o, item));
  run_kernel<T>(a, w, roundings(truth_of<T>(a, w, linalg::question::rounding, t)), t);
}

template <class T>
void referee(const options& o, std::int64_t item, tally& t) {
  const auto which = static_cast<general_kind>(item % kinds);
  const int n = 2 + static_cast<int>(item / kinds % 11);
  const auto a = gallery::make<T>(which, n, seed_of(o, item));
  const auto w = random_weights<T>(n, seed_of(o, item));
  std::vector<enclosure> ranges;
  for (const auto& c : truth_of<T>(a, w, linalg::question::error, t)) ranges.push_back(c.range);
  const auto verdict = tests::compare_general_gradient_with_arb<op::eigvals::part_t<T>>(a, widened<T>(w), ranges);
  t["matrices"] += 1;
  t["arb_inside"] += verdict == tests::referee_verdict::agrees;
  t["arb_gave_up"] += verdict == tests::referee_verdict::gave_up;
  t["arb_contradicts"] += verdict == tests::referee_verdict::disagrees;
}

struct campaign {
  static constexpr const char* name = "eigvals_grad";
  using element_types = op::eigvals_grad::element_types;
  template <class T>
  static constexpr tests::campaign_part parts[] = {
      {"known", known<T>, 600},
      {"gallery", whole_gallery<T>, 9 * kinds},
      {"random", random_matrices<T>, 1000},
      {"referee", referee<T>, 200},
  };
};

}  // namespace

int main(int argc, char** argv) {
  return tests::campaign_program<campaign>::main(argc, argv);
}
