#include <algorithm>
#include <vector>

#include <halfulp/kernels/core/host_part.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/linalg/settle_eigenvalues.hpp>

namespace halfulp::kernels {
namespace {

using cuda::left_matrix;

/// The matrix alone, its elements in host memory.
template <class T>
op::eigvalsh::args<T> one_matrix(const op::eigvalsh::args<T>& a, std::span<const T> elements) {
  run m(op::eigvalsh::name);
  const std::int64_t dim[2] = {a.shape.n, a.shape.n};
  const auto uplo = a.lower ? op::eigvalsh::triangle::lower : op::eigvalsh::triangle::upper;
  return {elements, a.lower, op::eigvalsh::geometry<run>::of(m, shape<run>::of(m, "x.shape", dim, 2), uplo)};
}

/// `left` of those that the CPU decided: the ones that took it longest.
tier_counts last_of(const tier_counts& all, std::int64_t left) {
  tier_counts counts;
  for (std::size_t t = counts.count.size(); t-- > 0;) {
    counts.count[t] = std::min(all.count[t], left);
    left -= counts.count[t];
  }
  return counts;
}

/// By the CPU's kernel, in host memory; the eigenvalues that the device decided come out the same.
template <class T>
tier_counts settle_on_host(const op::eigvalsh::args<T>& a, component_t<T>* w, left_matrix m, const cuda_queue& queue) {
  const auto n = static_cast<std::size_t>(a.shape.n), first = static_cast<std::size_t>(m.matrix);
  std::vector<T> x(n * n);
  std::vector<component_t<T>> values(n);
  cuda::copy_and_wait(x.data(), a.x.data() + first * n * n, n * n * sizeof(T), queue);
  const extents shape{a.shape.n};
  const tensor_view out{values.data(), dtype_of<component_t<T>>, shape, row_major_strides(shape), true};
  const tier_counts counts = compute<op::eigvalsh, T>(one_matrix<T>(a, x), {&out, 1});
  cuda::copy_and_wait(w + first * n, values.data(), n * sizeof(values[0]), queue);
  return last_of(counts, m.left);
}

template <class T>
void settle(const op::eigvalsh::args<T>& a, component_t<T>* w, const cuda_queue& queue) {
  tier_counts counts;
  std::int64_t left = 0;
  for (const left_matrix m : cuda::settle_eigenvalues(a, w, queue)) {
    counts += settle_on_host(a, w, m, queue);
    left += m.left;
  }
  if (left == 0) return;
  cuda::count_decided(counts, queue);
  if (queue.by_host != nullptr) *queue.by_host += left;
}

}  // namespace

#define HALFULP_EIGVALSH(T)                                                                               \
  template <>                                                                                             \
  void compute_on_cuda<op::eigvalsh, T>(const op::eigvalsh::args<T>& a, std::span<const tensor_view> out, \
                                        const cuda_queue& queue) {                                        \
    settle<T>(a, static_cast<component_t<T>*>(out[0].data), queue);                                       \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_EIGVALSH)
HALFULP_EIGVALSH(std::complex<float>)
HALFULP_EIGVALSH(std::complex<double>)
#undef HALFULP_EIGVALSH

}  // namespace halfulp::kernels
