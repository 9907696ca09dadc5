// Eigen's products, its triangular solvers and its eigensolvers, in every format, its own 16-bit types
// included.
#include <halfulp/analysis/backends/dense_peer.hpp>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

namespace halfulp::analysis {
namespace {

template <class T>
struct eigen_scalar {
  using type = std::conditional_t<std::is_integral_v<T>, void, T>;  // its sums of integers overflow
};
template <>
struct eigen_scalar<float16> {
  using type = Eigen::half;
};
template <>
struct eigen_scalar<bfloat16> {
  using type = Eigen::bfloat16;
};

template <class S>
using matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class S>
constexpr bool is_16_bit = sizeof(S) == 2;

struct eigen_peer {
  template <class T>
  using scalar = typename eigen_scalar<T>::type;

  template <class S>
  static void product(std::size_t m, std::size_t n, std::size_t k, const S* a, bool ta, const S* b, bool tb, S* c) {
    const auto rows = static_cast<Eigen::Index>(m), columns = static_cast<Eigen::Index>(n),
               depth = static_cast<Eigen::Index>(k);
    const Eigen::Map<const matrix<S>> A(a, ta ? depth : rows, ta ? rows : depth);
    const Eigen::Map<const matrix<S>> B(b, tb ? columns : depth, tb ? depth : columns);
    Eigen::Map<matrix<S>> C(c, rows, columns);
    if (ta) {
      C.noalias() = A.transpose() * B;
    } else if (tb) {
      C.noalias() = A * B.transpose();
    } else {
      C.noalias() = A * B;
    }
  }

  template <class S>
  static void cholesky_solve(std::size_t n, std::size_t k, const S* y, bool upper, S* b) {
    const auto size = static_cast<Eigen::Index>(n), columns = static_cast<Eigen::Index>(k);
    const Eigen::Map<const matrix<S>> Y(y, size, size);
    Eigen::Map<matrix<S>> B(b, size, columns);
    if (upper) {
      Y.adjoint().template triangularView<Eigen::Lower>().solveInPlace(B);
      Y.template triangularView<Eigen::Upper>().solveInPlace(B);
    } else {
      Y.template triangularView<Eigen::Lower>().solveInPlace(B);
      Y.adjoint().template triangularView<Eigen::Upper>().solveInPlace(B);
    }
  }

  template <class S>
  static void eigenvalues(std::size_t n, S* a, bool lower, component_t<S>* w) {
    if constexpr (is_16_bit<S>) {
      throw unsupported("no eigenvalues in 16-bit formats");
    } else {
      const auto size = static_cast<Eigen::Index>(n);
      const Eigen::Map<const matrix<S>> A(a, size, size);
      const matrix<S> given = lower ? matrix<S>(A) : matrix<S>(A.adjoint());  // it reads the lower triangle
      const Eigen::SelfAdjointEigenSolver<matrix<S>> solver(given, Eigen::EigenvaluesOnly);
      if (solver.info() != Eigen::Success) throw std::runtime_error("Eigen does not converge");
      for (Eigen::Index k = 0; k < size; ++k) w[k] = solver.eigenvalues()[k];
    }
  }

  template <class S, class W>
  static void general_eigenvalues(std::size_t n, S* a, W* w) {
    if constexpr (is_16_bit<S>) {
      throw unsupported("no eigenvalues in 16-bit formats");
    } else {
      const auto size = static_cast<Eigen::Index>(n);
      const matrix<S> A = Eigen::Map<const matrix<S>>(a, size, size);
      const auto copy = [&](const auto& solver) {
        if (solver.info() != Eigen::Success) throw std::runtime_error("Eigen does not converge");
        for (Eigen::Index k = 0; k < size; ++k) w[k] = solver.eigenvalues()[k];
      };
      if constexpr (is_complex<S>) {
        copy(Eigen::ComplexEigenSolver<matrix<S>>(A, false));
      } else {
        copy(Eigen::EigenSolver<matrix<S>>(A, false));
      }
    }
  }
};

class eigen : public backend {
 public:
  nlohmann::json describe() override {
    const std::string version = std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
                                std::to_string(EIGEN_MINOR_VERSION);
    nlohmann::json settings = build_settings();
    settings["SIMD"] = Eigen::SimdInstructionSetsInUse();
    settings["conv2d"] = "im2col and a product";
    return {{"name", "eigen"}, {"version", version}, {"threads", Eigen::nbThreads()}, {"settings", settings}};
  }
  answer run(const test_case& c) override { return run_dense_peer<eigen_peer>(c); }
};

}  // namespace

const backend_entry eigen_backend{"eigen", "Eigen: eigvalsh, eigvals, cholesky_solve, convolutions as products",
                                  []() -> std::unique_ptr<backend> { return std::make_unique<eigen>(); }, no_command,
                                  nothing_missing};

}  // namespace halfulp::analysis
