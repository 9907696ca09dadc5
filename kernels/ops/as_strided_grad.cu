#include <halfulp/oracle/ops/as_strided_grad.hpp>

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {
namespace {

struct origins {
  op::as_strided_grad::geometry<run> shape;

  __device__ std::int64_t target(std::int64_t j) const {
    run m(op::as_strided_grad::name);
    return shape.target(m, {j, {}}).v;
  }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

template <class T>
void queue(const op::as_strided_grad::args<T>& a, T* dx, const cuda_queue& q) {
  const std::int64_t targets = a.shape.forward.n, updates = a.shape.forward.y.numel;
  const cuda::found_places places(origins{a.shape}, targets, updates, updates, true, q);
  queue_scatter<T>({places.get(), op::as_strided_grad::rule(a), 1, a.dy.data(), nullptr, dx}, q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                              \
  template <>                                                                                           \
  void compute_on_cuda<op::as_strided_grad, T>(const op::as_strided_grad::args<T>& a,                   \
                                               std::span<const tensor_view> out, const cuda_queue& q) { \
    queue(a, static_cast<T*>(out[0].data), q);                                                          \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
