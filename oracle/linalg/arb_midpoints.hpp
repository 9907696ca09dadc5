#pragma once

#include <acb_mat.h>

#include <halfulp/oracle/linalg/integer_matrix.hpp>

namespace halfulp::linalg {

/// A square matrix of Arb's, of which only the midpoints are used.
class arb_midpoints {
 public:
  explicit arb_midpoints(int n) { acb_mat_init(m_, n, n); }
  explicit arb_midpoints(const integer_matrix& a);
  ~arb_midpoints() { acb_mat_clear(m_); }
  arb_midpoints(const arb_midpoints&) = delete;
  arb_midpoints& operator=(const arb_midpoints&) = delete;

  acb_mat_struct* get() { return m_; }

  /// The entries as integers, columns (or rows) times powers of two of their own that leave them about `bits` bits.
  integer_matrix scaled_integers(long bits, bool by_column) const;
  /// The entries rounded to multiples of 2^-bits.
  integer_matrix fixed_point(long bits) const;

 private:
  acb_mat_t m_;
};

}  // namespace halfulp::linalg
