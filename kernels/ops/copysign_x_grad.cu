#include <halfulp/oracle/ops/copysign_x_grad.hpp>

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {
namespace {

struct origins {
  op::copysign::geometry<run> shape;

  __device__ op::copysign::geometry<run>::pair source(std::int64_t j) const {
    run m(op::copysign_x_grad::name);
    return shape.source(m, {j, {}});
  }
  __device__ std::int64_t target(std::int64_t j) const { return source(j).x.v; }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

template <class T>
struct find_terms {
  const T *x, *y, *dz;
  origins from;
  T* term;

  __device__ void operator()(std::int64_t j) const {
    const auto s = from.source(j);
    term[j] = op::copysign_x_grad::term(x[s.x.v], y[s.y.v], dz[j]);
  }
};

template <class T>
void queue(const op::copysign_x_grad::args<T>& a, T* dx, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  const origins from{g};
  const cuda::workspace terms(q, static_cast<std::size_t>(g.z.numel) * sizeof(T));
  cuda::for_each_index(q, g.z.numel, find_terms<T>{a.x.data(), a.y.data(), a.dz.data(), from, terms.at<T>()});
  const cuda::found_places places(from, g.x.numel, g.z.numel, g.z.numel, true, q);
  queue_scatter<T>({places.get(), op::copysign_x_grad::rule(a), 1, terms.at<T>(), nullptr, dx}, q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                              \
  template <>                                                                                           \
  void compute_on_cuda<op::copysign_x_grad, T>(const op::copysign_x_grad::args<T>& a,                   \
                                               std::span<const tensor_view> out, const cuda_queue& q) { \
    queue(a, static_cast<T*>(out[0].data), q);                                                          \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
