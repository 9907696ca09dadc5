// Output elements made from those of operands that are views: the rule of as_strided, once for 16 bytes of the output.
#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/strided_elements.hpp>
#include <halfulp/oracle/core/narrow_run.hpp>
#include <halfulp/oracle/ops/as_strided.hpp>

namespace halfulp::kernels::cuda {

/// An element of 16 bytes.
struct alignas(16) wide_bits {
  std::uint64_t part[2];
};

/// As many elements as are loaded and stored at once.
template <class Bits>
struct alignas(16) packed {
  static constexpr int count = static_cast<int>(16 / sizeof(Bits));
  Bits element[count];
};

__device__ inline std::int64_t plain(std::int64_t x) {
  return x;
}
__device__ inline std::int64_t plain(narrow_int x) {
  return x.value();
}

/// A view of elements or, where it does not repeat one, of packed ones. It has `Rank` dimensions, so that the device
/// unrolls the rule.
template <class Bits, class M, int Rank>
struct operand {
  const Bits* data;
  op::as_strided::geometry<M> view;
  bool repeats;

  __device__ std::int64_t source(std::int64_t i) const {
    M m(op::as_strided::name);
    return plain(unrolled().source(m, idx<M>{int_of<M>(i), {}}).v);
  }
  __device__ std::int64_t position_in_row(std::int64_t i) const {
    M m(op::as_strided::name);
    idx<M> at[max_rank] = {};
    unrolled().y.unravel(m, idx<M>{int_of<M>(i), {}}, at);
    return plain(at[Rank - 1].v);
  }
  __device__ Bits element(std::int64_t i) const { return data[source(i)]; }
  __device__ packed<Bits> elements(std::int64_t i) const {
    const std::int64_t s = source(i);
    if (!repeats) return reinterpret_cast<const packed<Bits>*>(data)[s];
    packed<Bits> all;
#pragma unroll
    for (Bits& e : all.element) e = data[s];
    return all;
  }

 private:
  __device__ op::as_strided::geometry<M> unrolled() const {
    op::as_strided::geometry<M> g = view;
    g.y.rank = Rank;
    return g;
  }
};

/// z[i] = F()(the operands' elements for i), whatever the steps.
template <class F, class Bits, class M, int Rank, std::size_t N>
struct by_element {
  operand<Bits, M, Rank> from[N];
  Bits* z;

  __device__ void operator()(std::int64_t i) const {
    Bits of[N];
#pragma unroll
    for (std::size_t k = 0; k < N; ++k) of[k] = from[k].element(i);
    z[i] = F()(of);
  }
};

/// The same, packed, for operands whose rows are a whole number of packed elements, or one element repeated.
template <class F, class Bits, class M, int Rank, std::size_t N>
struct by_packed {
  operand<Bits, M, Rank> from[N];
  Bits* z;

  __device__ void operator()(std::int64_t i) const {
    packed<Bits> of[N], all;
#pragma unroll
    for (std::size_t k = 0; k < N; ++k) of[k] = from[k].elements(i);
#pragma unroll
    for (int e = 0; e < packed<Bits>::count; ++e) {
      Bits one[N];
      for (std::size_t k = 0; k < N; ++k) one[k] = of[k].element[e];
      all.element[e] = F()(one);
    }
    reinterpret_cast<packed<Bits>*>(z)[i] = all;
  }
};

/// The same for rows of any length and step, packed only as they are written. The first packed place begins `before`
/// elements before z, where z is not aligned.
template <class F, class Bits, class M, int Rank, std::size_t N>
struct by_run {
  by_element<F, Bits, M, Rank, N> each;
  std::int64_t count, before, row, step[N];  // row, step: size and steps of the last dimension

  __device__ void operator()(std::int64_t i) const {
    constexpr int width = packed<Bits>::count;
    const std::int64_t first = i * width - before;
    if (first < 0 || first + width > count || each.from[0].position_in_row(first) + width > row)
      return one_by_one(first, first + width);
    const Bits* at[N];
    for (std::size_t k = 0; k < N; ++k) at[k] = each.from[k].data + each.from[k].source(first);
    packed<Bits> all;
#pragma unroll
    for (int e = 0; e < width; ++e) {
      Bits one[N];
      for (std::size_t k = 0; k < N; ++k) one[k] = at[k][e * step[k]];
      all.element[e] = F()(one);
    }
    *reinterpret_cast<packed<Bits>*>(each.z + first) = all;
  }
  __device__ void one_by_one(std::int64_t first, std::int64_t end) const {
#pragma unroll 1
    for (std::int64_t j = max(first, std::int64_t{0}); j < min(end, count); ++j) each(j);
  }
};

}  // namespace halfulp::kernels::cuda
