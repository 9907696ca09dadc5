#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/row_sums.hpp>
#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/strided_elements.cuh>
#include <halfulp/oracle/core/part.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::index_sample_grad;

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
  const auto narrow = [&] { return origins<narrow_run>{{narrowed(g.x), narrowed(g.index), narrowed(g.y)}, index}; };
  return cuda::places_by(origins<run>{g, index}, narrow, g.x.numel, g.y.numel, g.y.numel, true, q);
}

template <class T>
bool is_queued_by_rows(const queued::args<T>& a, T* dx, const cuda_queue& q) {
  if constexpr (std::is_integral_v<T>) {
    return false;
  } else {
    using R = component_t<T>;
    const auto& g = a.shape.forward;
    const row_updates<R> u{
        reinterpret_cast<const R*>(a.dy.data()), a.index, g.x.dim[0], g.y.dim[1], g.x.dim[1], parts_of<T>};
    if (!queue_row_sums(u, reinterpret_cast<R*>(dx), q)) return false;
    count_exact(g.x.numel * parts_of<T>, q);
    return true;
  }
}

template <class T>
void queue(const queued::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  auto* dx = static_cast<T*>(out[0].data);
  if (is_queued_by_rows(a, dx, q)) return;
  const auto places = places_of(a.shape.forward, a.index, q);
  queue_scatter<T>({places.get(), queued::rule(a), 1, a.dy.data(), nullptr, dx}, q);
}

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
