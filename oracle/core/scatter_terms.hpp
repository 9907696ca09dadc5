#pragma once

#include <halfulp/oracle/core/part.hpp>
#include <halfulp/oracle/core/reduce.hpp>
#include <halfulp/oracle/op.hpp>

/// The terms of one element of a scatter, from the table of updates by target.
namespace halfulp::scatters {

/// f(term) for each term of element i: what it was before, where that counts, and its updates in order. Returns their
/// number.
template <class Op, class T, class F>
std::int64_t for_each_term(const args_of<Op, T>& a, std::int64_t i, F f) {
  const auto updates = a.by_target.of(i);
  const bool self = !Op::self(a).empty() && Op::rule(a).include_self;
  if (self) f(Op::self(a)[static_cast<std::size_t>(i)]);
  for (const std::int64_t j : updates) f(Op::update(a, j));
  return static_cast<std::int64_t>(updates.size()) + (self ? 1 : 0);
}

/// What an element without updates is.
template <class Op, class T>
T untouched(const args_of<Op, T>& a, std::int64_t i) {
  return Op::self(a).empty() ? T{} : Op::self(a)[static_cast<std::size_t>(i)];
}

template <class Op, class T>
requires std::is_integral_v<T> T reduced_integer(const args_of<Op, T>& a, std::int64_t i) {
  const reduction how = Op::rule(a).how;
  bool first = true;
  T so_far{};
  __int128 sum = 0;
  const std::int64_t terms = for_each_term<Op, T>(a, i, [&](T term) {
    so_far = first ? term : combine_integers(how, so_far, term);
    sum += term;
    first = false;
  });
  return how == reduction::mean ? mean_of_integers<T>(sum, terms) : so_far;
}

/// Component p of element i where it is one of its terms: the last, the least or the greatest.
template <class Op, class T, class R = component_t<T>>
R chosen(const args_of<Op, T>& a, std::int64_t i, int p) {
  const reduction how = Op::rule(a).how;
  bool first = true;
  R so_far{};
  for_each_term<Op, T>(a, i, [&](T term) {
    const R x = part_of(term, p);
    so_far = how == reduction::assign ? x : extreme(how, first ? x : so_far, x);
    first = false;
  });
  return so_far;
}

/// Feeds component p of every term to a sum of numbers of format Term: T's own, or binary64 where alpha is not 1.
template <class Op, class T, class Term, class Sum>
void feed(const args_of<Op, T>& a, std::int64_t i, int p, Sum& sum) {
  const auto in_term = [&](T x) {
    if constexpr (std::is_same_v<Term, double>)
      return widen(part_of(x, p));
    else
      return part_of(x, p);
  };
  if (!Op::self(a).empty() && Op::rule(a).include_self) sum.add(in_term(Op::self(a)[static_cast<std::size_t>(i)]));
  const double alpha = Op::rule(a).alpha;
  for (const std::int64_t j : a.by_target.of(i)) {
    if constexpr (std::is_same_v<Term, double>) {
      if (alpha != 1) {
        sum.add_product(alpha, in_term(Op::update(a, j)));
        continue;
      }
    }
    sum.add(in_term(Op::update(a, j)));
  }
}

}  // namespace halfulp::scatters
