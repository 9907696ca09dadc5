// Which kernel of strided_elements.cuh makes an output, and what it is given.
#pragma once

#include <algorithm>
#include <type_traits>

#include <halfulp/kernels/core/strided_elements.cuh>

namespace halfulp::kernels::cuda {

using as_strided_view = op::as_strided::geometry<run>;

/// The operands of a kernel on the host.
template <class Bits, std::size_t N>
struct operands {
  std::array<const Bits*, N> data;
  strided_map<N> map;  // collapsed

  int last() const { return map.shape.rank - 1; }
  std::int64_t row() const { return map.shape[last()]; }
  /// The elements that operand k spans, from its first on.
  std::int64_t span(std::size_t k) const {
    std::int64_t end = map.offset[k] + 1;
    for (int d = 0; d <= last(); ++d) end += std::max<std::int64_t>(0, map.step[k][d]) * (map.shape[d] - 1);
    return end;
  }
  /// The view of operand k, with dimensions of 1 in front to make `rank`.
  as_strided_view view_of(std::size_t k, int rank) const {
    extents size, step;
    for (int d = last() + 1; d < rank; ++d) {
      size.push_back(1);
      step.push_back(0);
    }
    for (int d = 0; d <= last(); ++d) {
      size.push_back(map.shape[d]);
      step.push_back(map.step[k][d]);
    }
    run m(op::as_strided::name);
    return as_strided_view::of(m, span(k), shape<run>::of(m, "shape", size.begin(), rank), step.begin(), map.offset[k]);
  }
  bool is_narrow() const {
    bool all = product(map.shape) <= narrow_int::most - vector_of_bits;
    for (std::size_t k = 0; k < N; ++k) all = all && span(k) <= narrow_int::most;
    return all;
  }
  static constexpr int vector_of_bits = packed<Bits>::count;
};

inline bool is_aligned(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p) % 16 == 0;
}

/// The same operands in packed elements; of rank 0 where they cannot be had so.
template <class Bits, std::size_t N>
operands<Bits, N> in_packed(const operands<Bits, N>& o) {
  constexpr std::int64_t width = packed<Bits>::count;
  operands<Bits, N> p = o;
  const operands<Bits, N> none{};
  if (width == 1 || o.row() % width != 0) return none;
  p.map.shape[o.last()] /= width;
  for (std::size_t k = 0; k < N; ++k) {
    if (o.map.step[k][o.last()] == 0) continue;
    bool whole = is_aligned(o.data[k]) && o.map.step[k][o.last()] == 1 && o.map.offset[k] % width == 0;
    p.map.offset[k] /= width;
    for (int d = 0; d < o.last(); ++d) {
      whole = whole && o.map.step[k][d] % width == 0;
      p.map.step[k][d] /= width;
    }
    if (!whole) return none;
  }
  return p;
}

inline op::as_strided::geometry<narrow_run> narrowed(const as_strided_view& v) {
  op::as_strided::geometry<narrow_run> n;
  n.y = halfulp::narrowed(v.y);
  for (int k = 0; k < v.y.rank; ++k) n.stride[k] = v.stride[k];
  n.offset = v.offset;
  n.n = v.n;
  return n;
}

template <class M, int Rank, class Bits, std::size_t N>
void set(operand<Bits, M, Rank> (&to)[N], const operands<Bits, N>& o) {
  for (std::size_t k = 0; k < N; ++k) {
    to[k].data = o.data[k];
    to[k].repeats = o.map.step[k][o.last()] == 0;
    if constexpr (std::is_same_v<M, run>)
      to[k].view = o.view_of(k, Rank);
    else
      to[k].view = narrowed(o.view_of(k, Rank));
  }
}

/// Of so few dimensions the device keeps no array.
inline constexpr int few_dimensions = 4;

template <class F, class M, int Rank, class Bits, std::size_t N>
void queue_runs(const by_element<F, Bits, M, Rank, N>& each, const operands<Bits, N>& o, const cuda_queue& queue) {
  constexpr std::int64_t width = packed<Bits>::count;
  const std::int64_t count = product(o.map.shape);
  const auto before = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(each.z) % 16 / sizeof(Bits));
  by_run<F, Bits, M, Rank, N> f{each, count, before, o.row(), {}};
  for (std::size_t k = 0; k < N; ++k) f.step[k] = o.map.step[k][o.last()];
  for_each_index(queue, (before + count + width - 1) / width, f);
}

template <class F, class M, int Rank, class Bits, std::size_t N>
void queue_ranked(const operands<Bits, N>& o, Bits* z, const cuda_queue& queue) {
  const std::int64_t count = product(o.map.shape);
  if (const auto p = in_packed(o); p.map.shape.rank > 0 && is_aligned(z)) {
    by_packed<F, Bits, M, Rank, N> f{{}, z};
    set(f.from, p);
    return for_each_index(queue, count / packed<Bits>::count, f);
  }
  by_element<F, Bits, M, Rank, N> each{{}, z};
  set(each.from, o);
  if constexpr (std::is_same_v<M, narrow_run> && Rank <= few_dimensions)
    if (packed<Bits>::count > 1 && o.row() >= 2 * packed<Bits>::count) return queue_runs(each, o, queue);
  for_each_index(queue, count, each);
}

template <class F, class Bits, std::size_t N>
void queue_elements(const operands<Bits, N>& o, void* out, const cuda_queue& queue) {
  if (product(o.map.shape) == 0) return;
  auto* z = static_cast<Bits*>(out);
  if (!o.is_narrow()) return queue_ranked<F, run, max_rank>(o, z, queue);
  if (o.map.shape.rank > few_dimensions) return queue_ranked<F, narrow_run, max_rank>(o, z, queue);
  queue_ranked<F, narrow_run, few_dimensions>(o, z, queue);
}

}  // namespace halfulp::kernels::cuda
