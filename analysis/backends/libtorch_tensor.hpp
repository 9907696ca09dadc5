// LibTorch's tensors and ours: for the program that links LibTorch.
#pragma once

#include <cstring>
#include <stdexcept>
#include <utility>

#include <torch/torch.h>

#include <halfulp/analysis/backends/in_process.hpp>

namespace halfulp::analysis {

inline constexpr std::pair<dtype, at::ScalarType> scalar_types[] = {
    {dtype::boolean, at::kBool},
    {dtype::uint8, at::kByte},
    {dtype::int8, at::kChar},
    {dtype::int16, at::kShort},
    {dtype::int32, at::kInt},
    {dtype::int64, at::kLong},
    {dtype::float16, at::kHalf},
    {dtype::bfloat16, at::kBFloat16},
    {dtype::float32, at::kFloat},
    {dtype::float64, at::kDouble},
    {dtype::complex64, at::kComplexFloat},
    {dtype::complex128, at::kComplexDouble},
};

/// A view of our elements. Throws unsupported for a dtype that torch lacks.
inline at::Tensor torch_tensor(const tensor_view& t) {
  for (const auto& [ours, theirs] : scalar_types)
    if (ours == t.type) return at::from_blob(t.data, at::IntArrayRef(t.shape.begin(), t.shape.end()), theirs);
  throw unsupported("no " + std::string(name_of(t.type)));
}

/// A copy of theirs.
inline tensor our_tensor(const at::Tensor& given) {
  const at::Tensor t = given.contiguous();
  extents shape;
  for (const std::int64_t n : t.sizes()) shape.push_back(n);
  for (const auto& [ours, theirs] : scalar_types)
    if (theirs == t.scalar_type()) {
      const tensor copy(ours, shape);
      if (copy.numel() > 0) std::memcpy(copy.bytes().data(), t.data_ptr(), copy.bytes().size());
      return copy;
    }
  throw std::runtime_error("a result of a dtype that halfulp lacks");
}

}  // namespace halfulp::analysis
