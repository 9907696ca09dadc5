// Eigenvalues of the gallery's Hermitian matrices, kernel and oracle compared bit for bit, and with what is known:
//   midpoints  matrices whose eigenvalues lie exactly on a rounding midpoint, or within a relative 2^-60 of one
//   gallery    every kind of matrix, n up to 128
//   referee    on 600 matrices, the balls of FLINT's Arb lie inside the oracle's enclosures
//   halfulp_campaign_eigvalsh [midpoints|gallery|referee] [seed]
// Exit code: 0 if nothing is wrong, 1 otherwise. Takes minutes.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "../linalg/referee.hpp"

namespace {

using namespace halfulp;
using gallery::kind;
using formats = op::eigvalsh::element_types;

struct tally {
  long matrices = 0, eigenvalues = 0, ties = 0, near_ties = 0, wrong = 0;
  tier_counts decided;
};

template <class T>
kernels::result kernel_of(const linalg::hermitian_matrix& a) {
  tensor x(dtype_of<T>, {a.n, a.n});
  const auto elements = gallery::elements<T>(a);
  std::copy(elements.begin(), elements.end(), x.elements<T>().begin());
  return kernels::compute("eigvalsh", {signature_named("eigvalsh"), {{x.view()}}, {}});
}

/// How many of the roundings of one matrix differ from `want`.
template <class R>
long differing(std::span<const R> got, std::span<const R> want) {
  long wrong = 0;
  for (std::size_t k = 0; k < want.size(); ++k) wrong += to_bits(got[k]) != to_bits(want[k]);
  return wrong;
}

template <class T>
void add(tally& t, const linalg::hermitian_matrix& a, std::span<const component_t<T>> want) {
  const auto got = kernel_of<T>(a);
  t.wrong += differing<component_t<T>>(got.outputs[0].template elements<component_t<T>>(), want);
  t.decided += got.decided;
  ++t.matrices;
  t.eigenvalues += a.n;
}

template <class R>
std::vector<R> roundings(const std::vector<linalg::eigenvalue<R>>& values) {
  std::vector<R> r;
  for (const auto& v : values) r.push_back(v.decided ? v.rounded : canonical_nan<R>());
  return r;
}

template <class T>
tally midpoints(std::uint64_t seed) {
  tally t;
  for (std::uint64_t k = 0; t.ties < 1000 || t.near_ties < 1000; ++k) {
    const int order = k % 50 == 0 ? 5 : static_cast<int>(k % 4);
    const auto c = gallery::near_midpoint<T>(order, k % 3 != 0, seed * 1000003 + k);
    add<T>(t, c.matrix, c.rounded);
    const auto oracle = roundings(linalg::eigenvalues<component_t<T>>(c.matrix, linalg::question::rounding));
    t.wrong += differing<component_t<T>>(oracle, c.rounded);
    t.ties += c.ties;
    t.near_ties += c.near_ties;
  }
  return t;
}

template <class T>
tally whole_gallery(std::uint64_t seed) {
  tally t;
  for (int round = 0; t.eigenvalues < 10000; ++round) {
    for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) {
      const int n = (const int[]){1, 2, 5, 8, 17, 32, 64, 128}[(static_cast<std::size_t>(round) + k) % 8];
      const auto a = gallery::make<T>(static_cast<kind>(k), n, seed + static_cast<std::uint64_t>(round) * 1009 + k);
      const auto want = roundings(linalg::eigenvalues<component_t<T>>(a, linalg::question::error));
      add<T>(t, a, want);
    }
  }
  return t;
}

template <class T>
tally referee(std::uint64_t seed) {
  tally t;
  for (int k = 0; k < 100; ++k) {
    const auto which = static_cast<kind>(static_cast<std::size_t>(k) % gallery::kind_names.size());
    const int n = k < 98 ? 2 + k % 11 : 24;
    const auto a = gallery::make<T>(which, n, seed + static_cast<std::uint64_t>(k));
    std::vector<enclosure> ours;
    for (const auto& v : linalg::eigenvalues<component_t<T>>(a, linalg::question::error)) ours.push_back(v.range);
    const auto verdict = tests::compare_with_arb(a, ours);
    if (verdict != tests::referee_verdict::agrees)
      std::printf("  %s n = %d seed %d: Arb %s\n", std::string(name_of(which)).c_str(), n, k,
                  verdict == tests::referee_verdict::disagrees ? "disagrees" : "gave up");
    ++t.matrices;
    t.eigenvalues += n;
    t.wrong += verdict == tests::referee_verdict::disagrees;
    t.near_ties += verdict == tests::referee_verdict::agrees;  // printed as what it is
  }
  return t;
}

void print(const std::string& part, std::string_view format, const tally& t) {
  if (part == "referee") {
    std::printf("%-10s %-10s matrices %ld, inside %ld, contradicted %ld\n", part.c_str(), std::string(format).c_str(),
                t.matrices, t.near_ties, t.wrong);
    return;
  }
  std::printf("%-10s %-10s matrices %ld, eigenvalues %ld, on midpoints %ld, beside %ld, wrong %ld; by tier:",
              part.c_str(), std::string(format).c_str(), t.matrices, t.eigenvalues, t.ties, t.near_ties, t.wrong);
  for (std::size_t k = 0; k < tier_names.size(); ++k)
    std::printf(" %s %lld", std::string(tier_names[k]).c_str(), static_cast<long long>(t.decided.count[k]));
  std::printf("\n");
  std::fflush(stdout);
}

template <class... T>
long run_part(const std::string& part, std::uint64_t seed, type_list<T...>) {
  long wrong = 0;
  const auto each = [&](auto tag) {
    using E = typename decltype(tag)::type;
    const tally t = part == "midpoints" ? midpoints<E>(seed)
                    : part == "gallery" ? whole_gallery<E>(seed)
                                        : referee<E>(seed);
    print(part, name_of(dtype_of<E>), t);
    wrong += t.wrong;
  };
  (each(type_tag<T>{}), ...);
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string chosen = argc > 1 ? argv[1] : "";
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  bool known = chosen.empty();
  long wrong = 0;
  for (const std::string part : {"midpoints", "gallery", "referee"}) {
    known = known || part == chosen;
    if (chosen.empty() || part == chosen) wrong += run_part(part, seed, formats{});
  }
  if (!known) {
    std::fprintf(stderr, "halfulp_campaign_eigvalsh: the part is '%s'; it may be midpoints, gallery or referee\n",
                 chosen.c_str());
    return 2;
  }
  return wrong == 0 ? 0 : 1;
}
