#pragma once

#include <cstdint>
#include <span>

#include <halfulp/oracle/core/scatter.hpp>

namespace halfulp::op {

/// What the gradients of ops that only move elements have in common: element j of dy is added to the element of x that
/// element j of y came from, so that every element of dx is an exact sum, rounded once, and 0 without a term. The args
/// of such an op have dy, `by_target`, and an `origin(j)`.
struct moved_back {
  template <class Args>
  static scatter_rule rule(const Args&) {
    return {reduction::add, false, 1};
  }
  template <class Args>
  static auto self(const Args& a) {
    return a.dy.first(0);
  }
  template <class Args>
  static std::int64_t updates(const Args& a) {
    return static_cast<std::int64_t>(a.dy.size());
  }
  template <class Args>
  static std::int64_t target(const Args& a, std::int64_t j) {
    return a.origin(j);
  }
  template <class Args>
  static auto update(const Args& a, std::int64_t j) {
    return a.dy[static_cast<std::size_t>(j)];
  }

  /// The table of the updates of n elements. It keeps a copy of the args: spans and a geometry.
  template <class Args>
  static updates_by_target table_of(const Args& a, std::int64_t n) {
    return {n, updates(a), [a](std::int64_t j) { return a.origin(j); }};
  }
};

}  // namespace halfulp::op
