#include <halfulp/oracle/ops/cholesky_solve_x_grad.hpp>

#include <vector>

#include <halfulp/kernels/core/host_part.hpp>
#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {
namespace {

/// Sums over a broadcast batch, by the kernel of the CPU.
template <class T>
void sum_on_host(const op::cholesky_solve_x_grad::args<T>& a, T* out, const cuda_queue& q) {
  const tensor_type type = op::cholesky_solve_x_grad::outputs(a)[0];
  const tensor result(type.type, type.shape);
  if (result.numel() == 0) return;
  std::vector<T> dout(a.dout.size()), y(a.y.size());
  cuda::copy_and_wait(dout.data(), a.dout.data(), a.dout.size_bytes(), q);
  cuda::copy_and_wait(y.data(), a.y.data(), a.y.size_bytes(), q);
  const tensor_view view = result.view();
  const tier_counts counts = compute<op::cholesky_solve_x_grad, T>({dout, y, a.shape}, {&view, 1});
  cuda::copy_and_wait(out, result.bytes().data(), result.bytes().size(), q);
  cuda::count_decided(counts, q);
  if (q.by_host == nullptr) return;
  for (const std::int64_t n : counts.count) *q.by_host += n;
}

template <class T>
void compute_gradient(const op::cholesky_solve_x_grad::args<T>& a, std::span<const tensor_view> out,
                      const cuda_queue& q) {
  const auto& forward = a.shape.forward;
  if (forward.x.numel != forward.out.numel) return sum_on_host(a, static_cast<T*>(out[0].data), q);
  run m(op::cholesky_solve::name);  // nothing was broadcast to several matrices: there is one term
  compute_on_cuda<op::cholesky_solve, T>(
      {a.dout, a.y, op::cholesky_solve::geometry<run>::of(m, forward.out, forward.y, forward.upper)}, out, q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                                    \
  template <>                                                                                                 \
  void compute_on_cuda<op::cholesky_solve_x_grad, T>(const op::cholesky_solve_x_grad::args<T>& a,             \
                                                     std::span<const tensor_view> out, const cuda_queue& q) { \
    compute_gradient(a, out, q);                                                                              \
  }
HALFULP_COMPUTE(float16)
HALFULP_COMPUTE(bfloat16)
HALFULP_COMPUTE(float)
HALFULP_COMPUTE(double)
HALFULP_COMPUTE(std::complex<float>)
HALFULP_COMPUTE(std::complex<double>)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
