// What every index machine offers. Index and shape rules are templates over a machine M:
//   run     plain int64; contracts and claims compile to nothing      kernels, oracle
//   replay  int64 with every operation and contract checked           concrete failures, small shapes
//   sym     solver expressions (analysis/proof)                       proofs for all shapes
#pragma once

#include <cstdint>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp {

// Most elements a tensor may have, and the largest dimension.
inline constexpr std::int64_t max_elements = std::int64_t{1} << 62;
// Largest product of two indices that is formed; leaves room for a few more terms in int64.
inline constexpr std::int64_t max_product = 3 * (std::int64_t{1} << 61);
inline constexpr int max_rank = 8;

template <class M>
using int_of = typename M::integer;  // 64-bit, must not overflow
template <class M>
using int32_of = typename M::integer32;  // what vendor libraries take
template <class M>
using bool_of = typename M::boolean;  // `if` on it forks a proof
template <class M>
using ghost_of = typename M::ghost;  // exact integer, exists in proofs only

// A number with its bound: 0 <= v < n.
template <class M>
struct idx {
  int_of<M> v;
  [[no_unique_address]] ghost_of<M> n;
};

template <class M>
struct hi_lo {
  idx<M> hi, lo;
};

// The name and value of an argument, for the message of an error. at >= 0: name[at].
template <class T>
struct named {
  const char* name;
  int at;
  T value;
  HALFULP_HOST_DEVICE constexpr named(const char* n, T v) : name(n), at(-1), value(v) {}
  HALFULP_HOST_DEVICE constexpr named(const char* n, int k, T v) : name(n), at(k), value(v) {}
};

}  // namespace halfulp
