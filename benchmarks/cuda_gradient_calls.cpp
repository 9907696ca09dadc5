// Gradients of eigenvalues and of Cholesky factors on a GPU behind C functions, for benchmarks/cuda_gradients_beside_torch.py.
#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>
#include <halfulp/oracle/ops/eigvals_grad.hpp>
#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include "cuda_call.hpp"

namespace {

using namespace halfulp;

template <class T>
void gradient_of(op::eigvalsh_grad*, const std::int64_t* n, const void* const* in, void* out,
                 const kernels::cuda_queue& q) {
  using spec = op::eigvalsh_grad;
  run m(spec::name);
  const std::int64_t of_dw[2] = {n[0], n[1]}, of_x[3] = {n[0], n[1], n[1]};
  const auto g = spec::geometry<run>::of(m, shape<run>::of(m, "dw", of_dw, 2), shape<run>::of(m, "x", of_x, 3),
                                         op::eigvalsh::triangle::lower);
  benchmarks::compute<spec, T>({benchmarks::elements_at<T>(in[0], n[0] * n[1]),
                                {benchmarks::elements_at<T>(in[1], n[0] * n[1] * n[1]), true, g.forward},
                                g},
                               out, q);
}

template <class T>
void gradient_of(op::eigvals_grad*, const std::int64_t* n, const void* const* in, void* out,
                 const kernels::cuda_queue& q) {
  using spec = op::eigvals_grad;
  run m(spec::name);
  const std::int64_t of_dw[2] = {n[0], n[1]}, of_x[3] = {n[0], n[1], n[1]};
  const auto g = spec::geometry<run>::of(m, shape<run>::of(m, "dw", of_dw, 2), shape<run>::of(m, "x", of_x, 3));
  benchmarks::compute<spec, T>({benchmarks::elements_at<spec::weight_t<T>>(in[0], n[0] * n[1]),
                                {benchmarks::elements_at<T>(in[1], n[0] * n[1] * n[1]), g.forward},
                                g},
                               out, q);
}

template <class T>
void gradient_of(op::cholesky_solve_y_grad*, const std::int64_t* n, const void* const* in, void* out,
                 const kernels::cuda_queue& q) {
  using spec = op::cholesky_solve_y_grad;
  run m(spec::name);
  const std::int64_t of_x[3] = {n[0], n[1], n[2]}, of_y[3] = {n[0], n[1], n[1]};
  const auto x = shape<run>::of(m, "x", of_x, 3);
  const auto g = spec::geometry<run>::of(m, x, x, shape<run>::of(m, "y", of_y, 3), false);
  const std::int64_t size = n[0] * n[1];
  benchmarks::compute<spec, T>(
      {benchmarks::elements_at<T>(in[0], size * n[2]), benchmarks::elements_at<T>(in[1], size * n[2]),
       benchmarks::elements_at<T>(in[2], size * n[1]), g},
      out, q);
}

template <class Op>
int for_type(int type, const std::int64_t* n, const void* const* in, void* out, void* decided, std::int64_t* by_host,
             void* stream) {
  const kernels::cuda_queue q{stream, nullptr, static_cast<tier_counts*>(decided), by_host};
  return benchmarks::guarded([&] {
    if (type == 2) gradient_of<float>(static_cast<Op*>(nullptr), n, in, out, q);
    if (type == 3) gradient_of<double>(static_cast<Op*>(nullptr), n, in, out, q);
  });
}

}  // namespace

extern "C" {

/// type: 2 float32, 3 float64; n: batch, rows, right sides; `decided` as cuda_queue has it, or nullptr; *by_host += components left
/// to the CPU. 0 where it went well.
int halfulp_eigvalsh_grad(int type, const std::int64_t* n, const void* dw, const void* x, void* out, void* decided,
                          std::int64_t* by_host, void* stream) {
  const void* const in[] = {dw, x};
  return for_type<op::eigvalsh_grad>(type, n, in, out, decided, by_host, stream);
}
int halfulp_eigvals_grad(int type, const std::int64_t* n, const void* dw, const void* x, void* out, void* decided,
                         std::int64_t* by_host, void* stream) {
  const void* const in[] = {dw, x};
  return for_type<op::eigvals_grad>(type, n, in, out, decided, by_host, stream);
}
int halfulp_cholesky_solve_y_grad(int type, const std::int64_t* n, const void* dout, const void* x, const void* y,
                                  void* out, void* decided, std::int64_t* by_host, void* stream) {
  const void* const in[] = {dout, x, y};
  return for_type<op::cholesky_solve_y_grad>(type, n, in, out, decided, by_host, stream);
}
}
