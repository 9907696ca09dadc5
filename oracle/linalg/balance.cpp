#include <halfulp/oracle/linalg/balance.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/linalg/direct_sum.hpp>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

bool is_zero_at(const square_matrix& a, std::size_t k) {
  return a.real[k] == 0 && (!a.is_complex() || a.imaginary[k] == 0);
}

/// A depth-first search over the graph of A, or over that of its transpose.
class search {
 public:
  search(const square_matrix& a, bool transposed) : a_(a), transposed_(transposed), seen_(size(a.n), false) {}

  bool seen(int k) const { return seen_[size(k)]; }

  /// Appends what is reached from `start` and was not seen before, each after all that is reached from it.
  void visit(int start, std::vector<int>& order) {
    std::vector<std::pair<int, int>> path{{start, 0}};  // a node and the next one to look at
    seen_[size(start)] = true;
    while (!path.empty()) {
      auto& [node, next] = path.back();
      while (next < a_.n && (seen(next) || !edge(node, next))) ++next;
      if (next == a_.n) {
        order.push_back(node);
        path.pop_back();
      } else {
        seen_[size(next)] = true;
        path.emplace_back(next, 0);
      }
    }
  }

 private:
  bool edge(int i, int j) const { return !is_zero_at(a_, transposed_ ? a_.at(j, i) : a_.at(i, j)); }

  const square_matrix& a_;
  bool transposed_;
  std::vector<bool> seen_;
};

}  // namespace

std::vector<std::vector<int>> strong_components(const square_matrix& a) {
  std::vector<int> order;
  search forward(a, false), backward(a, true);
  for (int k = 0; k < a.n; ++k)
    if (!forward.seen(k)) forward.visit(k, order);
  std::vector<std::vector<int>> all;
  for (auto k = order.rbegin(); k != order.rend(); ++k) {
    if (backward.seen(*k)) continue;
    all.emplace_back();
    backward.visit(*k, all.back());
    std::sort(all.back().begin(), all.back().end());
  }
  return all;
}

std::vector<int> balancing_exponents(const square_matrix& a) {
  constexpr int most_sweeps = 100;
  std::vector<int> d(size(a.n), 0);
  const auto magnitude = [&](int i, int j) {  // long double's exponents hold every product of three of binary64's
    const std::size_t k = a.at(i, j);
    const long double part = a.is_complex() ? std::abs(a.imaginary[k]) : 0.0;
    return std::ldexp(std::abs(static_cast<long double>(a.real[k])) + part, d[size(j)] - d[size(i)]);
  };
  bool changed = true;
  for (int sweep = 0; sweep < most_sweeps && changed; ++sweep) {
    changed = false;
    for (int k = 0; k < a.n; ++k) {
      long double row = 0, column = 0;
      for (int j = 0; j < a.n; ++j) {
        if (j == k) continue;
        row += magnitude(k, j);
        column += magnitude(j, k);
      }
      if (row == 0 || column == 0) continue;
      const auto step = static_cast<int>(std::lround((std::log2(row) - std::log2(column)) / 2));
      if (std::ldexp(column, step) + std::ldexp(row, -step) >= 0.95L * (row + column)) continue;
      d[size(k)] += step;
      changed = true;
    }
  }
  return d;
}

namespace {

balanced_matrix balanced_by(const square_matrix& a, std::vector<int> exponents) {
  balanced_matrix b{a, std::numeric_limits<int>::min(), std::move(exponents), true};
  const auto each = [&](auto f) {
    for (int j = 0; j < a.n; ++j)
      for (int i = 0; i < a.n; ++i)
        for (auto* part : {&b.matrix.real, &b.matrix.imaginary})
          if (!part->empty() && (*part)[a.at(i, j)] != 0)
            f((*part)[a.at(i, j)], b.exponents[size(j)] - b.exponents[size(i)]);
  };
  each([&](double x, int by) { b.shift = std::max(b.shift, std::ilogb(x) + by); });
  if (b.shift == std::numeric_limits<int>::min()) b.shift = 0;
  each([&](double& x, int by) {
    const double scaled = std::ldexp(x, by - b.shift);
    b.exact = b.exact && std::ldexp(scaled, b.shift - by) == x;
    x = scaled;
  });
  return b;
}

}  // namespace

balanced_matrix balanced(const square_matrix& a) {
  return balanced_by(a, balancing_exponents(a));
}

balanced_matrix balanced_in_blocks(const square_matrix& a) {
  std::vector<int> exponents(size(a.n));
  for (const auto& block : strong_components(a)) {
    const auto own = balancing_exponents(submatrix(a, block));
    for (std::size_t k = 0; k < block.size(); ++k) exponents[size(block[k])] = own[k];
  }
  return balanced_by(a, std::move(exponents));
}

bool is_hermitian(const square_matrix& a, int sign) {
  for (int j = 0; j < a.n; ++j)
    for (int i = 0; i <= j; ++i) {
      if (a.real[a.at(i, j)] != sign * a.real[a.at(j, i)]) return false;
      if (a.is_complex() && a.imaginary[a.at(i, j)] != -sign * a.imaginary[a.at(j, i)]) return false;
    }
  return true;
}

}  // namespace halfulp::linalg
