// Eigenvalues of Hermitian matrices, kernel and oracle compared bit for bit, and with what is known, in six formats:
//   midpoints  matrices whose eigenvalues lie on a rounding midpoint, or beside one by a relative 2^-60 or less
//   gallery    every kind of matrix, n = 1 ... 32 several times, and 64 and 128
//   random     uniform entries, n = 1 ... 64; the oracle's enclosures of some of them hold the balls of FLINT's Arb
//   referee    every kind, n up to 24: the balls of Arb lie inside the oracle's enclosures
//
// tests/campaigns/campaign_program.hpp says how it is run; scripts/bundle.sh makes a folder of it that runs elsewhere.

#include <string>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "../linalg/referee.hpp"
#include "campaign_program.hpp"

namespace {

using namespace halfulp;
using gallery::kind;
using linalg::hermitian_matrix;
using options = tests::campaign_options;
using tests::draw;
using tests::drawn;
using tests::seed_of;
using tests::tally;

/// What the oracle says of a matrix.
template <class R>
std::vector<linalg::eigenvalue<R>> truth_of(const hermitian_matrix& a, linalg::question what, tally& t) {
  const auto values = linalg::eigenvalues<R>(a, what);
  for (const auto& v : values) t["unknown"] += v.decided ? 0 : 1;
  return values;
}

template <class R>
std::vector<R> roundings(const std::vector<linalg::eigenvalue<R>>& values) {
  std::vector<R> r;
  for (const auto& v : values) r.push_back(v.rounded);
  return r;
}

/// How many of the roundings of one matrix differ from `want`.
template <class R>
std::int64_t differing(std::span<const R> got, std::span<const R> want) {
  std::int64_t wrong = 0;
  for (std::size_t k = 0; k < want.size(); ++k) wrong += to_bits(got[k]) != to_bits(want[k]);
  return wrong;
}

/// Runs the kernel on a matrix and counts what differs from `want`.
template <class T, class R = component_t<T>>
void run_kernel(const hermitian_matrix& a, const std::vector<R>& want, tally& t) {
  tensor x(dtype_of<T>, {a.n, a.n});
  const auto elements = gallery::elements<T>(a);
  std::copy(elements.begin(), elements.end(), x.elements<T>().begin());
  t["matrices"] += 1;
  t["eigenvalues"] += a.n;
  try {
    const auto got = kernels::compute("eigvalsh", {signature_named("eigvalsh"), {{x.view()}}, {}});
    t["kernel_wrong"] += differing<R>(got.outputs[0].template elements<R>(), want);
    for (std::size_t k = 0; k < tier_names.size(); ++k) t[std::string(tier_names[k])] += got.decided.count[k];
  } catch (const undecided&) {
    t["unknown"] += a.n;
  }
}

template <class R>
void ask_referee(const hermitian_matrix& a, const std::vector<linalg::eigenvalue<R>>& values, tally& t) {
  std::vector<enclosure> ours;
  for (const auto& v : values) ours.push_back(v.range);
  const auto verdict = tests::compare_with_arb(a, ours);
  t["arb_inside"] += verdict == tests::referee_verdict::agrees;
  t["arb_gave_up"] += verdict == tests::referee_verdict::gave_up;
  t["arb_contradicts"] += verdict == tests::referee_verdict::disagrees;
}

constexpr std::int64_t kinds = std::ssize(gallery::kind_names);

template <class T>
void midpoints(const options& o, std::int64_t item, tally& t) {
  using R = component_t<T>;
  const int order = drawn(item, draw::size, 50) == 0 ? 5 : drawn(item, draw::size, 4);
  const auto c = gallery::near_midpoint<T>(order, drawn(item, draw::coupling, 3) != 0, seed_of(o, item));
  t["on_midpoints"] += c.ties;
  t["beside_midpoints"] += c.near_ties;
  const auto values = truth_of<R>(c.matrix, linalg::question::rounding, t);
  t["oracle_wrong"] += differing<R>(roundings(values), c.rounded);
  run_kernel<T>(c.matrix, c.rounded, t);
}

template <class T>
void whole_gallery(const options& o, std::int64_t item, tally& t) {
  constexpr int sizes[] = {1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 23, 24, 31, 32, 64, 128};
  const auto which = static_cast<kind>(item % kinds);
  const int n = sizes[item / kinds % std::ssize(sizes)];
  const auto a = gallery::make<T>(which, n, seed_of(o, item));
  const auto values = truth_of<component_t<T>>(a, linalg::question::error, t);
  run_kernel<T>(a, roundings(values), t);
}

template <class T>
void random_matrices(const options& o, std::int64_t item, tally& t) {
  const int n = 1 + drawn(item, draw::size, 64);
  const auto a = gallery::make<T>(kind::uniform, n, seed_of(o, item));
  const bool refereed = drawn(item, draw::refereed, o.referee_every) == 0;
  const auto what = refereed ? linalg::question::error : linalg::question::rounding;
  const auto values = truth_of<component_t<T>>(a, what, t);
  run_kernel<T>(a, roundings(values), t);
  if (refereed) ask_referee(a, values, t);
}

template <class T>
void referee(const options& o, std::int64_t item, tally& t) {
  const auto which = static_cast<kind>(item % kinds);
  const int n = item % 100 == 99 ? 24 : 2 + static_cast<int>(item / kinds % 11);
  const auto a = gallery::make<T>(which, n, seed_of(o, item));
  const auto values = truth_of<component_t<T>>(a, linalg::question::error, t);
  t["matrices"] += 1;
  t["eigenvalues"] += n;
  ask_referee(a, values, t);
}

struct campaign {
  static constexpr const char* name = "eigvalsh";
  using element_types = op::eigvalsh::element_types;
  template <class T>
  static constexpr tests::campaign_part parts[] = {
      {"midpoints", midpoints<T>, 8000},
      {"gallery", whole_gallery<T>, 3 * 16 * kinds},
      {"random", random_matrices<T>, 100000},
      {"referee", referee<T>, 250},
  };
};

}  // namespace

int main(int argc, char** argv) {
  return tests::campaign_program<campaign>::main(argc, argv);
}
