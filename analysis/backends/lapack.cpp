// LAPACK's divide-and-conquer eigensolvers, its QR iteration, its Cholesky solver and BLAS' products, in float32 and float64.
#include <halfulp/analysis/backends/dense_peer.hpp>

#include <complex>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <cblas.h>
#include <lapacke.h>

namespace halfulp::analysis {
namespace {

template <class T>
constexpr bool is_lapack_type = std::is_same_v<component_t<T>, float> || std::is_same_v<component_t<T>, double>;

struct lapack_peer {
  template <class T>
  using scalar = std::conditional_t<is_lapack_type<T>, T, void>;

  template <class S>
  static void product(std::size_t m, std::size_t n, std::size_t k, const S* a, bool ta, const S* b, bool tb, S* c) {
    if (m == 0 || n == 0) return;
    const auto rows = static_cast<blasint>(m), columns = static_cast<blasint>(n), depth = static_cast<blasint>(k);
    const auto lda = std::max<blasint>(ta ? rows : depth, 1), ldb = std::max<blasint>(tb ? depth : columns, 1);
    const auto op_a = ta ? CblasTrans : CblasNoTrans, op_b = tb ? CblasTrans : CblasNoTrans;
    if constexpr (std::is_same_v<S, float>) {
      cblas_sgemm(CblasRowMajor, op_a, op_b, rows, columns, depth, 1, a, lda, b, ldb, 0, c, columns);
    } else {
      cblas_dgemm(CblasRowMajor, op_a, op_b, rows, columns, depth, 1, a, lda, b, ldb, 0, c, columns);
    }
  }

  static lapack_int potrs(char uplo, lapack_int n, lapack_int k, const float* y, float* b) {
    return LAPACKE_spotrs(LAPACK_ROW_MAJOR, uplo, n, k, y, n, b, k);
  }
  static lapack_int potrs(char uplo, lapack_int n, lapack_int k, const double* y, double* b) {
    return LAPACKE_dpotrs(LAPACK_ROW_MAJOR, uplo, n, k, y, n, b, k);
  }
  static lapack_int potrs(char uplo, lapack_int n, lapack_int k, const std::complex<float>* y, std::complex<float>* b) {
    return LAPACKE_cpotrs(LAPACK_ROW_MAJOR, uplo, n, k, y, n, b, k);
  }
  static lapack_int potrs(char uplo, lapack_int n, lapack_int k, const std::complex<double>* y,
                          std::complex<double>* b) {
    return LAPACKE_zpotrs(LAPACK_ROW_MAJOR, uplo, n, k, y, n, b, k);
  }
  template <class S>
  static void cholesky_solve(std::size_t n, std::size_t k, const S* y, bool upper, S* b) {
    const lapack_int info = potrs(upper ? 'U' : 'L', static_cast<lapack_int>(n), static_cast<lapack_int>(k), y, b);
    if (info < 0) throw peer_refused("LAPACK refuses argument " + std::to_string(-info) + " (a NaN counts as one)");
  }

  static lapack_int solve(char uplo, lapack_int n, float* a, float* w) {
    return LAPACKE_ssyevd(LAPACK_ROW_MAJOR, 'N', uplo, n, a, n, w);
  }
  static lapack_int solve(char uplo, lapack_int n, double* a, double* w) {
    return LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'N', uplo, n, a, n, w);
  }
  static lapack_int solve(char uplo, lapack_int n, std::complex<float>* a, float* w) {
    return LAPACKE_cheevd(LAPACK_ROW_MAJOR, 'N', uplo, n, a, n, w);
  }
  static lapack_int solve(char uplo, lapack_int n, std::complex<double>* a, double* w) {
    return LAPACKE_zheevd(LAPACK_ROW_MAJOR, 'N', uplo, n, a, n, w);
  }
  template <class S>
  static void eigenvalues(std::size_t n, S* a, bool lower, component_t<S>* w) {
    const lapack_int info = solve(lower ? 'L' : 'U', static_cast<lapack_int>(n), a, w);
    if (info < 0) throw peer_refused("LAPACK refuses argument " + std::to_string(-info) + " (a NaN counts as one)");
    if (info > 0) throw std::runtime_error("LAPACK does not converge: info is " + std::to_string(info));
  }

  template <class R>
  static lapack_int solve_general(lapack_int n, R* a, std::complex<R>* w) {
    std::vector<R> re(static_cast<std::size_t>(n)), im(re);
    lapack_int info = 0;
    if constexpr (std::is_same_v<R, float>) {
      info = LAPACKE_sgeev(LAPACK_ROW_MAJOR, 'N', 'N', n, a, n, re.data(), im.data(), nullptr, 1, nullptr, 1);
    } else {
      info = LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', n, a, n, re.data(), im.data(), nullptr, 1, nullptr, 1);
    }
    for (std::size_t k = 0; k < re.size(); ++k) w[k] = {re[k], im[k]};
    return info;
  }
  static lapack_int solve_general(lapack_int n, std::complex<float>* a, std::complex<float>* w) {
    return LAPACKE_cgeev(LAPACK_ROW_MAJOR, 'N', 'N', n, a, n, w, nullptr, 1, nullptr, 1);
  }
  static lapack_int solve_general(lapack_int n, std::complex<double>* a, std::complex<double>* w) {
    return LAPACKE_zgeev(LAPACK_ROW_MAJOR, 'N', 'N', n, a, n, w, nullptr, 1, nullptr, 1);
  }
  template <class S, class W>
  static void general_eigenvalues(std::size_t n, S* a, W* w) {
    const lapack_int info = solve_general(static_cast<lapack_int>(n), a, w);
    if (info < 0) throw peer_refused("LAPACK refuses argument " + std::to_string(-info) + " (a NaN counts as one)");
    if (info > 0) throw std::runtime_error("LAPACK does not converge: info is " + std::to_string(info));
  }
};

class lapack : public backend {
 public:
  nlohmann::json describe() override {
    int major = 0, minor = 0, patch = 0;
    LAPACK_ilaver(&major, &minor, &patch);
    return {{"name", "lapack"},
            {"version", std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch)},
            {"threads", openblas_get_num_threads()},
            {"settings",
             {{"openblas", openblas_settings()},
              {"eigvalsh", "?syevd, ?heevd"},
              {"eigvals", "?geev"},
              {"cholesky_solve", "?potrs"},
              {"conv2d", "im2col and ?gemm"}}}};
  }
  answer run(const test_case& c) override { return run_dense_peer<lapack_peer>(c); }
};

}  // namespace

const backend_entry lapack_backend{
    "lapack", "LAPACK and BLAS (OpenBLAS): eigvalsh, eigvals, cholesky_solve, convolutions as products",
    []() -> std::unique_ptr<backend> { return std::make_unique<lapack>(); }, no_command, nothing_missing};

}  // namespace halfulp::analysis
