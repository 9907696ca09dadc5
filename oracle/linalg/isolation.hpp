#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace halfulp::linalg {

/// What Gershgorin's theorem needs to know of a pencil G - l S, each row divided by s_ii: the centres m_i = g_ii / s_ii,
/// and row by row upper bounds of |g_ij - m_i s_ij| and |s_ij|, j != i.
template <class Real>
struct gershgorin_rows {
  int n = 0;
  std::vector<Real> coupling;  ///< |g_ij - m_i s_ij|
  std::vector<Real> overlap;   ///< |s_ij|; empty where S is the identity
  std::vector<Real> spread;    ///< how far m_i may be from where it is taken to be
  std::vector<Real>
      distance;  ///< at most |m_i - m_j| as they are taken to be, which is at most (1 + 2^-40) of it + slack
  Real slack = 0;

  std::size_t at(int i, int j) const {
    return static_cast<std::size_t>(i) * static_cast<std::size_t>(n) + static_cast<std::size_t>(j);
  }
};

/// Eigenvalues `members.size()` in number, all of them within `radius` of the centre of row `centre`.
template <class Real>
struct isolated_cluster {
  std::vector<int> members;
  int centre = 0;
  Real radius = 0;
};

/// Discs, no two of which meet, each with the number of eigenvalues inside.
///
/// Under positive weights w, every eigenvalue lies in the union of the discs
///   |l - m_i| <= r_i = (d_i + sum over j of e_ij w_j / w_i) / (1 - sum over j of f_ij w_j / w_i),
/// and if some of them meet none of the others, as many eigenvalues as they are lie in those: let the off-diagonal part
/// of the pencil grow from 0, with S dominated by its diagonal.  [gershgorin31] [stewart90, IV.2.1]
/// The weights are chosen anew for each cluster: 1 inside, and about 2 e / gap outside, which makes the radius of a single
/// eigenvalue quadratic in the off-diagonal. Rows that cannot be told apart become one cluster. Where this leaves clusters
/// of several rows, a second attempt starts from the discs under equal weights that meet, and gives the rows of one such
/// cluster one weight, as long as there are more clusters in the end.
template <class Real>
class isolation {
 public:
  explicit isolation(const gershgorin_rows<Real>& rows) : rows_(rows), n_(rows.n), owner_(size(n_)) {
    std::iota(owner_.begin(), owner_.end(), 0);
  }

  /// Empty where nothing is proved.
  std::vector<isolated_cluster<Real>> clusters() {
    auto first = separated();
    if (first.size() == size(n_)) return first;
    start_from_equal_weights();
    auto second = separated();
    return second.size() > first.size() ? second : first;
  }

 private:
  void start_from_equal_weights() {
    std::iota(owner_.begin(), owner_.end(), 0);
    const std::vector<Real> radii = radii_of(std::vector<Real>(size(n_), 1));
    for (int i = 0; i < n_; ++i)
      for (int j = 0; j < i; ++j)
        if (owner_[size(i)] != owner_[size(j)] &&
            !(rows_.distance[rows_.at(i, j)] > inflated(radii[size(i)] + radii[size(j)])))
          absorb(owner_[size(j)], owner_[size(i)]);
    group_ = owner_;
  }

  std::vector<isolated_cluster<Real>> separated() {
    std::vector<isolated_cluster<Real>> all;
    do {
      all.clear();
      for (int k = 0; k < n_; ++k)
        if (owner_[size(k)] == k) all.push_back(proved(k));
      // what a later one absorbed is a cluster no more
      std::erase_if(all,
                    [&](const auto& c) { return members_of(owner_[size(c.members[0])]).size() > c.members.size(); });
    } while (merge_touching(all));
    for (const auto& c : all)
      if (!(c.radius < infinite)) return {};
    return all;
  }

  static constexpr Real infinite = std::numeric_limits<Real>::infinity();
  static constexpr Real eps = std::numeric_limits<Real>::epsilon();
  static constexpr Real tiny = std::numeric_limits<Real>::min() / std::numeric_limits<Real>::epsilon();

  static std::size_t size(int n) { return static_cast<std::size_t>(n); }
  /// At least the exact value of a sum of about n nonnegative terms of few operations each.  [higham02, 3.1]
  Real inflated(Real x) const { return x * (1 + 4 * static_cast<Real>(n_ + 8) * eps) + tiny; }

  std::vector<int> members_of(int k) const {
    std::vector<int> m;
    for (int i = 0; i < n_; ++i)
      if (owner_[size(i)] == k) m.push_back(i);
    return m;
  }

  /// The cluster of owner k, which grows until its discs meet no other.
  isolated_cluster<Real> proved(int k) {
    for (;;) {
      isolated_cluster<Real> c{members_of(k), 0, infinite};
      const std::vector<Real> radii = radii_of(weights_of(c.members));
      surround(c, radii);
      bool alone = true;
      for (int j = 0; j < n_; ++j) {
        if (owner_[size(j)] == k || rows_.distance[rows_.at(c.centre, j)] > inflated(c.radius + radii[size(j)]))
          continue;
        absorb(k, owner_[size(j)]);
        alone = false;
      }
      if (alone) return c;
    }
  }

  void absorb(int k, int other) {
    for (int& o : owner_)
      if (o == other) o = k;
  }

  /// The member with the smallest disc that holds all discs.
  void surround(isolated_cluster<Real>& c, const std::vector<Real>& radii) const {
    for (const int m : c.members) {
      Real radius = 0;
      for (const int i : c.members) {
        const Real apart = m == i ? 0 : rows_.distance[rows_.at(m, i)] * (1 + Real(0x1p-40)) + rows_.slack;
        radius = std::max(radius, inflated(apart + radii[size(i)]));
      }
      if (m != c.members.front() && !(radius < c.radius)) continue;
      c.centre = m;
      c.radius = radius;
    }
  }

  std::vector<Real> weights_of(const std::vector<int>& members) const {
    std::vector<Real> w(size(n_), 0), gap(size(n_), infinite), from(size(n_), 0);
    std::vector<bool> inside(size(n_), false);
    for (const int m : members) inside[size(m)] = true;
    for (int k = 0; k < n_; ++k)
      for (const int m : members) {
        const Real apart = rows_.distance[rows_.at(m, k)];
        gap[size(k)] = std::min(gap[size(k)], apart);
        from[size(k)] += rows_.coupling[rows_.at(k, m)];
        if (!rows_.overlap.empty()) from[size(k)] += 2 * apart * rows_.overlap[rows_.at(k, m)];
      }
    Real largest = 0;
    const auto set = [&](int k, Real sum) {
      w[size(k)] = inside[size(k)] ? 0 : std::min(2 * sum / std::max(gap[size(k)], tiny), Real(1));
      largest = std::max(largest, w[size(k)]);
    };
    for (int k = 0; k < n_; ++k) set(k, from[size(k)]);
    const std::vector<Real> through = row_sums(rows_.coupling, w);
    for (int k = 0; k < n_; ++k) set(k, from[size(k)] + 2 * through[size(k)]);
    for (Real& x : w) x = std::max(x, std::max(largest * Real(0x1p-60), Real(0x1p-600)));
    make_equal_in_groups(w);
    for (int k = 0; k < n_; ++k)
      if (inside[size(k)]) w[size(k)] = 1;
    return w;
  }

  void make_equal_in_groups(std::vector<Real>& w) const {
    if (group_.empty()) return;
    std::vector<Real> largest(size(n_), 0);
    for (int k = 0; k < n_; ++k) largest[size(group_[size(k)])] = std::max(largest[size(group_[size(k)])], w[size(k)]);
    for (int k = 0; k < n_; ++k) w[size(k)] = largest[size(group_[size(k)])];
  }

  std::vector<Real> row_sums(const std::vector<Real>& m, const std::vector<Real>& w) const {
    std::vector<Real> sums(size(n_), 0);
    for (int i = 0; i < n_; ++i) {
      const Real* row = &m[rows_.at(i, 0)];
      Real part[4] = {0, 0, 0, 0};
      int j = 0;
      for (; j + 4 <= n_; j += 4)
        for (int p = 0; p < 4; ++p) part[p] += row[j + p] * w[size(j + p)];
      for (; j < n_; ++j) part[0] += row[j] * w[size(j)];
      sums[size(i)] = (part[0] + part[1]) + (part[2] + part[3]);
    }
    return sums;
  }

  std::vector<Real> radii_of(const std::vector<Real>& w) const {
    std::vector<Real> radii = row_sums(rows_.coupling, w);
    std::vector<Real> overlap(size(n_), 0);
    if (!rows_.overlap.empty()) overlap = row_sums(rows_.overlap, w);
    for (int i = 0; i < n_; ++i) {
      const Real left = 1 - inflated(overlap[size(i)] / w[size(i)]);
      const Real sum = inflated(radii[size(i)] / w[size(i)] + rows_.spread[size(i)]);
      radii[size(i)] = left > 0 ? inflated(sum / left) : infinite;
    }
    return radii;
  }

  bool merge_touching(const std::vector<isolated_cluster<Real>>& all) {
    bool merged = false;
    for (std::size_t k = 0; k < all.size(); ++k)
      for (std::size_t l = 0; l < k; ++l) {
        const int a = owner_[size(all[k].members.front())], b = owner_[size(all[l].members.front())];
        if (a == b || rows_.distance[rows_.at(all[k].centre, all[l].centre)] > inflated(all[k].radius + all[l].radius))
          continue;
        absorb(std::min(a, b), std::max(a, b));
        merged = true;
      }
    return merged;
  }

  const gershgorin_rows<Real>& rows_;
  int n_;
  std::vector<int> owner_, group_;
};

}  // namespace halfulp::linalg
