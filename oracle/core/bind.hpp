#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <halfulp/oracle/core/call.hpp>
#include <halfulp/oracle/core/run.hpp>
#include <halfulp/oracle/core/shape.hpp>

/// What the specs' `bind` is made of: from the arguments of a call to checked shapes and typed elements.
namespace halfulp {

/// The checked shape of dimensions given as data. Throws invalid_argument, which names `name`.
inline shape<run> shape_of(run& m, const char* name, std::span<const std::int64_t> dims) {
  if (dims.size() > static_cast<std::size_t>(max_rank))
    throw invalid_argument(m.op, "a tensor has at most 8 dimensions",
                           {{name, std::to_string(dims.size()) + " dimensions"}});
  return shape<run>::of(m, name, dims.data(), static_cast<int>(dims.size()));
}
inline shape<run> shape_of(run& m, const char* name, const tensor_view& t) {
  return shape<run>::of(m, name, t.shape.begin(), t.shape.rank);
}

inline extents extents_of(const shape<run>& s) {
  extents e;
  for (int k = 0; k < s.rank; ++k) e.push_back(s.dim[k]);
  return e;
}

/// The elements of a tensor argument; its dtype must be T's, and it must lie contiguous in host memory.
template <class T>
std::span<const T> elements(const call& c, std::string_view name) {
  const tensor_view& t = c.tensor(name);
  if (t.type != dtype_of<T>) c.refuse(name, "must be of dtype " + std::string(name_of(dtype_of<T>)));
  if (t.on_cuda) c.refuse(name, "must lie in host memory");
  if (!t.is_contiguous()) c.refuse(name, "must be contiguous");
  return t.elements<const T>();
}

/// Indices of either width, read as int64.
struct index_elements {
  std::span<const std::int32_t> narrow;
  std::span<const std::int64_t> wide;

  HALFULP_HOST_DEVICE std::int64_t operator[](std::int64_t i) const {
    const auto k = static_cast<std::size_t>(i);
    return wide.empty() ? narrow[k] : wide[k];
  }
  /// f(buffer) on the machine's view of whichever there is.
  template <class F>
  void with_buffer(F f) const {
    if (wide.empty()) {
      f(run::buffer<const std::int32_t>{narrow.data(), static_cast<std::int64_t>(narrow.size())});
    } else {
      f(run::buffer<const std::int64_t>{wide.data(), static_cast<std::int64_t>(wide.size())});
    }
  }
};

/// The elements of an int32 or int64 tensor argument.
inline index_elements indices(const call& c, std::string_view name) {
  switch (c.tensor(name).type) {
    case dtype::int32:
      return {elements<std::int32_t>(c, name), {}};
    case dtype::int64:
      return {{}, elements<std::int64_t>(c, name)};
    default:
      c.refuse(name, "must be of dtype int32 or int64");
  }
}

/// Sizes as Paddle takes a shape: a list of integers, or an int32 or int64 tensor with one dimension.
inline std::vector<std::int64_t> sizes(const call& c, std::string_view name) {
  const auto* t = std::get_if<tensor_view>(&c.at(name).value);
  if (t == nullptr) return c.integers(name);
  if (t->rank() != 1) c.refuse(name, "must be a list of integers or a tensor with one dimension");
  const index_elements given = indices(c, name);
  std::vector<std::int64_t> numbers;
  for (std::int64_t k = 0; k < t->numel(); ++k) numbers.push_back(given[k]);
  return numbers;
}

}  // namespace halfulp
