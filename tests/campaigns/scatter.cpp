// Ten million elements of every reducing scatter in each format, each compared with the exact accumulator or MPFR, and
// sums of a million terms. Takes minutes; the line that a shard prints adds up with the others' (campaigns/shards.hpp).
//   halfulp_campaign_scatter [MULTIPLIER [SEED [SHARD/SHARDS]]]

#include <cstdio>
#include <cstdlib>

#include "campaigns/shards.hpp"
#include "ops/scatter_referee.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::tests;

constexpr std::int64_t elements = 10000000, batch = 100000, updates_each = 2;
constexpr std::int64_t terms_of_long_sums = 1000000;

struct campaign {
  double multiplier;
  std::uint64_t seed;
  shard part;
  tally counted;

  std::int64_t wrong = 0;

  template <class T>
  void compare(const reducing_op& what, const random_scatter<T>& s) {
    const std::string name =
        std::string(what.op) + (*what.how == '\0' ? "" : "_") + what.how + "_" + std::string(format_of<T>.name);
    const std::int64_t found = s.wrong();
    counted[name] += static_cast<std::int64_t>(s.x.size());
    counted["wrong_" + name] += found;
    wrong += found;
  }
  template <class T>
  void run(const reducing_op& what) {
    const auto batches = static_cast<std::int64_t>(multiplier * static_cast<double>(elements / batch));
    for (std::int64_t b = part.index; b < batches; b += part.count) {
      random_source r(seed * 1000003 + static_cast<std::uint64_t>(b));
      compare(what, random_scatter<T>::of(r, what.op, what.how, batch, batch * updates_each,
                                          static_cast<int>(b % scatter_contents)));
    }
  }
  /// Sums of many terms, to one of four elements.
  template <class T>
  void run_long(const reducing_op& what) {
    for (std::int64_t content = part.index; content < scatter_contents; content += part.count) {
      random_source r(seed + static_cast<std::uint64_t>(content));
      compare(what, random_scatter<T>::of(r, what.op, what.how, 4, terms_of_long_sums, static_cast<int>(content)));
    }
  }
  template <class T>
  void run_format() {
    for (const reducing_op& what : reducing_ops) {
      run<T>(what);
      if (std::string(what.how) != "mul") run_long<T>(what);
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  const double multiplier = argc > 1 ? std::atof(argv[1]) : 1;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const auto part = argc > 3 ? shard_of(argv[3]) : shard{};
  if (argc > 4 || !(multiplier > 0) || !part) {
    std::fprintf(stderr,
                 "halfulp_campaign_scatter: the arguments are a multiplier above 0, a seed, and a shard such as 0/4\n");
    return 2;
  }
  campaign c{multiplier, seed, *part, {}, 0};
  c.run_format<float16>();
  c.run_format<bfloat16>();
  c.run_format<float>();
  c.run_format<double>();
  const std::string what = "scatter multiplier=" + std::to_string(multiplier) + " seed=" + std::to_string(seed);
  std::printf("%s\n", line_of(what, c.part, c.counted).c_str());
  return c.wrong == 0 ? 0 : 1;
}
