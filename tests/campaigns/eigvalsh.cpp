// Eigenvalues of Hermitian matrices, kernel and oracle compared bit for bit, and with what is known, in six formats:
//   midpoints  matrices whose eigenvalues lie on a rounding midpoint, or beside one by a relative 2^-60 or less
//   gallery    every kind of matrix, n = 1 ... 32 several times, and 64 and 128
//   random     uniform entries, n = 1 ... 64; the oracle's enclosures of some of them hold the balls of FLINT's Arb
//   referee    every kind, n up to 24: the balls of Arb lie inside the oracle's enclosures
//
//   halfulp_campaign_eigvalsh [PART ...] [--format DTYPE] [--seed S] [--shard I/N] [--items N] [--referee-every K]
//   halfulp_campaign_eigvalsh --merge < lines of all shards
//
// A shard takes every N-th matrix from the I-th on (0/1: all), and prints one line a part and format. Threads are
// OpenMP's. scripts/bundle.sh makes a folder of it that runs on other machines. Exit code: 0 if nothing is wrong, 1 if something is, 2 for wrong arguments, 3 if something stayed unknown.

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "../linalg/referee.hpp"
#include "shards.hpp"

namespace {

using namespace halfulp;
using gallery::kind;
using linalg::hermitian_matrix;
using tests::tally;

struct options {
  std::vector<std::string> parts;
  std::string format;
  std::uint64_t seed = 0;
  tests::shard part;
  std::int64_t items = 0;  // 0: as many as the part has by default
  std::int64_t referee_every = 200;
};

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

std::uint64_t seed_of(const options& o, std::int64_t item) {
  return o.seed * 1000003 + static_cast<std::uint64_t>(item);
}

/// What is drawn for an item; every shard draws the same.
enum class draw : std::uint64_t { size, coupling, refereed };

/// A number below `count`, by the mixing steps of SplitMix64.
int drawn(std::int64_t item, draw what, std::int64_t count) {
  std::uint64_t x = static_cast<std::uint64_t>(item) * 4 + static_cast<std::uint64_t>(what) + 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return static_cast<int>((x ^ (x >> 31)) % static_cast<std::uint64_t>(count));
}

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

/// A part: what it does with one item, and how many items it has by default, a format.
template <class T>
struct campaign_part {
  const char* name;
  void (*run)(const options&, std::int64_t, tally&);
  std::int64_t items;
};
template <class T>
constexpr campaign_part<T> parts[] = {
    {"midpoints", midpoints<T>, 8000},
    {"gallery", whole_gallery<T>, 3 * 16 * kinds},
    {"random", random_matrices<T>, 100000},
    {"referee", referee<T>, 250},
};

template <class T>
tally run_items(const campaign_part<T>& part, const options& o) {
  const std::int64_t items = o.items > 0 ? o.items : part.items;
  tally sum;
  // in this order, whatever comes first
  for (const char* name : {"matrices", "eigenvalues", "kernel_wrong", "oracle_wrong", "unknown", "arb_contradicts"})
    sum[name] = 0;
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t item = o.part.index; item < items; item += o.part.count) {
    tally t;
    part.run(o, item, t);
#pragma omp critical(halfulp_campaign_tally)
    sum += t;
  }
  return sum;
}

/// 1 if something is wrong, 3 if something is unknown, else 0.
int verdict_of(const tally& t) {
  if (t.of("kernel_wrong") + t.of("oracle_wrong") + t.of("arb_contradicts") != 0) return 1;
  return t.of("unknown") != 0 ? 3 : 0;
}

int worse(int a, int b) {
  return a == 1 || b == 0 ? a : b;
}

template <class T>
int run_format(const options& o) {
  int verdict = 0;
  for (const auto& part : parts<T>) {
    if (!o.parts.empty() && std::find(o.parts.begin(), o.parts.end(), part.name) == o.parts.end()) continue;
    const tally t = run_items(part, o);
    const std::string what = "eigvalsh part=" + std::string(part.name) +
                             " format=" + std::string(name_of(dtype_of<T>)) + " seed=" + std::to_string(o.seed);
    std::printf("%s\n", tests::line_of(what, o.part, t).c_str());
    std::fflush(stdout);
    verdict = worse(verdict, verdict_of(t));
  }
  return verdict;
}

template <class... T>
int run_formats(const options& o, type_list<T...>) {
  int verdict = 0;
  const auto run = [&](auto tag) {
    using E = typename decltype(tag)::type;
    if (o.format.empty() || o.format == name_of(dtype_of<E>)) verdict = worse(verdict, run_format<E>(o));
  };
  (run(type_tag<T>{}), ...);
  return verdict;
}

int merge() {
  const auto all = tests::merged_lines(std::cin);
  int verdict = all.sums.empty() ? 2 : 0;
  for (const auto& [name, t] : all.sums) {
    std::printf("%s %s\n", name.c_str(), t.text().c_str());
    verdict = worse(verdict, verdict_of(t));
  }
  for (const auto& text : all.missing) std::printf("%s\n", text.c_str());
  return all.missing.empty() ? verdict : worse(verdict, 3);
}

[[noreturn]] void refuse(const std::string& what) {
  std::fprintf(stderr, "halfulp_campaign_eigvalsh: %s; see the head of tests/campaigns/eigvalsh.cpp\n", what.c_str());
  std::exit(2);
}

/// A number of at least `least`.
std::int64_t number(const std::string& name, const std::string& text, std::int64_t least) {
  char* end = nullptr;
  const long long n = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || n < least)
    refuse(name + " is '" + text + "' and must be a number of at least " + std::to_string(least));
  return n;
}

void set(options& o, const std::string& name, const std::string& value) {
  if (name == "--format") {
    const auto type = dtype_named(value);
    if (!type || !visit_dtype(*type, op::eigvalsh::element_types{}, [](auto) {}))
      refuse("--format is '" + value + "' and must be one of " + names_of(op::eigvalsh::element_types{}));
    o.format = value;
  } else if (name == "--seed") {
    o.seed = static_cast<std::uint64_t>(number(name, value, 0));
  } else if (name == "--items") {
    o.items = number(name, value, 1);
  } else if (name == "--referee-every") {
    o.referee_every = number(name, value, 1);
  } else if (name == "--shard") {
    const auto s = tests::shard_of(value);
    if (!s) refuse("--shard is '" + value + "' and must be I/N with 0 <= I < N");
    o.part = *s;
  } else {
    refuse("there is no option " + name);
  }
}

options options_of(int argc, char** argv) {
  options o;
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    if (word.starts_with("--")) {
      if (k + 1 == argc) refuse(word + " has no value");
      set(o, word, argv[++k]);
    } else {
      const bool known = std::any_of(std::begin(parts<float>), std::end(parts<float>),
                                     [&](const auto& part) { return word == part.name; });
      if (!known) refuse("the part is '" + word + "' and must be midpoints, gallery, random or referee");
      o.parts.push_back(word);
    }
  }
  return o;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--merge") return merge();
  const options o = options_of(argc, argv);
  const linalg::single_threaded_blas guard;  // threads have matrices of their own
  return run_formats(o, op::eigvalsh::element_types{});
}
