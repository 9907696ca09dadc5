#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {
namespace {

struct origins {
  op::index_sample_grad::geometry<run> shape;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    run m(op::index_sample_grad::name);
    return shape.target(m, {j, {}}, index[j]).v;
  }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

template <class T>
void queue(const op::index_sample_grad::args<T>& a, T* dx, const cuda_queue& q) {
  const std::int64_t targets = a.shape.forward.x.numel, updates = a.shape.forward.y.numel;
  const cuda::found_places places(origins{a.shape, a.index}, targets, updates, updates, true, q);
  queue_scatter<T>({places.get(), op::index_sample_grad::rule(a), 1, a.dy.data(), nullptr, dx}, q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                                \
  template <>                                                                                             \
  void compute_on_cuda<op::index_sample_grad, T>(const op::index_sample_grad::args<T>& a,                 \
                                                 std::span<const tensor_view> out, const cuda_queue& q) { \
    queue(a, static_cast<T*>(out[0].data), q);                                                            \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
