#include <halfulp/oracle/ops/unique_consecutive.hpp>

#include <halfulp/kernels/core/device_sort.hpp>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/sort_key.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>
#include <halfulp/kernels/cuda_found.hpp>

namespace halfulp::kernels {
namespace {

using cuda::for_each_index;
using positions = std::uint32_t*;

/// The keys of element e of slices.
template <class T>
struct slice_keys {
  const T* x;
  op::unique::geometry<run> shape;

  __device__ std::int64_t elements() const { return shape.outer * shape.inner; }
  __device__ key_t<T> operator()(std::int64_t slice, std::int64_t e) const {
    run m(op::unique::name);
    const idx<run> o{shape.inner == 1 ? e : e / shape.inner, {}}, i{shape.inner == 1 ? 0 : e % shape.inner, {}};
    return key_of(x[shape.element(m, o, {slice, {}}, i).v]);
  }
  /// Whether slice t begins another value after slice s.
  __device__ bool differ(std::int64_t s, std::int64_t t) const {
    bool nan = false;
    for (std::int64_t e = 0; e < elements(); ++e) {
      const auto key = (*this)(t, e);
      if ((*this)(s, e) != key) return true;
      nan = nan || (!std::is_integral_v<T> && key == nan_key<T>);
    }
    return nan;
  }
};

struct begin_in_order {
  positions position;
  __device__ void operator()(std::int64_t k) const { position[k] = static_cast<std::uint32_t>(k); }
};
template <class T, class Key>
struct fill_keys {
  slice_keys<T> key_of_slice;
  std::int64_t element;
  const std::uint32_t* position;
  Key* key;
  __device__ void operator()(std::int64_t k) const { key[k] = key_of_slice(position[k], element); }
};
template <class T>
struct mark_begins {
  slice_keys<T> key_of_slice;
  const std::uint32_t* position;
  positions begins;
  __device__ void operator()(std::int64_t k) const {
    begins[k] = k == 0 || key_of_slice.differ(position[k - 1], position[k]) ? 1 : 0;
  }
};

/// The slices in the order of their values, in device memory: position[k] is of value rank[k] - 1, and the first of it where
/// that is more than rank[k - 1]. In `values`, which are what is returned: name[v] is the place of value v, first its first
/// slice, count how many there are; at its place.
struct grouped_slices {
  std::int64_t slices;
  const std::uint32_t *position, *rank;
  positions name, first, count, begin;

  __device__ std::int64_t found() const { return slices == 0 ? 0 : rank[slices - 1]; }
  __device__ bool begins(std::int64_t k) const { return k == 0 || rank[k] != rank[k - 1]; }
};
struct find_begins {
  grouped_slices g;
  positions is_first;  // of slices, where values are returned in the order of these; else nullptr
  __device__ void operator()(std::int64_t k) const {
    if (is_first != nullptr) is_first[g.position[k]] = g.begins(k) ? 1 : 0;
    if (g.begins(k)) g.begin[g.rank[k] - 1] = static_cast<std::uint32_t>(k);
  }
};
struct name_values {
  grouped_slices g;
  const std::uint32_t* order;  // of first slices, from 1 on; or nullptr
  std::int64_t* found;
  __device__ void operator()(std::int64_t v) const {
    const std::int64_t all = g.found();
    if (v == 0) *found = all;
    if (v >= all) return;
    const std::uint32_t slice = g.position[g.begin[v]],
                        name = order == nullptr ? static_cast<std::uint32_t>(v) : order[slice] - 1;
    g.name[v] = name;
    g.first[name] = slice;
    g.count[name] = static_cast<std::uint32_t>((v + 1 < all ? g.begin[v + 1] : g.slices) - g.begin[v]);
  }
};
struct no_values {
  std::int64_t* found;
  __device__ void operator()(std::int64_t) const { *found = 0; }
};

template <class Index>
struct write_indices {
  grouped_slices g;
  Index *index, *inverse, *counts;  // nullptr: not asked for
  __device__ void operator()(std::int64_t k) const {
    if (inverse != nullptr) inverse[g.position[k]] = static_cast<Index>(g.name[g.rank[k] - 1]);
    if (k >= g.found()) return;
    if (index != nullptr) index[k] = static_cast<Index>(g.first[k]);
    if (counts != nullptr) counts[k] = static_cast<Index>(g.count[k]);
  }
};
template <class T>
struct write_values {
  grouped_slices g;
  const T* x;
  op::unique::geometry<run> shape;
  T* values;
  __device__ void operator()(std::int64_t i) const {
    run m(op::unique::name);
    const auto v = shape.values(m, g.found());
    if (i >= v.numel) return;
    const auto p = shape.value_at(m, {i, {}}, v);
    values[i] = x[shape.element(m, p.o, {g.first[p.found.v], {}}, p.i).v];
  }
};

/// Slices sorted by their elements, the last first, each sort a stable one. Returns which of the two holds the positions.
template <class T, class Key>
positions sort_slices(const slice_keys<T>& keys, Key* key[2], positions position[2], std::int64_t elements,
                      const cuda_queue& q) {
  const std::int64_t n = keys.shape.slices;
  for (std::int64_t e = elements; e-- > 0;) {
    for_each_index(q, n, fill_keys<T, Key>{keys, e, position[0], key[0]});
    const auto sorted = cuda::sort_pairs(key, position, n, 8 * static_cast<int>(sizeof(T)), q);
    if (sorted.position != position[0]) std::swap(position[0], position[1]);
  }
  return position[0];
}

template <class Index, class T>
void write_found(const op::unique::args<T>& a, const grouped_slices& g, std::span<const tensor_view> out,
                 const cuda_queue& q) {
  std::size_t next = 1;
  const auto output = [&](bool asked) { return asked ? static_cast<Index*>(out[next++].data) : nullptr; };
  Index *const index = output(a.index), *const inverse = output(a.inverse), *const counts = output(a.counts);
  for_each_index(q, g.slices, write_indices<Index>{g, index, inverse, counts});
  for_each_index(q, a.shape.x.numel, write_values<T>{g, a.x.data(), a.shape, static_cast<T*>(out[0].data)});
}

template <class T>
void find_distinct(const op::unique::args<T>& a, std::span<const tensor_view> out, std::int64_t* found,
                   const cuda_queue& q) {
  using key = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  const std::int64_t slices = a.shape.slices;
  if (slices == 0) return for_each_index(q, 1, no_values{found});
  if (slices >= std::int64_t{1} << 31)
    throw device_error("2^31 slices to be told apart", static_cast<int>(cudaErrorNotSupported));
  const auto n = static_cast<std::size_t>(slices), word = sizeof(std::uint32_t) * n, keys = sizeof(key) * n;
  const cuda::workspace memory(q, 2 * keys + 9 * word);
  const auto words = [&](std::size_t k) { return memory.at<std::uint32_t>(2 * keys + k * word); };
  key* key_of_slice[2] = {memory.at<key>(), memory.at<key>(keys)};
  positions position[2] = {words(0), words(1)};
  const slice_keys<T> by{a.x.data(), a.shape};
  for_each_index(q, slices, begin_in_order{position[0]});
  if (!a.consecutive) sort_slices(by, key_of_slice, position, a.shape.outer * a.shape.inner, q);
  for_each_index(q, slices, mark_begins<T>{by, position[0], words(2)});
  cuda::sum_up(words(2), words(3), slices, q);
  const grouped_slices g{slices, position[0], words(3), words(4), words(5), words(6), words(7)};
  positions const is_first = a.sorted ? nullptr : words(2), order = a.sorted ? nullptr : words(8);
  for_each_index(q, slices, find_begins{g, is_first});
  if (order != nullptr) cuda::sum_up(is_first, order, slices, q);
  for_each_index(q, slices, name_values{g, order, found});
  a.index_type == dtype::int32 ? write_found<std::int32_t>(a, g, out, q) : write_found<std::int64_t>(a, g, out, q);
}

}  // namespace

#define HALFULP_COMPUTE(Op, T)                                                                                   \
  template <>                                                                                                    \
  void compute_found_on_cuda<Op, T>(const Op::args<T>& a, std::span<const tensor_view> out, std::int64_t* found, \
                                    const cuda_queue& q) {                                                       \
    find_distinct(a, out, found, q);                                                                             \
  }
#define HALFULP_UNIQUE(T) HALFULP_COMPUTE(op::unique, T) HALFULP_COMPUTE(op::unique_consecutive, T)
HALFULP_EACH_REAL_TYPE(HALFULP_UNIQUE)
#undef HALFULP_UNIQUE
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
