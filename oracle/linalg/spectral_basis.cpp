#include <halfulp/oracle/linalg/spectral_basis.hpp>

#include <algorithm>
#include <cmath>

#include <halfulp/oracle/linalg/arb_midpoints.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>

namespace halfulp::linalg {
namespace {

/// A vector of Arb's numbers, of which only the midpoints are used.
class arb_vector {
 public:
  explicit arb_vector(int n) : n_(n), z_(_acb_vec_init(n)) {}
  ~arb_vector() { _acb_vec_clear(z_, n_); }
  arb_vector(const arb_vector&) = delete;
  arb_vector& operator=(const arb_vector&) = delete;
  acb_ptr get() { return z_; }
  acb_ptr operator[](int k) { return z_ + k; }

 private:
  int n_;
  acb_ptr z_;
};

real part_of(const arf_struct* x) {
  real r = make_real(std::max<mpfr_prec_t>(arf_bits(x), 2));
  arf_get_mpfr(raw(r), x, MPFR_RNDN);
  return r;
}

/// 2^shift x
real scaled(double x, int shift) {
  real r = halfulp::to_real(x);
  mpfr_mul_2si(raw(r), raw(r), shift, MPFR_RNDN);
  return r;
}

/// About |x - the middle of e|.
real distance(const real& x, const enclosure& e) {
  real d = make_real(mpfr_get_prec(raw(e.lo)) + 64);
  mpfr_add(raw(d), raw(e.lo), raw(e.hi), MPFR_RNDN);
  mpfr_div_2ui(raw(d), raw(d), 1, MPFR_RNDN);
  mpfr_sub(raw(d), raw(x), raw(d), MPFR_RNDN);
  return d;
}

/// The box whose middle is nearest.
int nearest(const real& re, const real& im, const std::vector<eigenvalue_box>& boxes) {
  int best = 0;
  real least = make_real(64);
  mpfr_set_inf(raw(least), 1);
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    real d = make_real(64);
    mpfr_hypot(raw(d), raw(distance(re, boxes[k].re)), raw(distance(im, boxes[k].im)), MPFR_RNDN);
    if (mpfr_less_p(raw(d), raw(least)) == 0) continue;
    least = d;
    best = static_cast<int>(k);
  }
  return best;
}

void normalise(acb_mat_struct* m, int column, long prec) {
  arb_t sum, square;
  arb_init(sum);
  arb_init(square);
  const auto n = static_cast<int>(acb_mat_nrows(m));
  for (int i = 0; i < n; ++i) {
    const acb_struct* z = acb_mat_entry(m, i, column);
    arb_addmul(sum, acb_realref(z), acb_realref(z), prec);
    arb_addmul(sum, acb_imagref(z), acb_imagref(z), prec);
  }
  arb_get_mid_arb(sum, sum);
  arb_rsqrt(square, sum, prec);
  for (int i = 0; i < n; ++i) {
    acb_mul_arb(acb_mat_entry(m, i, column), acb_mat_entry(m, i, column), square, prec);
    acb_get_mid(acb_mat_entry(m, i, column), acb_mat_entry(m, i, column));
  }
  arb_clear(sum);
  arb_clear(square);
}

/// Takes out of column `to` what it has of the unit column `from`.
void project_out(acb_mat_struct* m, int from, int to, long prec) {
  const auto n = static_cast<int>(acb_mat_nrows(m));
  arb_vector work(2);
  for (int i = 0; i < n; ++i) {
    acb_conj(work[1], acb_mat_entry(m, i, from));
    acb_addmul(work[0], work[1], acb_mat_entry(m, i, to), prec);
  }
  acb_get_mid(work[0], work[0]);
  for (int i = 0; i < n; ++i) {
    acb_submul(acb_mat_entry(m, i, to), acb_mat_entry(m, i, from), work[0], prec);
    acb_get_mid(acb_mat_entry(m, i, to), acb_mat_entry(m, i, to));
  }
}

/// Makes columns orthonormal by the Gram-Schmidt process, twice each: coefficients of B on them stay triangular.
void orthonormalise(acb_mat_struct* m, const std::vector<int>& columns, long prec) {
  for (std::size_t k = 0; k < columns.size(); ++k)
    for (int turn = 0; turn < 2; ++turn) {
      for (std::size_t l = 0; l < k; ++l) project_out(m, columns[l], columns[k], prec);
      normalise(m, columns[k], prec);
    }
}

bool any_shared(const std::vector<eigenvalue_box>& boxes) {
  return std::any_of(boxes.begin(), boxes.end(), [](const eigenvalue_box& b) { return b.count > 1; });
}

/// Y for the columns of `vectors`, both as integers.
std::optional<spectral_basis> with_inverse(arb_midpoints& vectors, int n, long bits, std::vector<int> box) {
  constexpr long guard = 32;
  spectral_basis s{vectors.scaled_integers(bits, true), {}, std::move(box)};
  s.x.exponent = -bits;
  arb_midpoints exact(s.x), inverse(n);
  if (acb_mat_approx_inv(inverse.get(), exact.get(), 2 * bits + 64) == 0) return std::nullopt;
  s.y = inverse.fixed_point(bits + guard);
  return s;
}

}  // namespace

std::optional<spectral_basis> approx_basis_in_binary64(const balanced_matrix& b,
                                                       const std::vector<eigenvalue_box>& boxes) {
  if (any_shared(boxes)) return std::nullopt;
  constexpr long bits = 62;
  const int n = b.matrix.n;
  const approx_general_eigensystem s = approx_general_eigensystem_of(b.matrix);
  if (!s.converged) return std::nullopt;
  spectral_basis basis{integer_matrix(n, -bits, true), integer_matrix(n, -bits, true), {}};
  for (std::size_t k = 0; k < s.vectors.size(); ++k) {
    const std::complex<double> x = s.vectors[k], y = s.inverse[k];
    if (!std::isfinite(y.real()) || !std::isfinite(y.imag())) return std::nullopt;
    basis.x.real[k] = fixed_point(x.real(), bits);
    basis.x.imaginary[k] = fixed_point(x.imag(), bits);
    basis.y.real[k] = fixed_point(y.real(), bits);
    basis.y.imaginary[k] = fixed_point(y.imag(), bits);
  }
  for (const std::complex<double> l : s.values)
    basis.box.push_back(nearest(scaled(l.real(), b.shift), scaled(l.imag(), b.shift), boxes));
  return basis;
}

std::optional<spectral_basis> approx_basis(const integer_matrix& b, long bits,
                                           const std::vector<eigenvalue_box>& boxes) {
  arb_midpoints a(any_shared(boxes) ? disturbed(b, bits / 2) : b), vectors(b.n);
  arb_vector values(b.n);
  acb_mat_approx_eig_qr(values.get(), nullptr, vectors.get(), a.get(), nullptr, 0, bits);
  std::vector<std::vector<int>> columns(boxes.size());
  std::vector<int> box;
  for (int k = 0; k < b.n; ++k) {
    if (!acb_is_finite(values[k])) return std::nullopt;
    box.push_back(
        nearest(part_of(arb_midref(acb_realref(values[k]))), part_of(arb_midref(acb_imagref(values[k]))), boxes));
    columns[static_cast<std::size_t>(box.back())].push_back(k);
  }
  for (const auto& c : columns)
    if (c.size() > 1) orthonormalise(vectors.get(), c, bits + 64);
  return with_inverse(vectors, b.n, bits, std::move(box));
}

}  // namespace halfulp::linalg
