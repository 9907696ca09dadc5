#pragma once

#include <optional>
#include <span>
#include <vector>

#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// The mean of `count` numbers whose sum is sum 2^exponent, exactly; the exponent is kept beside it.
struct mean {
  integer sum;
  int count = 1;

  friend bool operator==(const mean& x, const mean& y) { return x.sum * y.count == y.sum * x.count; }
};

/// sum 2^exponent / count: a point where that is a dyadic number, and else between two neighbours of at least `bits` bits,
/// and of 96 more than the sum has, so that no rounding boundary of a format is one of its ends.
enclosure enclosure_of(const mean& m, long exponent, long bits = 0);

/// Finite binary64 numbers, given to the eigenvalues of a matrix in ascending order, as integers times 2^exponent().
class eigenvalue_weights {
 public:
  explicit eigenvalue_weights(std::span<const double> w);

  long exponent() const { return exponent_; }
  /// The mean of weights first .. end - 1.
  mean over(int first, int end) const;
  /// Whether weights first .. end - 1 are one number.
  bool are_equal(int first, int end) const;

 private:
  long exponent_ = 0;
  std::vector<integer> weights_;
};

}  // namespace halfulp::linalg
