// cuSOLVER and nothing else, its arguments and results written before, but for the workspace that it asks for; with "written"
// that, too. What compute-sanitizer finds here is cuSOLVER's:
//   compute-sanitizer --tool initcheck build/cuda/bin/halfulp_cusolver_alone [written]
#include <cuda_runtime_api.h>
#include <cusolverDn.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "cusolver_alone: %s failed\n", what);
  std::exit(1);
}

bool workspace_is_written = false;

/// Device memory, of zeros where it is `written`.
struct zeros {
  explicit zeros(std::size_t bytes, bool written = true) {
    require(cudaMalloc(&data, bytes + 1) == cudaSuccess, "cudaMalloc");
    if (written) require(cudaMemset(data, 0, bytes + 1) == cudaSuccess, "cudaMemset");
  }
  ~zeros() { (void)cudaFree(data); }
  zeros(const zeros&) = delete;
  zeros& operator=(const zeros&) = delete;
  void* data = nullptr;
};

/// `count` matrices of n x n numbers of `parts` parts, symmetric where `symmetric`.
std::vector<double> matrices(std::int64_t count, std::int64_t n, int parts, bool symmetric) {
  std::vector<double> a(static_cast<std::size_t>(count * n * n * parts));
  std::uint64_t state = 1;
  const auto at = [&](std::int64_t m, std::int64_t i, std::int64_t j) {
    return static_cast<std::size_t>(((m * n + j) * n + i) * parts);
  };
  for (std::int64_t m = 0; m < count; ++m)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i < n; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const double x = static_cast<double>(state >> 11) * 0x1p-53;
        a[at(m, i, j)] = symmetric && i < j ? 0 : x;
      }
  for (std::int64_t m = 0; symmetric && m < count; ++m)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i < j; ++i) a[at(m, i, j)] = a[at(m, j, i)];
  return a;
}

template <class R = double>
void copy(const zeros& to, const std::vector<double>& from) {
  const std::vector<R> rounded(from.begin(), from.end());
  require(cudaMemcpy(to.data, rounded.data(), rounded.size() * sizeof(R), cudaMemcpyHostToDevice) == cudaSuccess,
          "cudaMemcpy");
}

void finish(cusolverStatus_t code, const char* call) {
  require(code == CUSOLVER_STATUS_SUCCESS, call);
  require(cudaDeviceSynchronize() == cudaSuccess, call);
  std::printf("%s done\n", call);
  std::fflush(stdout);
}

constexpr auto vectors = CUSOLVER_EIG_MODE_VECTOR;
constexpr auto lower = CUBLAS_FILL_MODE_LOWER;

void syevd(cusolverDnHandle_t solver, cusolverDnParams_t parameters, int n, cudaDataType type) {
  const int parts = type == CUDA_R_64F ? 1 : 2;
  const zeros a(static_cast<std::size_t>(n) * n * 8 * parts), w(static_cast<std::size_t>(n) * 8), info(4);
  copy(a, matrices(1, n, parts, true));
  std::size_t device = 0, host = 0;
  require(cusolverDnXsyevd_bufferSize(solver, parameters, vectors, lower, n, type, a.data, n, CUDA_R_64F, w.data, type,
                                      &device, &host) == CUSOLVER_STATUS_SUCCESS,
          "cusolverDnXsyevd_bufferSize");
  const zeros memory(device, workspace_is_written);
  std::vector<std::byte> on_host(host);
  finish(cusolverDnXsyevd(solver, parameters, vectors, lower, n, type, a.data, n, CUDA_R_64F, w.data, type, memory.data,
                          device, on_host.data(), host, static_cast<int*>(info.data)),
         "cusolverDnXsyevd");
}

void syev_batched(cusolverDnHandle_t solver, cusolverDnParams_t parameters, int n, int count, cudaDataType type) {
  const int parts = type == CUDA_R_64F ? 1 : 2;
  const zeros a(static_cast<std::size_t>(count) * n * n * 8 * parts), w(static_cast<std::size_t>(count) * n * 8),
      info(static_cast<std::size_t>(count) * 4);
  copy(a, matrices(count, n, parts, true));
  std::size_t device = 0, host = 0;
  require(cusolverDnXsyevBatched_bufferSize(solver, parameters, vectors, lower, n, type, a.data, n, CUDA_R_64F, w.data,
                                            type, &device, &host, count) == CUSOLVER_STATUS_SUCCESS,
          "cusolverDnXsyevBatched_bufferSize");
  const zeros memory(device, workspace_is_written);
  std::vector<std::byte> on_host(host);
  finish(cusolverDnXsyevBatched(solver, parameters, vectors, lower, n, type, a.data, n, CUDA_R_64F, w.data, type,
                                memory.data, device, on_host.data(), host, static_cast<int*>(info.data), count),
         "cusolverDnXsyevBatched");
}

void geev(cusolverDnHandle_t solver, cusolverDnParams_t parameters, int n, cudaDataType type) {
  const bool single = type == CUDA_R_32F || type == CUDA_C_32F;
  const int parts = type == CUDA_R_64F || type == CUDA_R_32F ? 1 : 2;
  constexpr auto none = CUSOLVER_EIG_MODE_NOVECTOR;
  const auto size = static_cast<std::size_t>(n) * n * 8 * parts;
  const zeros a(size), v(size), w(static_cast<std::size_t>(n) * 16), info(4);
  single ? copy<float>(a, matrices(1, n, parts, false)) : copy(a, matrices(1, n, parts, false));
  std::size_t device = 0, host = 0;
  require(cusolverDnXgeev_bufferSize(solver, parameters, none, vectors, n, type, a.data, n, type, w.data, type, nullptr,
                                     n, type, v.data, n, type, &device, &host) == CUSOLVER_STATUS_SUCCESS,
          "cusolverDnXgeev_bufferSize");
  const zeros memory(device, workspace_is_written);
  std::vector<std::byte> on_host(host);
  finish(cusolverDnXgeev(solver, parameters, none, vectors, n, type, a.data, n, type, w.data, type, nullptr, n, type,
                         v.data, n, type, memory.data, device, on_host.data(), host, static_cast<int*>(info.data)),
         "cusolverDnXgeev");
}

}  // namespace

int main(int count, char**) {
  workspace_is_written = count > 1;
  cusolverDnHandle_t solver = nullptr;
  cusolverDnParams_t parameters = nullptr;
  require(cusolverDnCreate(&solver) == CUSOLVER_STATUS_SUCCESS, "cusolverDnCreate");
  require(cusolverDnCreateParams(&parameters) == CUSOLVER_STATUS_SUCCESS, "cusolverDnCreateParams");
  syevd(solver, parameters, 300, CUDA_R_64F);
  geev(solver, parameters, 40, CUDA_R_64F);
  syev_batched(solver, parameters, 20, 5, CUDA_R_64F);
  syev_batched(solver, parameters, 20, 5, CUDA_C_64F);
  syevd(solver, parameters, 130, CUDA_C_64F);
  for (const cudaDataType type : {CUDA_R_64F, CUDA_R_32F, CUDA_C_64F, CUDA_C_32F}) geev(solver, parameters, 131, type);
  (void)cusolverDnDestroyParams(parameters);
  (void)cusolverDnDestroy(solver);
}
