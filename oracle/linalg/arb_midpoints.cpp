#include <halfulp/oracle/linalg/arb_midpoints.hpp>

#include <algorithm>
#include <limits>

namespace halfulp::linalg {
namespace {

void set(arb_struct* x, const integer& k, long exponent) {
  fmpz_t z, e;
  fmpz_init(z);
  fmpz_init_set_si(e, exponent);
  fmpz_set_mpz(z, raw(k));
  arb_set_fmpz_2exp(x, z, e);
  fmpz_clear(z);
  fmpz_clear(e);
}

long exponent_of(const arf_struct* x) {
  return fmpz_get_si(ARF_EXPREF(x));
}

/// The integer nearest to 2^shift x; 0 for what is no number.
integer rounded(const arf_struct* x, long shift) {
  integer k;
  if (!arf_is_finite(x)) return k;
  arf_t scaled;
  fmpz_t z;
  arf_init(scaled);
  fmpz_init(z);
  arf_mul_2exp_si(scaled, x, shift);
  arf_get_fmpz(z, scaled, ARF_RND_NEAR);
  fmpz_get_mpz(raw(k), z);
  fmpz_clear(z);
  arf_clear(scaled);
  return k;
}

const arf_struct* real_part(const acb_struct* z) {
  return arb_midref(acb_realref(z));
}
const arf_struct* imaginary_part(const acb_struct* z) {
  return arb_midref(acb_imagref(z));
}

}  // namespace

arb_midpoints::arb_midpoints(const integer_matrix& a) : arb_midpoints(a.n) {
  for (int j = 0; j < a.n; ++j)
    for (int i = 0; i < a.n; ++i) {
      set(acb_realref(acb_mat_entry(m_, i, j)), a.real[a.at(i, j)], a.exponent);
      if (a.is_complex()) set(acb_imagref(acb_mat_entry(m_, i, j)), a.imaginary[a.at(i, j)], a.exponent);
    }
}

integer_matrix arb_midpoints::scaled_integers(long bits, bool by_column) const {
  const auto n = static_cast<int>(acb_mat_nrows(m_));
  integer_matrix x(n, 0, true);
  for (int k = 0; k < n; ++k) {
    const auto entry = [&](int l) { return by_column ? acb_mat_entry(m_, l, k) : acb_mat_entry(m_, k, l); };
    long largest = std::numeric_limits<long>::min();
    for (int l = 0; l < n; ++l)
      for (const arf_struct* part : {real_part(entry(l)), imaginary_part(entry(l))})
        if (!arf_is_zero(part) && arf_is_finite(part)) largest = std::max(largest, exponent_of(part));
    if (largest == std::numeric_limits<long>::min()) continue;
    for (int l = 0; l < n; ++l) {
      const std::size_t at = by_column ? x.at(l, k) : x.at(k, l);
      x.real[at] = rounded(real_part(entry(l)), bits - largest);
      x.imaginary[at] = rounded(imaginary_part(entry(l)), bits - largest);
    }
  }
  return x;
}

integer_matrix arb_midpoints::fixed_point(long bits) const {
  const auto n = static_cast<int>(acb_mat_nrows(m_));
  integer_matrix x(n, -bits, true);
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i) {
      x.real[x.at(i, j)] = rounded(real_part(acb_mat_entry(m_, i, j)), bits);
      x.imaginary[x.at(i, j)] = rounded(imaginary_part(acb_mat_entry(m_, i, j)), bits);
    }
  return x;
}

}  // namespace halfulp::linalg
