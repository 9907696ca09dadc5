// cuSOLVER's divide-and-conquer, Jacobi and QR eigensolvers and its Cholesky solver, in float32 and float64.
#include <halfulp/analysis/backends/cusolver_library.hpp>

namespace halfulp::analysis {
namespace {

struct cusolver_peer {
  template <class T>
  static constexpr bool has = std::is_same_v<component_t<T>, float> || std::is_same_v<component_t<T>, double>;
  template <class T>
  using scalar = std::conditional_t<has<T>, T, void>;

  template <class S>
  static void cholesky_solve(std::size_t n, std::size_t k, const S* y, bool upper, S* b) {
    if (n == 0 || k == 0) return;
    gpu::memory memory;
    S* const factor = memory.copy(transposed(n, n, y).data(), n * n);
    S* const solution = memory.copy(transposed(n, k, b).data(), n * k);
    const outcome_of outcome(memory, 1);
    const auto rows = static_cast<std::int64_t>(n);
    check(cusolverDnXpotrs(library::get().handle, library::get().parameters,
                           upper ? CUBLAS_FILL_MODE_UPPER : CUBLAS_FILL_MODE_LOWER, rows, static_cast<std::int64_t>(k),
                           type_of<S>, factor, rows, type_of<S>, solution, rows, outcome.info()),
          "cusolverDnXpotrs");
    outcome.require_convergence();
    std::vector<S> columns(n * k);
    gpu::read(columns.data(), solution, n * k);
    std::copy_n(transposed(k, n, columns.data()).data(), n * k, b);
  }

  template <class S>
  static void eigenvalues(std::size_t n, S* a, bool lower, component_t<S>* w) {
    using part = component_t<S>;
    if (n == 0) return;
    gpu::memory memory;
    const auto& [handle, parameters] = library::get();
    const auto rows = static_cast<std::int64_t>(n);
    const auto uplo = read_by_columns(lower);
    constexpr auto none = CUSOLVER_EIG_MODE_NOVECTOR;
    S* const matrix = memory.copy(a, n * n);
    auto* const values = memory.room<part>(n * sizeof(part));
    const outcome_of outcome(memory, 1);
    std::size_t on_device = 0, on_host = 0;
    check(cusolverDnXsyevd_bufferSize(handle, parameters, none, uplo, rows, type_of<S>, matrix, rows, type_of<part>,
                                      values, type_of<S>, &on_device, &on_host),
          "cusolverDnXsyevd_bufferSize");
    std::vector<std::byte> host(on_host);
    check(cusolverDnXsyevd(handle, parameters, none, uplo, rows, type_of<S>, matrix, rows, type_of<part>, values,
                           type_of<S>, memory.room(on_device), on_device, host.data(), on_host, outcome.info()),
          "cusolverDnXsyevd");
    outcome.require_convergence();
    gpu::read(w, values, n);
  }

  template <class S>
  static void batch_eigenvalues(std::size_t count, std::size_t n, S* a, bool lower, component_t<S>* w) {
    if (n == 0) return;
    gpu::memory memory;
    const jacobi_parameters parameters;
    const cusolverDnHandle_t handle = library::get().handle;
    const auto uplo = read_by_columns(lower);
    constexpr auto none = CUSOLVER_EIG_MODE_NOVECTOR;
    const int rows = static_cast<int>(n), matrices = static_cast<int>(count);
    auto* const matrix = theirs(memory.copy(a, count * n * n));
    auto* const values = memory.room<component_t<S>>(count * n * sizeof(component_t<S>));
    const outcome_of outcome(memory, count);
    int room = 0;
    check(jacobi<S>::size(handle, none, uplo, rows, matrix, rows, values, &room, parameters.get, matrices),
          "cusolverDn?syevjBatched_bufferSize");
    auto* const work = theirs(memory.room<S>(static_cast<std::size_t>(room) * sizeof(S)));
    check(jacobi<S>::solve(handle, none, uplo, rows, matrix, rows, values, work, room, outcome.info(), parameters.get,
                           matrices),
          "cusolverDn?syevjBatched");
    outcome.require_convergence();
    gpu::read(w, values, count * n);
  }

  /// Of a real matrix Xgeev gives all real parts and then all imaginary ones.
  template <class S, class W>
  static void general_eigenvalues(std::size_t n, S* a, W* w) {
    if (n == 0) return;
    const auto values = general_values(n, a);
    for (std::size_t k = 0; k < n; ++k) {
      if constexpr (is_complex<S>)
        w[k] = values[k];
      else
        w[k] = {values[k], values[n + k]};
    }
  }

 private:
  template <class S>
  static std::vector<S> general_values(std::size_t n, const S* a) {
    gpu::memory memory;
    const auto& [handle, parameters] = library::get();
    const auto rows = static_cast<std::int64_t>(n);
    constexpr auto none = CUSOLVER_EIG_MODE_NOVECTOR;
    constexpr auto type = type_of<S>;
    std::vector<S> found(is_complex<S> ? n : 2 * n);
    S* const matrix = memory.copy(transposed(n, n, a).data(), n * n);
    S* const values = memory.room<S>(found.size() * sizeof(S));
    const outcome_of outcome(memory, 1);
    std::size_t on_device = 0, on_host = 0;
    check(cusolverDnXgeev_bufferSize(handle, parameters, none, none, rows, type, matrix, rows, type, values, type,
                                     nullptr, rows, type, nullptr, rows, type, &on_device, &on_host),
          "cusolverDnXgeev_bufferSize");
    std::vector<std::byte> host(on_host);
    check(cusolverDnXgeev(handle, parameters, none, none, rows, type, matrix, rows, type, values, type, nullptr, rows,
                          type, nullptr, rows, type, memory.room(on_device), on_device, host.data(), on_host,
                          outcome.info()),
          "cusolverDnXgeev");
    outcome.require_convergence();
    gpu::read(found.data(), values, found.size());
    return found;
  }
};

class cusolver : public backend {
 public:
  nlohmann::json describe() override {
    int part[3] = {};
    for (int k = 0; k < 3; ++k)
      check(cusolverGetProperty(static_cast<libraryPropertyType>(k), &part[k]), "cusolverGetProperty");
    nlohmann::json settings = gpu::settings();
    settings.update({{"eigvalsh", "Xsyevd; of several matrices syevjBatched, heevjBatched"},
                     {"eigvals", "Xgeev"},
                     {"cholesky_solve", "Xpotrs"}});
    return {{"name", "cusolver"},
            {"version", std::to_string(part[0]) + "." + std::to_string(part[1]) + "." + std::to_string(part[2])},
            {"threads", 1},
            {"settings", settings}};
  }
  answer run(const test_case& c) override { return run_dense_peer<cusolver_peer>(c); }
};

}  // namespace
}  // namespace halfulp::analysis

int main() {
  return halfulp::analysis::gpu::serve<halfulp::analysis::cusolver>("cusolver");
}
