#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.cuh>

namespace halfulp::kernels {
namespace {

template <class M>
struct origins {
  op::index_sample::geometry<M> shape;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    M m(op::index_sample_grad::name);
    op::index_sample::geometry<M> g = shape;
    g.y.rank = 2;
    return cuda::plain(g.source(m, {int_of<M>(j), {}}, int_of<M>(index[j])).v);
  }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

cuda::found_places places_of(const op::index_sample::geometry<run>& g, const index_elements& index,
                             const cuda_queue& q) {
  const std::int64_t targets = g.x.numel, updates = g.y.numel;
  if (updates > 0 && std::max(targets, updates) <= narrow_int::most)
    return {origins<narrow_run>{{narrowed(g.x), narrowed(g.index), narrowed(g.y)}, index},
            targets,
            updates,
            updates,
            true,
            q};
  return {origins<run>{g, index}, targets, updates, updates, true, q};
}

template <class T>
void queue(const op::index_sample_grad::args<T>& a, T* dx, const cuda_queue& q) {
  const auto places = places_of(a.shape.forward, a.index, q);
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
