// Specification of a launch: for every n, each index below n has exactly one (block, thread), which reaches it.
#pragma once

#include <halfulp/oracle/core/launch.hpp>

namespace halfulp {

// The launch rules as a kernel uses them; a drive may be given others.
struct grid_stride {
  template <class M>
  static grid<M> make(M& m, int_of<M> n) {
    return make_grid<M>(m, n);
  }
  template <class M>
  static thread_work<M> work(M& m, int32_of<M> block, int32_of<M> thread, int32_of<M> blocks, int32_of<M> threads) {
    return work_of<M>(m, block, thread, blocks, threads);
  }
  template <class M>
  static int_of<M> next(M& m, int_of<M> i, int_of<M> step) {
    return next_index<M>(m, i, step);
  }
};

struct launch {
  static constexpr const char* name = "launch";

  template <class M>
  static void drive(M& m) {
    drive_as<grid_stride>(m);
  }

  template <class Rule, class M>
  static void drive_as(M& m) {
    const int_of<M> n = m.input("n");
    m.assume(m.all(n >= 0, n <= max_elements));
    const grid<M> g = Rule::template make<M>(m, n);
    m.claim("a launch if and only if there is something to do", [&] { return m.iff(g.launch, n > 0); });
    if (!g.launch) return;
    m.claim("the grid is within CUDA's limits",
            [&] { return m.all(g.blocks >= 1, g.blocks <= 2147483647, g.threads >= 1, g.threads <= 1024); });
    const int32_of<M> blocks = m.narrow("gridDim.x", g.blocks), threads = m.narrow("blockDim.x", g.threads);
    m.each("block", g.blocks, [&](idx<M> b) {
      m.each("thread", g.threads, [&](idx<M> t) {
        const int32_of<M> block = m.narrow("blockIdx.x", b.v), thread = m.narrow("threadIdx.x", t.v);
        one_thread<Rule>(m, n, g, Rule::template work<M>(m, block, thread, blocks, threads), b, t);
      });
    });
  }

 private:
  // Thread t of block b visits exactly the indices i = b * threads + t modulo blocks * threads.
  template <class Rule, class M>
  static void one_thread(M& m, int_of<M> n, const grid<M>& g, thread_work<M> w, idx<M> b, idx<M> t) {
    const ghost_of<M> first = m.exact(w.first), step = m.exact(w.step);
    m.claim("step: the number of threads", [&] { return step == m.exact(g.blocks) * m.exact(g.threads); });
    m.claim("first: the number of this thread",
            [&] { return m.all(first == m.exact(b.v) * m.exact(g.threads) + m.exact(t.v), first >= 0, first < step); });
    m.each("index", n, [&](idx<M> i) {
      const int_of<M> next = Rule::template next<M>(m, i.v, w.step);
      m.claim("the loop goes on to the thread's next index", [&] {
        const bool_of<M> own = m.low(m.exact(i.v), step) == first;
        return m.implies(own, m.all(m.exact(next) == m.exact(i.v) + step, m.low(m.exact(next), step) == first));
      });
    });
    m.claim_any("every index has a thread", n, [&](idx<M> i) {
      const ghost_of<M> own = m.low(m.exact(i.v), step), threads = m.exact(g.threads);
      const ghost_of<M> block = m.high(own, threads), thread = m.low(own, threads);
      return m.all(block >= 0, block < m.exact(g.blocks), thread >= 0, thread < threads,
                   block * threads + thread == own);
    });
    m.claim_any("no two threads have the same number", g.blocks, [&](idx<M> b2) {
      m.claim_any("no two threads of different blocks have the same number", g.threads, [&](idx<M> t2) {
        return m.implies(m.exact(b2.v) * m.exact(g.threads) + m.exact(t2.v) == first, m.all(b2.v == b.v, t2.v == t.v));
      });
      return m.truth(true);
    });
  }
};

}  // namespace halfulp
