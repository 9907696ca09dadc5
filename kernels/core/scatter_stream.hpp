#pragma once

#include <memory>
#include <new>

#include <omp.h>

#include <halfulp/kernels/core/running_sum.hpp>
#include <halfulp/kernels/core/scatter_group.hpp>

/// A scatter in one pass over its updates, in the order they come, for reductions whose state is small.
namespace halfulp::kernels {

template <class T>
constexpr bool streams(reduction how) {
  if constexpr (std::is_integral_v<T>) return how != reduction::mean;
  return how != reduction::mean && how != reduction::mul;
}

/// The targets [first, end) of one thread of many: every target has exactly one.
struct owned_targets {
  std::int64_t first, end;
  static owned_targets of(std::int64_t targets, int thread, int threads) {
    const std::int64_t each = targets / threads, more = targets % threads;
    const auto before = [&](std::int64_t t) { return t * each + std::min(t, more); };
    return {before(thread), before(thread + 1)};
  }
};

/// How many threads a pass is worth. Each reads all targets, and adds the updates of its own.
inline int stream_threads(std::int64_t updates) {
  return updates < 1 << 15 ? 1 : omp_get_max_threads();
}

/// f(owned, target_of) on each thread, in the environment that bounds are proved for; target_of(j) is the target of
/// update j, computed once.
template <class Op, class T, class F>
void for_each_owner(const args_of<Op, T>& a, std::int64_t targets, F f) {
  const std::int64_t updates = Op::updates(a);
  const int threads = stream_threads(updates);
  if (threads == 1) {
    const fp_environment environment;
    f(owned_targets{0, targets}, [&](std::int64_t j) { return Op::target(a, j); });
    return;
  }
  const auto known = std::make_unique_for_overwrite<std::int64_t[]>(static_cast<std::size_t>(updates));
#pragma omp parallel num_threads(threads)
  {
    const fp_environment environment;
#pragma omp for
    for (std::int64_t j = 0; j < updates; ++j) known[static_cast<std::size_t>(j)] = Op::target(a, j);
    f(owned_targets::of(targets, omp_get_thread_num(), omp_get_num_threads()),
      [&](std::int64_t j) { return known[static_cast<std::size_t>(j)]; });
  }
}

/// Every update that goes to a target of the owner, in order: g(target, j).
template <class TargetOf, class G>
void for_each_owned(std::int64_t updates, const owned_targets& owned, TargetOf target_of, G g) {
  for (std::int64_t j = 0; j < updates; ++j) {
    const std::int64_t t = target_of(j);
    if (t >= owned.first && t < owned.end) g(t, j);
  }
}

/// What the first term of a reduction without rounding makes of it.
template <class T>
T started(reduction how, T first) {
  if constexpr (std::is_integral_v<T> || is_complex<T>) {
    return first;
  } else {
    return how == reduction::assign ? first : extreme(how, first, first);
  }
}

/// One step of a reduction without rounding.
template <class T>
T combined(reduction how, T so_far, T update) {
  if constexpr (std::is_integral_v<T>) {
    return combine_integers(how, so_far, update);
  } else if constexpr (is_complex<T>) {
    return update;  // assign is all there is
  } else {
    return how == reduction::assign ? update : extreme(how, so_far, update);
  }
}

/// Integers, and what is chosen from the terms: the output holds all the state there is.
template <class Op, class T>
void stream_in_place(const args_of<Op, T>& a, std::span<T> y) {
  const scatter_rule rule = Op::rule(a);
  const bool fresh = Op::self(a).empty() || !rule.include_self;  // the first update takes the place of the element
  std::vector<std::uint8_t> touched(fresh ? y.size() : 0);
  for_each_owner<Op, T>(a, static_cast<std::int64_t>(y.size()), [&](owned_targets owned, auto target_of) {
    for_each_owned(Op::updates(a), owned, target_of, [&](std::int64_t t, std::int64_t j) {
      const auto k = static_cast<std::size_t>(t);
      const bool first = fresh && touched[k] == 0;
      const T update = Op::update(a, j);
      y[k] = first ? started(rule.how, update) : combined(rule.how, y[k], update);
      if (fresh) touched[k] = 1;
    });
  });
}

/// Sums of floating-point numbers that grow as their updates come, each with its error.
template <class Op, class T>
class streamed_sums {
 public:
  using part = component_t<T>;

  streamed_sums(const args_of<Op, T>& a, std::span<T> y)
      : a_(a),
        y_(y),
        rule_(Op::rule(a)),
        growth_(error_growth(3 * Op::updates(a))),
        sums_(std::make_unique_for_overwrite<running<part>[]>(y.size() * parts_of<T>)) {}

  void run(tier_counts& decided) {
    for_each_owner<Op, T>(a_, static_cast<std::int64_t>(y_.size()), [&](owned_targets owned, auto target_of) {
      start(owned);
      for_each_owned(Op::updates(a_), owned, target_of,
                     [&](std::int64_t t, std::int64_t j) { add(t, Op::update(a_, j)); });
      tier_counts own;
      std::vector<std::int64_t> left;
      finish(owned, own, left);
#pragma omp critical(halfulp_streamed_sums)
      {
        decided += own;
        undecided_.insert(undecided_.end(), left.begin(), left.end());
      }
    });
    repair(decided);
  }

 private:
  running<part>& sum(std::int64_t t, int p) {
    return sums_[static_cast<std::size_t>(t * parts_of<T> + p)];
  }

  void start(owned_targets owned) {
    const auto self = Op::self(a_);
    const bool is_term = !self.empty() && rule_.include_self;
    for (std::int64_t t = owned.first; t < owned.end; ++t)
      for (int p = 0; p < parts_of<T>; ++p) {
        running<part>& s = sum(t, p) = {};
        if (is_term) s.high = widen(part_of(self[static_cast<std::size_t>(t)], p));
      }
  }
  void add(std::int64_t t, T update) {
    for (int p = 0; p < parts_of<T>; ++p) {
      if (rule_.alpha == 1) {
        sum(t, p).add(widen(part_of(update, p)));
      } else {
        add_product(sum(t, p), rule_.alpha, widen(part_of(update, p)));
      }
    }
  }
  /// Writes what is decided; what is not is left.
  void finish(owned_targets owned, tier_counts& own, std::vector<std::int64_t>& left) {
    constexpr tier reached = std::is_same_v<part, double> ? tier::double_double : tier::binary64;
    for (std::int64_t t = owned.first; t < owned.end; ++t) {
      if (!sum(t, 0).touched()) continue;
      part parts[parts_of<T>];
      bool all = true;
      for (int p = 0; p < parts_of<T>; ++p) all = decide_running(sum(t, p), growth_, parts[p]) && all;
      if (all) {
        y_[static_cast<std::size_t>(t)] = std::bit_cast<T>(parts);
        own[reached] += parts_of<T>;
        own[tier::exact] -= parts_of<T>;
      } else {
        left.push_back(t);
      }
    }
  }
  void repair(tier_counts& decided) {
    const auto count = static_cast<std::int64_t>(undecided_.size());
    if (count == 0) return;
    (void)a_.by_target.groups();  // sorted before the threads ask
#pragma omp parallel if (count > 64)
    {
      const fp_environment environment;
      tier_counts own;
#pragma omp for schedule(dynamic, 16)
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t t = undecided_[static_cast<std::size_t>(k)];
        y_[static_cast<std::size_t>(t)] = reduce_element<Op, T>(a_, t, own);
      }
#pragma omp critical(halfulp_streamed_sums)
      decided += own;
    }
  }

  const args_of<Op, T>& a_;
  std::span<T> y_;
  scatter_rule rule_;
  double growth_;
  std::unique_ptr<running<part>[]> sums_;
  std::vector<std::int64_t> undecided_;
};

template <class Op, class T>
void stream_updates(const args_of<Op, T>& a, std::span<T> y, tier_counts& decided) {
  if constexpr (!std::is_integral_v<T>) {
    if (Op::rule(a).how == reduction::add) return streamed_sums<Op, T>(a, y).run(decided);
  }
  stream_in_place<Op, T>(a, y);
}

}  // namespace halfulp::kernels
