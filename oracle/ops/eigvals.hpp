// w = the eigenvalues of A, each as often as it is a root of det(l I - A); A is any square matrix
#pragma once

#include <array>
#include <complex>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/core/square_batch.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp {
struct truth;
}

namespace halfulp::op {

struct eigvals {
  static constexpr const char* name = "eigvals";
  static constexpr const char* schema = "eigvals(Tensor x|A) -> Tensor";
  static constexpr std::array apis{"paddle.linalg.eigvals", "torch.linalg.eigvals"};
  static constexpr std::array gradients{gradient{"x", "eigvals_grad"}};
  static constexpr const char* element_argument = "x";
  using element_types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;

  /// The real type that parts of eigenvalues are rounded to: float32 for the 16-bit formats, which have no complex type.
  template <class T>
  using part_t = std::conditional_t<std::is_same_v<component_t<T>, double>, double, float>;

  static constexpr std::int64_t max_n = max_lapack_n;

  // What ?geev and BLAS are given; nothing is called unless `call`.
  template <class M>
  struct lapack_args {
    bool_of<M> call;
    int32_of<M> n, lda;  // lda >= 1, as LAPACK asks even for n = 0
    int32_of<M> parts;   // of all entries

    // For n at most max_n.
    HALFULP_HOST_DEVICE static lapack_args of(M& m, int_of<M> n, bool_of<M> call) {
      return {call, m.narrow("n", n), m.narrow("lda", m.max(n, int_of<M>(1))),
              m.narrow("parts of the matrix", 2 * (n * n))};
    }
  };

  template <class M>
  struct geometry : square_batch<M> {
    // Throws unless a is a batch of square matrices with n at most max_n.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& a) { return {square_batch<M>::of(m, a)}; }

    HALFULP_HOST_DEVICE lapack_args<M> lapack(M& m) const { return lapack_args<M>::of(m, this->n, this->matrices > 0); }
  };

  /// A batch of square matrices of T.
  template <class T>
  struct args {
    std::span<const T> x;
    geometry<run> shape;
  };

  /// Throws invalid_argument: no batch of square matrices, a wrong dtype.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    return {elements<T>(c, "x"), geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")))};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<std::complex<part_t<T>>>, extents_of(a.shape.w)}};
  }

  /// The order of rounded eigenvalues: by the real part, then by the magnitude of the imaginary part, +im before -im,
  /// NaN last; -0 comes before +0 in real parts, and after it in imaginary ones.
  template <class R>
  HALFULP_HOST_DEVICE static bool precedes(std::complex<R> x, std::complex<R> y) {
    const auto nan = [](std::complex<R> z) { return is_nan(z.real()) || is_nan(z.imag()); };
    if (nan(x) || nan(y)) return !nan(x);
    if (x.real() != y.real()) return x.real() < y.real();
    if (is_negative(x.real()) != is_negative(y.real())) return is_negative(x.real());
    const R mx = x.imag() < 0 ? -x.imag() : x.imag(), my = y.imag() < 0 ? -y.imag() : y.imag();
    if (mx != my) return mx < my;
    return !is_negative(x.imag()) && is_negative(y.imag());
  }

  /// Defined in oracle/ops/eigvals.cpp for the element types. An eigenvalue that stays undecided within the budget of
  /// `linalg::general_eigenvalues` is reported so, and is the canonical NaN in `rounded`.
  template <class T>
  static std::vector<truth> truth_of(const args<T>& a);

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/eigvals_drive.hpp>
