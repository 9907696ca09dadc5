#include <halfulp/analysis/assignment.hpp>

#include <algorithm>
#include <limits>

namespace halfulp::analysis {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Whether all rows find columns of at most a cost, by augmenting paths.
class threshold_matching {
 public:
  threshold_matching(std::size_t n, const std::vector<double>& cost) : n_(n), cost_(cost) {}

  bool exists(double most) {
    taker_.assign(n_, n_);
    most_ = most;
    for (std::size_t row = 0; row < n_; ++row) {
      seen_.assign(n_, false);
      if (!place(row)) return false;
    }
    return true;
  }

 private:
  bool place(std::size_t row) {
    for (std::size_t k = 0; k < n_; ++k) {
      if (seen_[k] || cost_[row * n_ + k] > most_) continue;
      seen_[k] = true;
      if (taker_[k] != n_ && !place(taker_[k])) continue;
      taker_[k] = row;
      return true;
    }
    return false;
  }

  std::size_t n_;
  const std::vector<double>& cost_;
  std::vector<std::size_t> taker_;
  std::vector<bool> seen_;
  double most_ = 0;
};

/// The least cost that is enough for every row.
double bottleneck(std::size_t n, const std::vector<double>& cost) {
  std::vector<double> steps = cost;
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  threshold_matching matching(n, cost);
  return *std::partition_point(steps.begin(), steps.end() - 1, [&](double most) { return !matching.exists(most); });
}

/// The least sum, by shortest augmenting paths with potentials (the Hungarian method).
class hungarian {
 public:
  hungarian(std::size_t n, const std::vector<double>& cost)
      : n_(n), cost_(cost), of_row_(n + 1), of_column_(n + 1), taker_(n + 1, n), way_(n + 1, n) {}

  std::vector<std::size_t> columns() {
    for (std::size_t row = 0; row < n_; ++row) add(row);
    std::vector<std::size_t> column(n_);
    for (std::size_t k = 0; k < n_; ++k) column[taker_[k]] = k;
    return column;
  }

 private:
  /// Column n_ stands for the row that has none yet.
  void add(std::size_t row) {
    std::vector<double> least(n_ + 1, infinite);
    std::vector<bool> used(n_ + 1, false);
    taker_[n_] = row;
    std::size_t at = n_;
    do {
      used[at] = true;
      at = step(at, least, used);
    } while (taker_[at] != n_);
    for (; at != n_; at = way_[at]) taker_[at] = taker_[way_[at]];
    taker_[n_] = n_;
  }

  std::size_t step(std::size_t at, std::vector<double>& least, const std::vector<bool>& used) {
    const std::size_t row = taker_[at];
    std::size_t next = n_;
    for (std::size_t k = 0; k < n_; ++k) {
      if (used[k]) continue;
      const double reduced = cost_[row * n_ + k] - of_row_[row] - of_column_[k];
      if (reduced < least[k]) {
        least[k] = reduced;
        way_[k] = at;
      }
      if (next == n_ || least[k] < least[next]) next = k;
    }
    const double delta = least[next];
    for (std::size_t k = 0; k <= n_; ++k) {
      if (used[k]) {
        of_row_[taker_[k]] += delta;
        of_column_[k] -= delta;
      } else {
        least[k] -= delta;
      }
    }
    return next;
  }

  std::size_t n_;
  const std::vector<double>& cost_;
  std::vector<double> of_row_, of_column_;
  std::vector<std::size_t> taker_, way_;
};

}  // namespace

std::vector<std::size_t> best_assignment(std::size_t n, const std::vector<double>& cost) {
  if (n == 0) return {};
  const double most = bottleneck(n, cost);
  // what costs more is shut out by a price that no sum of others reaches
  std::vector<double> relative(cost.size());
  for (std::size_t k = 0; k < cost.size(); ++k)
    relative[k] = cost[k] > most ? static_cast<double>(2 * n + 1) : most > 0 ? cost[k] / most : 0;
  return hungarian(n, relative).columns();
}

}  // namespace halfulp::analysis
