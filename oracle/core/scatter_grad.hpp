// dx = dy * (what y takes of x), for a scatter y and each of its terms x
#pragma once

#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/scatter_terms.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp {

/// The gradients of a scatter. Their arguments are dy, which has the shape of y, and those of the scatter itself, so
/// that every rule of it holds for them, too.
namespace scatters {

/// Stands for the element before the updates, where the number of an update is asked for.
inline constexpr std::int64_t self_term = -1;

/// Whether a and b are the same number, zeros of both signs among them, or both NaN.
template <class T>
constexpr bool same_value(T a, T b) {
  return to_bits(a) == to_bits(b) || (is_zero(a) && is_zero(b)) || (is_nan(a) && is_nan(b));
}

/// f(number of the term, term) for every term of element t.
template <class Op, class T, class F>
void for_each_numbered_term(const args_of<Op, T>& a, std::int64_t t, F f) {
  if (!Op::self(a).empty() && Op::rule(a).include_self) f(self_term, Op::self(a)[static_cast<std::size_t>(t)]);
  for (const std::int64_t j : a.by_target.of(t)) f(j, Op::update(a, j));
}

/// Equal shares for all terms that are the least or the greatest; where that is NaN, for all that are NaN.
template <class Op, class T, class Sum>
void add_tie_share(const args_of<Op, T>& a, double dy, std::int64_t t, std::int64_t term, Sum& sum) {
  const T best = chosen<Op, T>(a, t, 0);
  std::int64_t ties = 0;
  bool among = false;
  for_each_numbered_term<Op, T>(a, t, [&](std::int64_t number, T x) {
    if (!same_value(x, best)) return;
    ++ties;
    among |= number == term;
  });
  if (among) sum.add(std::span(&dy, 1), ties);
}

/// dy times every other term of the product.
template <class Op, class T, class Sum>
void add_cofactor(const args_of<Op, T>& a, double dy, std::int64_t t, std::int64_t term, Sum& sum) {
  std::vector<double> factors{dy};
  for_each_numbered_term<Op, T>(a, t, [&](std::int64_t number, T x) {
    if (number != term) factors.push_back(widen(x));
  });
  sum.add(factors, 1);
}

/// Adds to a sum of fractions what component p of dy[t] gives to a term of element t: dy[t] d y[t] / d term. Nothing
/// where y[t] does not depend on the term at all: overwritten, or not the extreme one.
template <class Op, class T, class Sum>
void add_share(const args_of<Op, T>& a, T dy_t, std::int64_t t, std::int64_t term, int p, Sum& sum) {
  const auto updates = a.by_target.of(t);
  const scatter_rule rule = Op::rule(a);
  const double dy[2] = {widen(part_of(dy_t, p)), rule.alpha};
  const bool counts = term != self_term || rule.include_self;
  if (updates.empty()) return sum.add(std::span(dy, 1), 1);
  if (!counts) return;
  switch (rule.how) {
    case reduction::assign:
      if (term == updates.back()) sum.add(std::span(dy, 1), 1);
      return;
    case reduction::add:
      return sum.add(std::span(dy, term != self_term && rule.alpha != 1 ? 2 : 1), 1);
    case reduction::mean:
      return sum.add(std::span(dy, 1), static_cast<std::int64_t>(updates.size()) + (rule.include_self ? 1 : 0));
    default:
      break;
  }
  if constexpr (!is_complex<T>) {
    if (rule.how == reduction::mul) return add_cofactor<Op, T>(a, dy[0], t, term, sum);
    add_tie_share<Op, T>(a, dy[0], t, term, sum);
  }
}

/// What both gradients have in common.
template <class Forward>
struct gradient {
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;

  template <class M>
  struct geometry {
    shape<M> dy, y;

    // Throws unless dy has the shape of y.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& y) {
      require_same(m, "dy.shape", dy, y, "dy must have the shape of x");
      return {dy, y};
    }
  };

  template <class T>
  struct args {
    std::span<const T> dy;
    args_of<Forward, T> forward;
    updates_by_target by_value;  // the updates that each element of value is
  };

  /// Throws invalid_argument where the scatter does, and where dy has another shape or dtype.
  template <class T>
  static args<T> bind_to(const call& c) {
    run m(c.op().c_str());
    args<T> a{elements<T>(c, "dy"), Forward::template bind<T>(c), {}};
    (void)geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), shape_of(m, "x.shape", c.tensor("x")));
    return a;
  }

  // The shapes of the scatter itself are its own matter, and are proved there.
  template <class M>
  static void drive(M& m) {
    const int rank = m.pick("rank of x", 0, max_rank), dy_rank = m.pick("rank of dy", 0, max_rank);
    m.spec(m.truth(rank == dy_rank));
    int_of<M> xd[max_rank], yd[max_rank];
    for (int k = 0; k < rank; ++k) xd[k] = m.input("x.shape", k);
    for (int k = 0; k < dy_rank; ++k)
      yd[k] = k < rank ? m.input("dy.shape", k, m.exact(xd[k])) : m.input("dy.shape", k);
    spec_shape(m, xd, rank);
    spec_shape(m, yd, dy_rank);
    for (int k = 0; k < rank && k < dy_rank; ++k) m.spec(m.exact(xd[k]) == m.exact(yd[k]));
    const auto g = geometry<M>::of(m, shape<M>::of(m, "dy.shape", yd, dy_rank), shape<M>::of(m, "x.shape", xd, rank));
    const auto dy = m.values("dy", product_of(m, xd, rank));
    m.each("element", g.dy.numel, [&](idx<M> i) { m.load(dy, i); });
    m.accepted();
  }
};

/// The gradient of what was there before the updates.
template <class Forward>
struct self_gradient : gradient<Forward> {
  template <class T>
  using args_type = typename gradient<Forward>::template args<T>;

  template <class T>
  static args_type<T> bind(const call& c) {
    return gradient<Forward>::template bind_to<T>(c);
  }
  template <class T>
  static std::vector<tensor_type> outputs(const args_type<T>& a) {
    return Forward::outputs(a.forward);
  }

  template <class T, class Sum>
  static void fractions(const args_type<T>& a, std::int64_t i, int p, Sum& sum) {
    add_share<Forward, T>(a.forward, a.dy[static_cast<std::size_t>(i)], i, self_term, p, sum);
  }
};

/// The gradient of the updates: an element that is broadcast is several, and its gradient the sum of theirs.
template <class Forward>
struct update_gradient : gradient<Forward> {
  template <class T>
  using args_type = typename gradient<Forward>::template args<T>;

  template <class T>
  static args_type<T> bind(const call& c) {
    auto a = gradient<Forward>::template bind_to<T>(c);
    a.by_value = {product(Forward::value_shape(a.forward)), Forward::updates(a.forward),
                  [f = a.forward](std::int64_t j) { return Forward::value_element(f, j); }};
    return a;
  }
  template <class T>
  static std::vector<tensor_type> outputs(const args_type<T>& a) {
    return {{dtype_of<T>, Forward::value_shape(a.forward)}};
  }

  template <class T, class Sum>
  static void fractions(const args_type<T>& a, std::int64_t i, int p, Sum& sum) {
    for (const std::int64_t j : a.by_value.of(i)) {
      const std::int64_t t = Forward::target(a.forward, j);
      add_share<Forward, T>(a.forward, a.dy[static_cast<std::size_t>(t)], t, j, p, sum);
    }
  }
};

}  // namespace scatters
}  // namespace halfulp
