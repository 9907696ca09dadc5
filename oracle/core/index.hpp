// The index words. Each is a contract: proved once for all arguments, then used as an opaque result.
#pragma once

#include <halfulp/oracle/core/machine.hpp>

namespace halfulp {

// a * b <= room, decided without forming the product.
template <class M>
HALFULP_HOST_DEVICE bool_of<M> fits(M& m, int_of<M> a, int_of<M> b, int_of<M> room) {
  return m.template contract<bool_of<M>>(
      "fits", [&] { return m.all(m.exact(a) >= 0, m.exact(b) >= 0, m.exact(room) >= 0); },
      [&] { return m.any(b == 0, a <= room / m.max(b, int_of<M>(1))); },
      [&](bool_of<M> r) {
        return m.all(m.iff(r, m.exact(a) * m.exact(b) <= m.exact(room)), m.exact(a) * m.exact(b) >= 0);
      });
}

// floor(a / b) for a >= 0, b >= 1.
template <class M>
HALFULP_HOST_DEVICE int_of<M> quot(M& m, int_of<M> a, int_of<M> b) {
  return m.template contract<int_of<M>>(
      "quot", [&] { return m.all(m.exact(a) >= 0, m.exact(b) >= 1); }, [&] { return a / b; },
      [&](int_of<M> q) {
        return m.all(m.exact(q) >= 0, m.exact(q) <= m.exact(a), m.exact(q) * m.exact(b) <= m.exact(a),
                     m.exact(a) < m.exact(q) * m.exact(b) + m.exact(b), m.high(m.exact(a), m.exact(b)) == m.exact(q));
      });
}

// x under a name of its own, high(x, 1): in a product of extents the solver then multiplies the name, not the sum.
template <class M>
HALFULP_HOST_DEVICE int_of<M> extent(M& m, int_of<M> x) {
  return m.template contract<int_of<M>>(
      "extent", [&] { return m.truth(true); }, [&] { return x; },
      [&](int_of<M> r) { return m.all(m.exact(r) == m.exact(x), m.high(m.exact(x), 1) == m.exact(r)); });
}

// i in [0, n * d) -> i / d in [0, n) and i % d in [0, d).
template <class M>
HALFULP_HOST_DEVICE hi_lo<M> split(M& m, idx<M> i, ghost_of<M> n, int_of<M> d) {
  return m.template contract<hi_lo<M>>(
      "split", [&] { return m.all(m.exact(i.v) >= 0, m.exact(i.v) < i.n, m.exact(d) >= 1, i.n <= n * m.exact(d)); },
      [&] {
        const int_of<M> q = i.v / d;
        return hi_lo<M>{{q, n}, {i.v - q * d, m.exact(d)}};
      },
      [&](hi_lo<M> s) {
        return m.all(m.exact(s.hi.v) >= 0, m.exact(s.hi.v) < n, m.exact(s.lo.v) >= 0, m.exact(s.lo.v) < m.exact(d),
                     m.exact(i.v) == m.exact(s.hi.v) * m.exact(d) + m.exact(s.lo.v),
                     m.high(m.exact(i.v), m.exact(d)) == m.exact(s.hi.v),
                     m.low(m.exact(i.v), m.exact(d)) == m.exact(s.lo.v));
      });
}

// (hi in [0, n), lo in [0, d)) -> hi * d + lo in [0, n * d). No two pairs give the same result.
template <class M>
HALFULP_HOST_DEVICE idx<M> join(M& m, idx<M> hi, idx<M> lo, int_of<M> d) {
  return m.template contract<idx<M>>(
      "join",
      [&] {
        return m.all(m.exact(hi.v) >= 0, m.exact(hi.v) < hi.n, m.exact(lo.v) >= 0, m.exact(lo.v) < m.exact(d),
                     hi.n * m.exact(d) <= max_elements);
      },
      [&] {
        return idx<M>{hi.v * d + lo.v, hi.n * m.exact(d)};
      },
      [&](idx<M> r) {
        return m.all(m.exact(r.v) >= 0, m.exact(r.v) < hi.n * m.exact(d),
                     m.exact(r.v) == m.exact(hi.v) * m.exact(d) + m.exact(lo.v),
                     m.high(m.exact(r.v), m.exact(d)) == m.exact(hi.v),
                     m.low(m.exact(r.v), m.exact(d)) == m.exact(lo.v));
      });
}

// e * s, known to lie in [-below, above].
template <class M>
HALFULP_HOST_DEVICE int_of<M> span(M& m, int_of<M> e, int_of<M> s, int_of<M> below, int_of<M> above) {
  return m.template contract<int_of<M>>(
      "span",
      [&] {
        const ghost_of<M> up = m.ghost_select(s > 0, m.exact(s), 0);
        const ghost_of<M> down = m.ghost_select(s < 0, ghost_of<M>(0) - m.exact(s), 0);
        return m.all(m.exact(e) >= 0, m.exact(below) >= 0, m.exact(above) >= 0, m.exact(e) * up <= m.exact(above),
                     m.exact(e) * down <= m.exact(below));
      },
      [&] { return e * s; },
      [&](int_of<M> r) {
        return m.all(m.exact(r) == m.exact(e) * m.exact(s), m.exact(r) >= ghost_of<M>(0) - m.exact(below),
                     m.exact(r) <= m.exact(above));
      });
}

// i * s for i in [0, e]: lies between 0 and reach = e * s.
template <class M>
HALFULP_HOST_DEVICE int_of<M> step(M& m, int_of<M> i, int_of<M> s, ghost_of<M> e, int_of<M> reach) {
  return m.template contract<int_of<M>>(
      "step", [&] { return m.all(m.exact(i) >= 0, m.exact(i) <= e, m.exact(reach) == e * m.exact(s)); },
      [&] { return i * s; },
      [&](int_of<M> r) {
        return m.all(m.exact(r) == m.exact(i) * m.exact(s), m.times(m.exact(i), m.exact(s)) == m.exact(r),
                     m.exact(r) >= m.ghost_select(reach < 0, m.exact(reach), 0),
                     m.exact(r) <= m.ghost_select(reach > 0, m.exact(reach), 0));
      });
}

// a * b for a in [0, top_a], b in [0, top_b], with top_a * top_b <= max_product.
template <class M>
HALFULP_HOST_DEVICE int_of<M> product(M& m, int_of<M> a, ghost_of<M> top_a, int_of<M> b, ghost_of<M> top_b) {
  return m.template contract<int_of<M>>(
      "product",
      [&] {
        return m.all(m.exact(a) >= 0, m.exact(a) <= top_a, m.exact(b) >= 0, m.exact(b) <= top_b,
                     top_a * top_b <= max_product);
      },
      [&] { return a * b; },
      [&](int_of<M> r) {
        return m.all(m.exact(r) == m.exact(a) * m.exact(b), m.exact(r) >= 0, m.exact(r) <= top_a * top_b,
                     m.times(m.exact(a), m.exact(b)) == m.exact(r), m.times(m.exact(b), m.exact(a)) == m.exact(r));
      });
}

// ceil(a / b) for a in [0, max_product], b >= 1.
template <class M>
HALFULP_HOST_DEVICE int_of<M> round_up(M& m, int_of<M> a, int_of<M> b) {
  return m.template contract<int_of<M>>(
      "round_up", [&] { return m.all(m.exact(a) >= 0, m.exact(a) <= max_product, m.exact(b) >= 1); },
      [&] {
        const int_of<M> q = a / b;
        return m.select(q * b == a, q, q + 1);
      },
      [&](int_of<M> q) {
        const ghost_of<M> top = m.exact(q) * m.exact(b);
        return m.all(m.exact(q) >= 0, m.exact(q) <= m.exact(a), top >= m.exact(a), top - m.exact(b) < m.exact(a));
      });
}

// The indices t in [first, end), if end > first; else none.
template <class M>
struct index_range {
  int_of<M> first, end;
  HALFULP_HOST_DEVICE int_of<M> count(M& m) const { return m.max(end - first, int_of<M>(0)); }
};

// All t in [0, n) with 0 <= base + t * stride < in, for stride >= 1 and n >= 0.
// base must lie in [-max_elements / 2, max_product].
template <class M>
HALFULP_HOST_DEVICE index_range<M> inside(M& m, int_of<M> base, int_of<M> stride, int_of<M> n, int_of<M> in) {
  return m.template contract<index_range<M>>(
      "inside",
      [&] {
        return m.all(m.exact(stride) >= 1, m.exact(n) >= 0, m.exact(in) >= 0, m.exact(in) <= max_elements,
                     m.exact(base) >= -(max_elements / 2), m.exact(base) <= max_product);
      },
      [&] {
        const int_of<M> before = m.max(int_of<M>(0) - base, int_of<M>(0));
        const int_of<M> room = m.max(in - base, int_of<M>(0));
        return index_range<M>{round_up(m, before, stride), m.min(round_up(m, room, stride), n)};
      },
      [&](index_range<M> r) {
        const ghost_of<M> b = m.exact(base), s = m.exact(stride);
        const ghost_of<M> first = m.exact(r.first), end = m.exact(r.end);
        return m.all(first >= 0, end >= 0, end <= m.exact(n), b + first * s >= 0,
                     m.any(first == 0, b + first * s - s < 0), m.any(end == 0, b + end * s - s < m.exact(in)),
                     m.any(end == m.exact(n), b + end * s >= m.exact(in)));
      });
}

// Lemmas about products of exact integers: no code at all in `run`.

// d >= 0 -> (x <= y -> x * d <= y * d).
template <class M>
HALFULP_HOST_DEVICE void lemma_product_order(M& m, ghost_of<M> x, ghost_of<M> y, ghost_of<M> d) {
  m.lemma(
      "product_order", [&] { return d >= 0; }, [&] { return m.implies(x <= y, x * d <= y * d); });
}

// x * d == y * d and d >= 1 -> x == y.
template <class M>
HALFULP_HOST_DEVICE void lemma_product_cancel(M& m, ghost_of<M> x, ghost_of<M> y, ghost_of<M> d) {
  m.lemma(
      "product_cancel", [&] { return d >= 1; }, [&] { return m.iff(x * d == y * d, x == y); });
}

// x, y >= 1 -> x * y >= x, x * y >= y and x * y >= 1.
template <class M>
HALFULP_HOST_DEVICE void lemma_product_grows(M& m, ghost_of<M> x, ghost_of<M> y) {
  m.lemma(
      "product_grows", [&] { return m.all(x >= 1, y >= 1); },
      [&] { return m.all(x * y >= x, x * y >= y, x * y >= 1); });
}

}  // namespace halfulp
