#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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

/// The updates of each target, in ascending order. They are sorted at the first question, once, by whichever thread
/// comes first; copies share the table.
class updates_by_target {
 public:
  updates_by_target() = default;
  /// target(j) in [0, targets) for each update j in [0, updates); it is kept, so it must own or outlive what it reads.
  updates_by_target(std::int64_t targets, std::int64_t updates, std::function<std::int64_t(std::int64_t)> target)
      : table_(std::make_shared<table>(targets, updates, std::move(target))) {}

  std::span<const std::int64_t> of(std::int64_t t) const {
    std::call_once(table_->sorted, [this] { table_->sort(); });
    const auto first = table_->first[static_cast<std::size_t>(t)], end = table_->first[static_cast<std::size_t>(t) + 1];
    return std::span<const std::int64_t>(table_->update).subspan(first, end - first);
  }

 private:
  struct table {
    table(std::int64_t t, std::int64_t u, std::function<std::int64_t(std::int64_t)> f)
        : targets(t), updates(u), target(std::move(f)) {}

    /// A counting sort; it is stable, so that the updates of a target stay in order.
    void sort() {
      first.assign(static_cast<std::size_t>(targets) + 1, 0);
      update.resize(static_cast<std::size_t>(updates));
      for (std::int64_t j = 0; j < updates; ++j) ++first[static_cast<std::size_t>(target(j))];
      std::size_t end = 0;
      for (std::size_t& f : first) f = end += f;
      for (std::int64_t j = updates; j-- > 0;) update[--first[static_cast<std::size_t>(target(j))]] = j;
    }

    std::int64_t targets, updates;
    std::function<std::int64_t(std::int64_t)> target;
    std::once_flag sorted;
    std::vector<std::size_t> first;
    std::vector<std::int64_t> update;
  };
  std::shared_ptr<table> table_;
};

}  // namespace halfulp
