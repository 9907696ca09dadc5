// Solutions from a Cholesky factor and eigenvalues of general matrices on a GPU behind C functions, for
// benchmarks/cuda_linalg_beside_torch.py.
#include <halfulp/oracle/ops/cholesky_solve.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>

#include "cuda_call.hpp"

namespace {

using namespace halfulp;

template <class T>
void solve(const std::int64_t* n, const void* x, const void* y, void* out, const kernels::cuda_queue& q) {
  using spec = op::cholesky_solve;
  run m(spec::name);
  const std::int64_t of_x[3] = {n[0], n[1], n[2]}, of_y[3] = {n[0], n[1], n[1]};
  const auto g = spec::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 3), shape<run>::of(m, "y", of_y, 3), false);
  benchmarks::compute<spec, T>({benchmarks::elements_at<T>(x, g.x.numel), benchmarks::elements_at<T>(y, g.y.numel), g},
                               out, q);
}

template <class T>
void eigvals_of(const std::int64_t* n, const void* x, void* out, const kernels::cuda_queue& q) {
  using spec = op::eigvals;
  run m(spec::name);
  const std::int64_t of_x[3] = {n[0], n[1], n[1]};
  const auto g = spec::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 3));
  benchmarks::compute<spec, T>({benchmarks::elements_at<T>(x, n[0] * n[1] * n[1]), g}, out, q);
}

/// f of a null pointer to the type of this number.
template <class F>
int for_type(int type, F f) {
  return benchmarks::guarded([&] {
    if (type == 0) f(static_cast<float16*>(nullptr));
    if (type == 1) f(static_cast<bfloat16*>(nullptr));
    if (type == 2) f(static_cast<float*>(nullptr));
    if (type == 3) f(static_cast<double*>(nullptr));
  });
}

}  // namespace

extern "C" {

/// type: float16, bfloat16, float32, float64; n: batch, rows, right sides; `decided` as cuda_queue has it, or nullptr; *by_host
/// += components left to the CPU. 0 where it went well.
int halfulp_cholesky_solve(int type, const std::int64_t* n, const void* x, const void* y, void* out, void* decided,
                           std::int64_t* by_host, void* stream) {
  const kernels::cuda_queue q{stream, nullptr, static_cast<tier_counts*>(decided), by_host};
  return for_type(type, [&]<class T>(T*) { solve<T>(n, x, y, out, q); });
}

/// The same; n: batch, rows; out: complex.
int halfulp_eigvals(int type, const std::int64_t* n, const void* x, void* out, void* decided, std::int64_t* by_host,
                    void* stream) {
  const kernels::cuda_queue q{stream, nullptr, static_cast<tier_counts*>(decided), by_host};
  return for_type(type, [&]<class T>(T*) { eigvals_of<T>(n, x, out, q); });
}
}
