#include <halfulp/analysis/assignment.hpp>

#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>

#include <halfulp/analysis/matched.hpp>
#include <halfulp/analysis/score.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "random.hpp"
#include "tensors.hpp"

using namespace halfulp;
using halfulp::analysis::best_assignment;
using namespace halfulp::tests;

namespace {

struct worst_and_sum {
  double worst = 0, sum = 0;
  bool operator<(const worst_and_sum& o) const { return worst != o.worst ? worst < o.worst : sum < o.sum; }
};

worst_and_sum value_of(std::size_t n, const std::vector<double>& cost, const std::vector<std::size_t>& column) {
  worst_and_sum v;
  for (std::size_t row = 0; row < n; ++row) {
    v.worst = std::max(v.worst, cost[row * n + column[row]]);
    v.sum += cost[row * n + column[row]];
  }
  return v;
}

TEST_CASE("assignment: noise in parts that are exactly zero does not decide which eigenvalue is meant") {
  const auto x = make_tensor<double>({4, 4}, {0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 0, -2, 0, 0, 2, 0});
  const truth t = evaluate("eigvals", call_of("eigvals", {{x.view()}})).at(0);
  const std::vector<std::complex<double>> noisy{{1e-17, -2}, {-3e-17, 1}, {2e-17, 2}, {5e-18, -1}};
  const auto score = analysis::score_output(t, make_tensor<std::complex<double>>({4}, noisy), 0);
  CHECK(score.correct() == 4);  // the imaginary parts
}

}  // namespace

TEST_CASE("assignment: no other one has a smaller greatest cost, nor a smaller sum with that") {
  HALFULP_RANDOM(r, 301);
  for (std::int64_t times = repeats(200); times > 0; --times) {
    const auto n = static_cast<std::size_t>(r.between(0, 6));
    std::vector<double> cost;
    for (std::size_t k = 0; k < n * n; ++k) cost.push_back(static_cast<double>(r.between(0, 12)));
    const auto got = best_assignment(n, cost);
    std::vector<std::size_t> column(n);
    std::iota(column.begin(), column.end(), std::size_t{0});
    CHECK(std::is_permutation(got.begin(), got.end(), column.begin(), column.end()));
    worst_and_sum best = value_of(n, cost, column);
    while (std::next_permutation(column.begin(), column.end())) best = std::min(best, value_of(n, cost, column));
    CHECK(value_of(n, cost, got).worst == best.worst);
    CHECK(value_of(n, cost, got).sum == Approx(best.sum));
  }
}

TEST_CASE("score: the order of eigenvalues is no error, a wrong one is one error") {
  const auto x = make_tensor<double>({3, 3}, {0, 1, 0, 0, 0, 1, 1, 0, 0});
  const truth t = evaluate("eigvals", call_of("eigvals", {{x.view()}})).at(0);
  auto w = values_of<std::complex<double>>(t.rounded);
  std::rotate(w.begin(), w.begin() + 1, w.end());
  const auto score_of = [&] { return analysis::score_output(t, make_tensor<std::complex<double>>({3}, w), 0); };
  CHECK(score_of().correct() == 6);
  w[0] = {w[0].real(), w[0].imag() * (1 + 0x1p-52)};
  CHECK(score_of().correct() == 5);
  CHECK(score_of().finite_errors.count() >= 1);
}
