#include <halfulp/oracle/core/tensor.hpp>

#include <cstring>

namespace halfulp {

std::string to_string(const extents& shape) {
  std::string text = "[";
  for (int k = 0; k < shape.rank; ++k) text += (k == 0 ? "" : ", ") + std::to_string(shape[k]);
  return text + "]";
}

extents row_major_strides(const extents& shape) {
  extents strides = shape;
  std::int64_t step = product(shape) == 0 ? 0 : 1;
  for (int k = shape.rank - 1; k >= 0; --k) {
    strides[k] = step;
    step *= shape[k];
  }
  return strides;
}

bool tensor_view::is_contiguous() const {
  std::int64_t step = 1;
  if (numel() == 0) return true;
  for (int k = shape.rank - 1; k >= 0; --k) {
    if (shape[k] != 1 && strides[k] != step) return false;
    step *= shape[k];
  }
  return true;
}

tensor::tensor(dtype type, const extents& shape)
    : storage_(std::make_shared<std::byte[]>(static_cast<std::size_t>(product(shape) * size_of(type)))),
      view_{storage_.get(), type, shape, row_major_strides(shape), false} {}

std::span<std::byte> tensor::bytes() const {
  return {storage_.get(), static_cast<std::size_t>(numel() * size_of(type()))};
}

tensor_view contiguous(const tensor_view& v, tensor& keep) {
  if (v.is_contiguous()) return v;
  keep = tensor(v.type, v.shape);
  const auto size = static_cast<std::size_t>(size_of(v.type));
  const auto* from = static_cast<const std::byte*>(v.data);
  std::byte* to = keep.bytes().data();
  const std::int64_t count = v.numel();
  extents at = v.shape;
  for (int k = 0; k < at.rank; ++k) at[k] = 0;
  for (std::int64_t i = 0; i < count; ++i, to += size) {
    std::int64_t offset = 0;
    for (int k = 0; k < at.rank; ++k) offset += at[k] * v.strides[k];
    std::memcpy(to, from + offset * static_cast<std::int64_t>(size), size);
    for (int k = at.rank - 1; k >= 0 && ++at[k] == v.shape[k]; --k) at[k] = 0;
  }
  return keep.view();
}

}  // namespace halfulp
