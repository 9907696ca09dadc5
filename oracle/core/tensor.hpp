#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include <halfulp/oracle/core/dtype.hpp>
#include <halfulp/oracle/core/extents.hpp>

namespace halfulp {

/// A tensor by reference, with the members of a DLPack tensor: strides count elements and may be zero or negative.
/// Whoever makes the view vouches that the memory is there.
struct tensor_view {
  void* data = nullptr;
  dtype type = dtype::float32;
  extents shape;
  extents strides;
  bool on_cuda = false;

  std::int64_t rank() const { return shape.rank; }
  std::int64_t size(int axis) const { return shape[axis]; }
  std::int64_t numel() const { return product(shape); }
  bool is_contiguous() const;

  /// The elements in row-major order; the view must be contiguous and of T.
  template <class T>
  std::span<T> elements() const {
    return {static_cast<T*>(data), static_cast<std::size_t>(numel())};
  }
};

/// Strides of a row-major tensor.
extents row_major_strides(const extents& shape);

/// A tensor that owns its elements, row-major; copies share them.
class tensor {
 public:
  tensor() = default;
  /// Every element zero.
  tensor(dtype type, const extents& shape);

  dtype type() const { return view_.type; }
  const extents& shape() const { return view_.shape; }
  std::int64_t numel() const { return view_.numel(); }
  const tensor_view& view() const { return view_; }
  std::span<std::byte> bytes() const;

  template <class T>
  std::span<T> elements() const {
    return view_.elements<T>();
  }

 private:
  std::shared_ptr<std::byte[]> storage_;
  tensor_view view_;
};

/// The real components of a tensor of T, real before imaginary parts: std::complex is laid out as an array of the two.
template <class T>
std::span<component_t<T>> components_of(const tensor_view& v) {
  const auto x = v.elements<T>();
  return {reinterpret_cast<component_t<T>*>(x.data()), x.size() * (is_complex<T> ? 2 : 1)};
}

/// The same elements row-major: v itself where it is so already, else a copy that `keep` owns.
tensor_view contiguous(const tensor_view& v, tensor& keep);

}  // namespace halfulp
