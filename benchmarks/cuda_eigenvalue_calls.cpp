// Eigenvalues on a GPU behind C functions, for benchmarks/cuda_eigenvalues_beside_torch.py.
#include <complex>

#include <halfulp/oracle/ops/eigvalsh.hpp>

#include "cuda_call.hpp"

namespace {

using namespace halfulp;

template <class T>
void eigvalsh_of(std::int64_t batch, std::int64_t n, const void* x, void* w, const kernels::cuda_queue& q) {
  using spec = op::eigvalsh;
  run m(spec::name);
  const std::int64_t dim[3] = {batch, n, n};
  const auto g = spec::geometry<run>::of(m, shape<run>::of(m, "x", dim, 3), spec::triangle::lower);
  benchmarks::compute<spec, T>({benchmarks::elements_at<T>(x, g.a.numel), true, g}, w, q);
}

}  // namespace

extern "C" {

/// type: float16, bfloat16, float32, float64, complex64, complex128; x (batch, n, n), w (batch, n); `decided` as
/// cuda_queue has it, or nullptr; *by_host += eigenvalues left to the CPU. 0 where it went well.
int halfulp_eigvalsh(int type, std::int64_t batch, std::int64_t n, const void* x, void* w, void* decided,
                     std::int64_t* by_host, void* stream) {
  const kernels::cuda_queue q{stream, nullptr, static_cast<tier_counts*>(decided), by_host};
  return benchmarks::guarded([&] {
    if (type == 0) eigvalsh_of<float16>(batch, n, x, w, q);
    if (type == 1) eigvalsh_of<bfloat16>(batch, n, x, w, q);
    if (type == 2) eigvalsh_of<float>(batch, n, x, w, q);
    if (type == 3) eigvalsh_of<double>(batch, n, x, w, q);
    if (type == 4) eigvalsh_of<std::complex<float>>(batch, n, x, w, q);
    if (type == 5) eigvalsh_of<std::complex<double>>(batch, n, x, w, q);
  });
}
}
