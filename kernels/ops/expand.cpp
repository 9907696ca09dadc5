#include <halfulp/oracle/ops/expand.hpp>

#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_copy.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
tier_counts repeat(const op::expand::args<T>& a, std::span<const tensor_view> out) {
  const extents y = extents_of(a.shape.y);
  copy_strided(a.x.data(), {y, {broadcast_steps(extents_of(a.shape.x), y)}}, out[0].elements<T>().data());
  return all_exact(out[0]);
}

}  // namespace

#define HALFULP_EXPAND(T)                                                                              \
  template <>                                                                                          \
  tier_counts compute<op::expand, T>(const op::expand::args<T>& a, std::span<const tensor_view> out) { \
    return repeat(a, out);                                                                             \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_EXPAND)
#undef HALFULP_EXPAND

}  // namespace halfulp::kernels
