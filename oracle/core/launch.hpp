// The grid of a one-dimensional CUDA launch with a grid-stride loop. Proved for every n up to
// max_elements: within CUDA's limits, and each index has exactly one (block, thread).
#pragma once

#include <halfulp/oracle/core/index.hpp>

namespace halfulp {

inline constexpr std::int64_t threads_per_block = 256;
inline constexpr std::int64_t most_blocks = 65535;

template <class M>
struct grid {
  bool_of<M> launch;  // false: there is nothing to do, and CUDA refuses an empty grid
  int_of<M> blocks, threads;
};

template <class M>
HALFULP_HOST_DEVICE grid<M> make_grid(M& m, int_of<M> n) {
  if (n == 0) return {m.truth(false), int_of<M>(0), int_of<M>(0)};
  const int_of<M> need = quot<M>(m, n - 1, threads_per_block) + 1;
  return {m.truth(true), m.min(need, int_of<M>(most_blocks)), int_of<M>(threads_per_block)};
}

// What one thread handles: first, first + step, ... while less than n.
template <class M>
struct thread_work {
  int_of<M> first, step;
};

// The arguments are 32-bit in CUDA; `wide` keeps their products from being so.
template <class M>
HALFULP_HOST_DEVICE thread_work<M> work_of(M& m, int_of<M> block, int_of<M> thread, int_of<M> blocks,
                                           int_of<M> threads) {
  return {m.wide(block) * threads + thread, m.wide(blocks) * threads};
}

template <class M>
HALFULP_HOST_DEVICE int_of<M> next_index(M&, int_of<M> i, int_of<M> step) {
  return i + step;
}

}  // namespace halfulp
