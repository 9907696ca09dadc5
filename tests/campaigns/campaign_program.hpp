#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <halfulp/oracle/core/dtype.hpp>
#include <halfulp/oracle/linalg/batch.hpp>

#include "shards.hpp"

/// The program of a campaign that has parts, runs in formats and is cut into shards:
///
///   PROGRAM [PART ...] [--format DTYPE] [--seed S] [--shard I/N] [--items N] [--referee-every K]
///   PROGRAM --merge < lines of all shards
///
/// A shard takes every N-th item from the I-th on (0/1: all), and prints one line a part and format. Threads are OpenMP's.
/// Exit code: 0 if nothing is wrong, 1 if something is, 2 for wrong arguments, 3 if something stayed unknown.
namespace halfulp::tests {

struct campaign_options {
  std::vector<std::string> parts;
  std::string format;
  std::uint64_t seed = 0;
  shard part;
  std::int64_t items = 0;  // 0: as many as the part has by default
  std::int64_t referee_every = 200;
};

inline std::uint64_t seed_of(const campaign_options& o, std::int64_t item) {
  return o.seed * 1000003 + static_cast<std::uint64_t>(item);
}

/// What is drawn for an item; every shard draws the same.
enum class draw : std::uint64_t { size, coupling, refereed };

/// A number below `count`, by the mixing steps of SplitMix64.
inline int drawn(std::int64_t item, draw what, std::int64_t count) {
  std::uint64_t x = static_cast<std::uint64_t>(item) * 4 + static_cast<std::uint64_t>(what) + 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return static_cast<int>((x ^ (x >> 31)) % static_cast<std::uint64_t>(count));
}

/// A part: what it does with one item, and how many items it has by default, a format.
struct campaign_part {
  const char* name;
  void (*run)(const campaign_options&, std::int64_t, tally&);
  std::int64_t items;
};

/// 1 if something is wrong, 3 if something is unknown, else 0.
inline int verdict_of(const tally& t) {
  if (t.of("kernel_wrong") + t.of("oracle_wrong") + t.of("arb_contradicts") != 0) return 1;
  return t.of("unknown") != 0 ? 3 : 0;
}

inline int worse(int a, int b) {
  return a == 1 || b == 0 ? a : b;
}

/// Campaign has: name; element_types; parts<T>, a list of campaign_part.
template <class Campaign>
class campaign_program {
 public:
  static int main(int argc, char** argv) {
    if (argc == 2 && std::string(argv[1]) == "--merge") return merge();
    const campaign_options o = options_of(argc, argv);
    const linalg::single_threaded_blas guard;  // threads have matrices of their own
    return run_formats(o, typename Campaign::element_types{});
  }

 private:
  static tally run_items(const campaign_part& part, const campaign_options& o) {
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

  template <class T>
  static int run_format(const campaign_options& o) {
    int verdict = 0;
    for (const auto& part : Campaign::template parts<T>) {
      if (!o.parts.empty() && std::find(o.parts.begin(), o.parts.end(), part.name) == o.parts.end()) continue;
      const tally t = run_items(part, o);
      const std::string what = std::string(Campaign::name) + " part=" + std::string(part.name) +
                               " format=" + std::string(name_of(dtype_of<T>)) + " seed=" + std::to_string(o.seed);
      std::printf("%s\n", line_of(what, o.part, t).c_str());
      std::fflush(stdout);
      verdict = worse(verdict, verdict_of(t));
    }
    return verdict;
  }

  template <class... T>
  static int run_formats(const campaign_options& o, type_list<T...>) {
    int verdict = 0;
    const auto run = [&](auto tag) {
      using E = typename decltype(tag)::type;
      if (o.format.empty() || o.format == name_of(dtype_of<E>)) verdict = worse(verdict, run_format<E>(o));
    };
    (run(type_tag<T>{}), ...);
    return verdict;
  }

  static int merge() {
    const auto all = merged_lines(std::cin);
    int verdict = all.sums.empty() ? 2 : 0;
    for (const auto& [name, t] : all.sums) {
      std::printf("%s %s\n", name.c_str(), t.text().c_str());
      verdict = worse(verdict, verdict_of(t));
    }
    for (const auto& text : all.missing) std::printf("%s\n", text.c_str());
    return all.missing.empty() ? verdict : worse(verdict, 3);
  }

  [[noreturn]] static void refuse(const std::string& what) {
    std::fprintf(stderr, "halfulp_campaign_%s: %s; see the head of tests/campaigns/%s.cpp\n", Campaign::name,
                 what.c_str(), Campaign::name);
    std::exit(2);
  }

  /// A number of at least `least`.
  static std::int64_t number(const std::string& name, const std::string& text, std::int64_t least) {
    char* end = nullptr;
    const long long n = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || n < least)
      refuse(name + " is '" + text + "' and must be a number of at least " + std::to_string(least));
    return n;
  }

  static void set(campaign_options& o, const std::string& name, const std::string& value) {
    if (name == "--format") {
      const auto type = dtype_named(value);
      if (!type || !visit_dtype(*type, typename Campaign::element_types{}, [](auto) {}))
        refuse("--format is '" + value + "' and must be one of " + names_of(typename Campaign::element_types{}));
      o.format = value;
    } else if (name == "--seed") {
      o.seed = static_cast<std::uint64_t>(number(name, value, 0));
    } else if (name == "--items") {
      o.items = number(name, value, 1);
    } else if (name == "--referee-every") {
      o.referee_every = number(name, value, 1);
    } else if (name == "--shard") {
      const auto s = shard_of(value);
      if (!s) refuse("--shard is '" + value + "' and must be I/N with 0 <= I < N");
      o.part = *s;
    } else {
      refuse("there is no option " + name);
    }
  }

  static campaign_options options_of(int argc, char** argv) {
    campaign_options o;
    for (int k = 1; k < argc; ++k) {
      const std::string word = argv[k];
      if (word.starts_with("--")) {
        if (k + 1 == argc) refuse(word + " has no value");
        set(o, word, argv[++k]);
      } else {
        const bool known =
            std::any_of(std::begin(Campaign::template parts<float>), std::end(Campaign::template parts<float>),
                        [&](const auto& part) { return word == part.name; });
        if (!known) {
          std::string names;
          for (const auto& part : Campaign::template parts<float>)
            names += (names.empty() ? "" : ", ") + std::string(part.name);
          refuse("the part is '" + word + "' and must be one of " + names);
        }
        o.parts.push_back(word);
      }
    }
    return o;
  }
};

}  // namespace halfulp::tests
