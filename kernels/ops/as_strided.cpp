#include <halfulp/oracle/ops/as_strided.hpp>

#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_copy.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
tier_counts copy_view(const op::as_strided::args<T>& a, std::span<const tensor_view> out) {
  const extents y = extents_of(a.shape.y);
  extents steps;
  for (int k = 0; k < y.rank; ++k) steps.push_back(a.shape.stride[k]);
  copy_strided(a.x.data(), {y, {steps}, {a.shape.offset}}, out[0].elements<T>().data());
  return all_exact(out[0]);
}

}  // namespace

#define HALFULP_AS_STRIDED(T)                                                                                  \
  template <>                                                                                                  \
  tier_counts compute<op::as_strided, T>(const op::as_strided::args<T>& a, std::span<const tensor_view> out) { \
    return copy_view(a, out);                                                                                  \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_AS_STRIDED)
#undef HALFULP_AS_STRIDED

}  // namespace halfulp::kernels
