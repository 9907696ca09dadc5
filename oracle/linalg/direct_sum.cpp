#include <halfulp/oracle/linalg/direct_sum.hpp>

namespace halfulp::linalg {

std::vector<std::vector<int>> components(const hermitian_matrix& a) {
  const auto coupled = [&](int i, int j) {
    return a.real[a.at(i, j)] != 0 || (a.is_complex() && a.imaginary[a.at(i, j)] != 0);
  };
  std::vector<int> left;
  for (int k = a.n; k > 0; --k) left.push_back(k - 1);
  std::vector<std::vector<int>> all;
  while (!left.empty()) {
    std::vector<int> block{left.back()};
    left.pop_back();
    for (std::size_t next = 0; next < block.size(); ++next) {
      const auto rest = std::partition(left.begin(), left.end(), [&](int j) { return !coupled(block[next], j); });
      block.insert(block.end(), rest, left.end());
      left.erase(rest, left.end());
    }
    std::sort(block.begin(), block.end());
    all.push_back(std::move(block));
  }
  return all;
}

hermitian_matrix submatrix(const hermitian_matrix& a, const std::vector<int>& chosen) {
  hermitian_matrix b{static_cast<int>(chosen.size()), {}, {}};
  for (const int j : chosen) {
    for (const int i : chosen) {
      b.real.push_back(a.real[a.at(i, j)]);
      if (a.is_complex()) b.imaginary.push_back(a.imaginary[a.at(i, j)]);
    }
  }
  return b;
}

}  // namespace halfulp::linalg
