#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <span>
#include <vector>

namespace halfulp {

/// How the updates of one element are combined, with each other and with what the element was before.
enum class reduction : std::uint8_t {
  assign,  ///< the last update, in row-major order of the updates
  add,     ///< the exact sum, rounded once; integers modulo 2^w, bool: or
  mean,    ///< the exact sum over the number of terms, rounded once; integers truncated toward zero
  mul,     ///< the exact product, rounded once; integers modulo 2^w, bool: and
  amin,    ///< the least, -0 below +0; NaN where a term is NaN
  amax,    ///< the greatest, likewise
};

/// What a scatter does with updates and with the element they go to.
struct scatter_rule {
  reduction how = reduction::add;
  bool include_self = true;  ///< whether the element before is a term; it is kept in any case where no update goes
  double alpha = 1;          ///< exact factor of every update in a sum of floating-point numbers
};

/// Where update j of a scatter is element j of a tensor, and goes to the element of the output that element j of
/// another says: these two. No elements where it is not so.
template <class T>
struct straight_updates {
  std::span<const std::int32_t> narrow;  // the targets, of either width
  std::span<const std::int64_t> wide;
  std::span<const T> values;
};

/// The updates of one target, in ascending order.
struct update_group {
  std::int64_t target;
  std::span<const std::int64_t> updates;
};

/// Updates sorted by target. They are sorted at the first question, once, by whichever thread comes first; copies share
/// the table. Memory is that of the updates, however many targets there are.
class updates_by_target {
 public:
  updates_by_target() = default;
  /// target(j) in [0, targets) for each update j in [0, updates); it is kept, so it must own or outlive what it reads.
  updates_by_target(std::int64_t targets, std::int64_t updates, std::function<std::int64_t(std::int64_t)> target)
      : table_(std::make_shared<table>(targets, updates, std::move(target))) {}

  /// The updates of target t; none for most, perhaps.
  std::span<const std::int64_t> of(std::int64_t t) const {
    const table& s = sorted();
    if (s.dense) return s.group(static_cast<std::size_t>(t));
    const auto at = std::lower_bound(s.targets_hit.begin(), s.targets_hit.end(), t);
    if (at == s.targets_hit.end() || *at != t) return {};
    return s.group(static_cast<std::size_t>(at - s.targets_hit.begin()));
  }

  /// Groups in ascending order of their targets: every target that has an update is among them.
  std::int64_t groups() const { return static_cast<std::int64_t>(sorted().first.size()) - 1; }
  update_group group(std::int64_t g) const {
    const table& s = sorted();
    const auto k = static_cast<std::size_t>(g);
    return {s.dense ? g : s.targets_hit[k], s.group(k)};
  }

 private:
  struct table {
    table(std::int64_t t, std::int64_t u, std::function<std::int64_t(std::int64_t)> f)
        : targets(t), updates(u), target(std::move(f)), dense(t <= 4 * u) {}

    std::span<const std::int64_t> group(std::size_t g) const {
      return std::span<const std::int64_t>(update).subspan(first[g], first[g + 1] - first[g]);
    }
    void sort() {
      update.resize(static_cast<std::size_t>(updates));
      if (dense) {
        count();
      } else {
        compare();
      }
    }
    /// A counting sort; it is stable, so that the updates of a target stay in order.
    void count() {
      first.assign(static_cast<std::size_t>(targets) + 1, 0);
      for (std::int64_t j = 0; j < updates; ++j) ++first[static_cast<std::size_t>(target(j))];
      std::size_t end = 0;
      for (std::size_t& f : first) f = end += f;
      for (std::int64_t j = updates; j-- > 0;) update[--first[static_cast<std::size_t>(target(j))]] = j;
    }
    /// For few updates of many targets.
    void compare() {
      std::vector<std::int64_t> to(update.size());
      for (std::size_t j = 0; j < to.size(); ++j) to[j] = target(static_cast<std::int64_t>(j));
      std::iota(update.begin(), update.end(), std::int64_t{0});
      std::stable_sort(update.begin(), update.end(), [&](std::int64_t a, std::int64_t b) {
        return to[static_cast<std::size_t>(a)] < to[static_cast<std::size_t>(b)];
      });
      for (std::size_t k = 0; k < update.size(); ++k) {
        const std::int64_t t = to[static_cast<std::size_t>(update[k])];
        if (!targets_hit.empty() && targets_hit.back() == t) continue;
        targets_hit.push_back(t);
        first.push_back(k);
      }
      first.push_back(update.size());
    }

    std::int64_t targets, updates;
    std::function<std::int64_t(std::int64_t)> target;
    bool dense;  // every target has a group
    std::once_flag once;
    std::vector<std::int64_t> targets_hit;  // unless dense
    std::vector<std::size_t> first;         // where each group begins, and the end
    std::vector<std::int64_t> update;
  };
  const table& sorted() const {
    std::call_once(table_->once, [this] { table_->sort(); });
    return *table_;
  }
  std::shared_ptr<table> table_;
};

}  // namespace halfulp
