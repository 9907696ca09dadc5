#include <halfulp/oracle/ops/copysign.hpp>

#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_rows.hpp>

namespace halfulp::kernels {
namespace {

/// One row: x and y each step by 1 or stay. The steps are constants, so that each of the four loops is vectorised.
template <std::int64_t XStep, std::int64_t YStep, class T>
void copy_row(const T* x, const T* y, T* z, std::int64_t count) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) z[i] = op::copysign::sign_copied(x[i * XStep], y[i * YStep]);
}

/// Bits only: no floating-point instruction that could quieten a NaN takes part.
template <class T>
tier_counts copy_signs(const op::copysign::args<T>& a, std::span<const tensor_view> out) {
  const extents z = extents_of(a.shape.z);
  const auto m =
      strided_map<2>{z, {broadcast_steps(extents_of(a.shape.x), z), broadcast_steps(extents_of(a.shape.y), z)}}
          .collapsed();
  const int last = m.shape.rank - 1;
  constexpr decltype(&copy_row<0, 0, T>) rows[2][2] = {{copy_row<0, 0, T>, copy_row<0, 1, T>},
                                                       {copy_row<1, 0, T>, copy_row<1, 1, T>}};
  const auto row = rows[m.step[0][last]][m.step[1][last]];
  T* to = out[0].elements<T>().data();
  for_each_row(m, [&](std::int64_t first, std::int64_t count, const std::array<std::int64_t, 2>& at) {
    row(a.x.data() + at[0], a.y.data() + at[1], to + first, count);
  });
  return all_exact(out[0]);
}

}  // namespace

#define HALFULP_COPYSIGN(T)                                                                                \
  template <>                                                                                              \
  tier_counts compute<op::copysign, T>(const op::copysign::args<T>& a, std::span<const tensor_view> out) { \
    return copy_signs(a, out);                                                                             \
  }
HALFULP_EACH_REAL_TYPE(HALFULP_COPYSIGN)
#undef HALFULP_COPYSIGN

}  // namespace halfulp::kernels
