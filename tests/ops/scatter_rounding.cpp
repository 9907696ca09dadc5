// Random elements of every reducing scatter against the exact accumulator and MPFR; tests/campaigns/scatter.cpp has
// millions of them.
#include <catch2/catch.hpp>

#include <omp.h>

#include "scatter_referee.hpp"

namespace halfulp::tests {
namespace {

template <class T>
void check_random(int number, std::int64_t elements, std::int64_t updates) {
  HALFULP_RANDOM(r, number);
  for (const reducing_op& what : reducing_ops)
    for (int content = 0; content < scatter_contents; ++content)
      for (std::int64_t round = 0; round < repeats(1); ++round) {
        INFO(what.op << " " << what.how << " of " << format_of<T>.name << ", content " << content);
        CHECK(random_scatter<T>::of(r, what.op, what.how, elements, updates, content).wrong() == 0);
      }
}

/// Sets the number of OpenMP's threads while it lives.
class threads {
 public:
  explicit threads(int n) : before_(omp_get_max_threads()) { omp_set_num_threads(n); }
  ~threads() { omp_set_num_threads(before_); }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;

 private:
  int before_;
};

}  // namespace

TEST_CASE("scatter: random elements with few updates are correctly rounded") {
  check_random<float16>(101, 2000, 4000);
  check_random<bfloat16>(103, 2000, 4000);
  check_random<float>(107, 2000, 4000);
  check_random<double>(109, 1000, 2000);
}

TEST_CASE("scatter: random elements with many updates are correctly rounded") {
  check_random<float16>(113, 5, 3000);
  check_random<bfloat16>(127, 5, 3000);
  check_random<float>(131, 5, 3000);
  check_random<double>(137, 5, 3000);
}

TEST_CASE("scatter: few updates of many elements are correctly rounded") {
  check_random<float16>(139, 5000, 30);
  check_random<double>(149, 5000, 30);
}

TEST_CASE("scatter: the bits do not depend on the number of threads") {
  HALFULP_RANDOM(r, 151);
  for (const reducing_op& what : reducing_ops)
    for (const int content : {0, 2, 4}) {
      const auto scatter = random_scatter<float>::of(r, what.op, what.how, 20011, 50000, content);
      const auto bits = [&](int n) {
        const threads guard(n);
        std::vector<std::uint32_t> b;
        for (const float y : scatter.computed()) b.push_back(to_bits(y));
        return b;
      };
      INFO(what.op << " " << what.how << ", content " << content);
      const auto one = bits(1);
      CHECK(bits(2) == one);
      CHECK(bits(5) == one);
    }
}

}  // namespace halfulp::tests
