#pragma once

#include <atomic>

#include <halfulp/kernels/core/scatter_stream.hpp>
#include <halfulp/kernels/core/widen.hpp>

/// Sums of 16- and 32-bit numbers are mostly exact in binary64. So one number an element is enough, if every addition is
/// seen to be exact; a single one that is not, a NaN or an infinity give the attempt up.
namespace halfulp::kernels {

template <class Op, class T>
class exact_sums {
 public:
  exact_sums(const args_of<Op, T>& a, std::span<T> y)
      : a_(a), y_(y), sums_(std::make_unique_for_overwrite<double[]>(y.size())) {}

  /// Writes y and returns true if every addition was exact; else y is as it was.
  bool run() {
    std::atomic<bool> exact = true;
    for_each_owner<Op, T>(a_, static_cast<std::int64_t>(y_.size()), [&](owned_targets owned, auto target_of) {
      widen_run(Op::self(a_).data() + owned.first, 1, owned.end - owned.first, sums_.get() + owned.first);
      if (!add_all(owned, target_of)) exact = false;
    });
    if (exact) write();
    return exact;
  }

 private:
  /// Adds an owner's updates; whether all additions were exact and no sum is NaN.
  template <class TargetOf>
  bool add_all(owned_targets owned, TargetOf target_of) {
    if constexpr (requires { Op::straight(a_); }) {
      const auto straight = Op::straight(a_);
      if (!straight.values.empty() && owned.end - owned.first == static_cast<std::int64_t>(y_.size()))
        return straight.wide.empty() ? add_straight(straight.narrow.data(), straight.values)
                                     : add_straight(straight.wide.data(), straight.values);
    }
    bool exact = true;
    for_each_owned(Op::updates(a_), owned, target_of, [&](std::int64_t t, std::int64_t j) {
      exact &= add(sums_[static_cast<std::size_t>(t)], widen(Op::update(a_, j)));
    });
    return exact;
  }
  template <class Index>
  bool add_straight(const Index* target, std::span<const T> values) {
    constexpr std::int64_t block = 512, prefetched = 32;
    alignas(64) double term[block];
    bool exact = true;
    const auto count = static_cast<std::int64_t>(values.size());
    for (std::int64_t first = 0; first < count && exact; first += block) {
      const std::int64_t n = std::min(block, count - first);
      widen_run(values.data() + first, 1, n, term);
      const Index* const ahead = target + std::min(first + prefetched, count - n);  // any address will do at the end
      for (std::int64_t k = 0; k < n; ++k) {
        __builtin_prefetch(&sums_[static_cast<std::size_t>(ahead[k])], 1);
        exact &= add(sums_[static_cast<std::size_t>(target[first + k])], term[k]);
      }
    }
    return exact;
  }
  /// Whether sum + term is exact: a NaN never is.
  static bool add(double& sum, double term) {
    const double_double s = two_sum(sum, term);
    sum = s.hi;
    return s.lo == 0;
  }
  void write() {
    const auto count = static_cast<std::int64_t>(y_.size());
#pragma omp parallel if (count > 1 << 16)
    {
      const fp_environment environment;
#pragma omp for
      for (std::int64_t i = 0; i < count; ++i) {
        const auto k = static_cast<std::size_t>(i);
        y_[k] = rounded(sums_[k], Op::self(a_)[k]);
      }
    }
  }
  /// A NaN can only be one that nothing was added to.
  static T rounded(double sum, T self) {
    if constexpr (std::is_same_v<T, float>) {
      return sum == sum ? static_cast<float>(sum) : self;
    } else {
      return is_nan(sum) ? self : narrow<T>(sum);
    }
  }

  const args_of<Op, T>& a_;
  std::span<T> y_;
  std::unique_ptr<double[]> sums_;
};

/// Writes y and returns true where the rule is a plain sum with what was there before, of a real format below binary64,
/// and no addition loses a bit in binary64; else y is as it was.
template <class Op, class T>
bool sum_exactly(const args_of<Op, T>& a, std::span<T> y) {
  if constexpr (std::is_integral_v<T> || std::is_same_v<T, double> || is_complex<T>) {
    return false;
  } else {
    const scatter_rule rule = Op::rule(a);
    const bool plain = rule.how == reduction::add && rule.include_self && rule.alpha == 1 && !Op::self(a).empty();
    return plain && exact_sums<Op, T>(a, y).run();
  }
}

}  // namespace halfulp::kernels
