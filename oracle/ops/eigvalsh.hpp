// w = the eigenvalues of A, ascending; A is Hermitian and given by one of its triangles
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/square_batch.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp {
struct truth;
}

namespace halfulp::op {

struct eigvalsh {
  static constexpr const char* name = "eigvalsh";
  static constexpr const char* schema = "eigvalsh(Tensor x|A, str UPLO=\"L\") -> Tensor";
  static constexpr std::array apis{"paddle.linalg.eigvalsh", "torch.linalg.eigvalsh"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "eigvalsh_grad"}};
  using element_types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;

  enum class triangle { lower, upper };  // UPLO

  static constexpr std::int64_t max_n = max_lapack_n;

  // An entry of the Hermitian matrix: the element to read, and whether to conjugate it.
  template <class M>
  struct entry {
    idx<M> at;
    bool_of<M> conjugate;
  };

  // What ?syevd, ?heevd and BLAS are given; nothing is called unless `call`. kernels/linalg/blas.cpp and
  // oracle/linalg/lapack.cpp take their numbers from here.
  template <class M>
  struct lapack_args {
    bool_of<M> call;
    int32_of<M> n, lda;                                             // lda >= 1, as LAPACK asks even for n = 0
    int32_of<M> syevd_work, heevd_work, heevd_real_work, int_work;  // lwork, lwork, lrwork, liwork
    int32_of<M> parts;                                              // of all entries, the most that ?dot sums over

    // For n at most max_n.
    HALFULP_HOST_DEVICE static lapack_args of(M& m, int_of<M> n, bool_of<M> call) {
      const int_of<M> square = n * n;
      return {call,
              m.narrow("n", n),
              m.narrow("lda", m.max(n, int_of<M>(1))),
              m.narrow("lwork of ?syevd", 1 + 6 * n + 2 * square),
              m.narrow("lwork of ?heevd", 2 * n + square),
              m.narrow("lrwork of ?heevd", 1 + 5 * n + 2 * square),
              m.narrow("liwork", 3 + 5 * n),
              m.narrow("length of ?dot", 2 * square)};
    }
  };

  template <class M>
  struct geometry : square_batch<M> {
    triangle uplo;

    // Throws unless a is a batch of square matrices with n at most max_n.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& a, triangle uplo) {
      return {square_batch<M>::of(m, a), uplo};
    }

    // The element of a that holds entry (row, column) of a matrix of the batch.
    HALFULP_HOST_DEVICE entry<M> source(M& m, idx<M> matrix, idx<M> row, idx<M> column) const {
      const bool_of<M> stored = uplo == triangle::lower ? row.v >= column.v : row.v <= column.v;
      const idx<M> r{m.select(stored, row.v, column.v), m.exact(this->n)};
      const idx<M> c{m.select(stored, column.v, row.v), m.exact(this->n)};
      return {this->element(m, matrix, r, c), !stored};
    }

    HALFULP_HOST_DEVICE lapack_args<M> lapack(M& m) const { return lapack_args<M>::of(m, this->n, this->matrices > 0); }
  };

  /// A batch of square matrices of T, and which triangle of each is read. Imaginary parts on the diagonal are not read.
  template <class T>
  struct args {
    std::span<const T> x;
    bool lower;
    geometry<run> shape;
  };

  /// Which triangle UPLO names. Throws invalid_argument: no "L", "l", "U" or "u".
  static bool is_lower(const call& c) {
    const std::string& uplo = c.text("UPLO");
    const bool lower = uplo == "L" || uplo == "l";
    if (!lower && uplo != "U" && uplo != "u") c.refuse("UPLO", "must be \"L\" or \"U\"");
    return lower;
  }

  /// Throws invalid_argument: no batch of square matrices, an UPLO other than "L", "l", "U", "u", a wrong dtype.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const bool lower = is_lower(c);
    const auto g =
        geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), lower ? triangle::lower : triangle::upper);
    return {elements<T>(c, "x"), lower, g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<component_t<T>>, extents_of(a.shape.w)}};
  }

  /// Defined in oracle/ops/eigvalsh.cpp for the element types. An eigenvalue that stays undecided within the budget of
  /// `linalg::eigenvalues` is reported so, and is the canonical NaN in `rounded`.
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

#include <halfulp/oracle/ops/eigvalsh_drive.hpp>
