// Eigenvalues of matrices that need not be Hermitian, kernel and oracle compared bit for bit, and with what is known:
//   midpoints  matrices with eigenvalues whose parts lie on a rounding midpoint, or beside one by a relative 2^-60 or less
//   prescribed (Gaussian) integers, multiple and defective, hidden by unimodular similarities, n = 2 ... 16
//   gallery    every kind of matrix, n = 1 ... 32
//   random     uniform entries, n = 1 ... 64
//   referee    every kind, n up to 12: the balls of FLINT's Arb lie inside the oracle's enclosures
//
// tests/campaigns/campaign_program.hpp says how it is run; scripts/bundle.sh makes a folder of it that runs elsewhere.

#include <string>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
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
using eigenvalue_of = std::complex<op::eigvals::part_t<T>>;

/// What the oracle says of a matrix.
template <class T>
auto truth_of(const square_matrix& a, linalg::question what, tally& t) {
  auto values = linalg::general_eigenvalues<op::eigvals::part_t<T>>(a, what);
  for (const auto& v : values) t["unknown"] += v.decided() ? 0 : 1;
  return values;
}

template <class R>
std::vector<std::complex<R>> roundings(const std::vector<linalg::complex_eigenvalue<R>>& values) {
  std::vector<std::complex<R>> w;
  for (const auto& v : values) w.emplace_back(v.re.rounded, v.im.rounded);
  return w;
}

/// How many of `want` are not among `got`, by their bits.
template <class R>
std::int64_t missing(std::vector<std::complex<R>> got, const std::vector<std::complex<R>>& want) {
  std::int64_t count = 0;
  for (const auto& x : want) {
    const auto at = std::find_if(got.begin(), got.end(), [&](const auto& y) {
      return to_bits(x.real()) == to_bits(y.real()) && to_bits(x.imag()) == to_bits(y.imag());
    });
    if (at == got.end()) {
      ++count;
    } else {
      got.erase(at);
    }
  }
  return count;
}

/// Runs the kernel on a matrix and counts what differs from `want`, order included.
template <class T>
void run_kernel(const square_matrix& a, const std::vector<eigenvalue_of<T>>& want, tally& t) {
  tensor x(dtype_of<T>, {a.n, a.n});
  const auto elements = gallery::elements<T>(a);
  std::copy(elements.begin(), elements.end(), x.elements<T>().begin());
  t["matrices"] += 1;
  t["eigenvalues"] += a.n;
  try {
    const auto got = kernels::compute("eigvals", {signature_named("eigvals"), {{x.view()}}, {}});
    const auto w = got.outputs[0].template elements<eigenvalue_of<T>>();
    for (std::size_t k = 0; k < want.size(); ++k)
      t["kernel_wrong"] += missing<op::eigvals::part_t<T>>({w[k]}, {want[k]});
    for (std::size_t k = 0; k < tier_names.size(); ++k) t[std::string(tier_names[k])] += got.decided.count[k];
  } catch (const undecided&) {
    t["unknown"] += a.n;
  }
}

constexpr std::int64_t kinds = std::ssize(gallery::general_kind_names);

template <class T>
void check_known(const gallery::known_general_case<T>& c, tally& t) {
  t["on_midpoints"] += c.ties;
  t["beside_midpoints"] += c.near_ties;
  const auto w = roundings(truth_of<T>(c.matrix, linalg::question::rounding, t));
  t["oracle_wrong"] += missing(w, c.rounded);
  run_kernel<T>(c.matrix, w, t);
}

/// The 16-bit formats have no entries with as many bits as a midpoint of float32 has.
template <class T>
void midpoints(const options& o, std::int64_t item, tally& t) {
  if constexpr (format_of<T>.precision == format_of<op::eigvals::part_t<T>>.precision)
    check_known(gallery::near_midpoint_general<T>(drawn(item, draw::coupling, 3) != 0, seed_of(o, item)), t);
}

template <class T>
void prescribed(const options& o, std::int64_t item, tally& t) {
  const auto s = static_cast<gallery::general_spectrum>(item % gallery::general_spectrum_count);
  check_known(gallery::prescribed<T>(s, 2 + drawn(item, draw::size, 15), seed_of(o, item)), t);
}

template <class T>
void whole_gallery(const options& o, std::int64_t item, tally& t) {
  constexpr int sizes[] = {1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 20, 24, 32};
  const auto which = static_cast<general_kind>(item % kinds);
  const auto a = gallery::make<T>(which, sizes[item / kinds % std::ssize(sizes)], seed_of(o, item));
  run_kernel<T>(a, roundings(truth_of<T>(a, linalg::question::error, t)), t);
}

template <class T>
void random_matrices(const options& o, std::int64_t item, tally& t) {
  const auto a = gallery::make<T>(general_kind::uniform, 1 + drawn(item, draw::size, 64), seed_of(o, item));
  run_kernel<T>(a, roundings(truth_of<T>(a, linalg::question::rounding, t)), t);
}

template <class T>
void referee(const options& o, std::int64_t item, tally& t) {
  const auto which = static_cast<general_kind>(item % kinds);
  const int n = 2 + static_cast<int>(item / kinds % 11);
  const auto a = gallery::make<T>(which, n, seed_of(o, item));
  const auto verdict = tests::compare_general_with_arb(a, tests::ranges_of(truth_of<T>(a, linalg::question::error, t)));
  t["matrices"] += 1;
  t["eigenvalues"] += n;
  t["arb_inside"] += verdict == tests::referee_verdict::agrees;
  t["arb_gave_up"] += verdict == tests::referee_verdict::gave_up;
  t["arb_contradicts"] += verdict == tests::referee_verdict::disagrees;
}

struct campaign {
  static constexpr const char* name = "eigvals";
  using element_types = op::eigvals::element_types;
  template <class T>
  static constexpr tests::campaign_part parts[] = {
      {"midpoints", midpoints<T>, 2500},
      {"prescribed", prescribed<T>, 3000},
      {"gallery", whole_gallery<T>, 3 * 13 * kinds},
      {"random", random_matrices<T>, 100000},
      {"referee", referee<T>, 400},
  };
};

}  // namespace

int main(int argc, char** argv) {
  return tests::campaign_program<campaign>::main(argc, argv);
}
