#include <halfulp/oracle/linalg/sensitivity.hpp>

#include <cmath>
#include <limits>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

double middle(const enclosure& e, int shift) {
  real m = make_real(64);
  mpfr_add(raw(m), raw(e.lo), raw(e.hi), MPFR_RNDN);
  mpfr_mul_2si(raw(m), raw(m), -1 - shift, MPFR_RNDN);
  return mpfr_get_d(raw(m), MPFR_RNDN);
}

}  // namespace

sensitivity::sensitivity(const balanced_matrix& b, const approx_general_eigensystem& s, bool of_balanced)
    : b_(b), s_(s), of_balanced_(of_balanced) {
  long double square = 0;
  for (int j = 0; j < s.n; ++j)
    for (int i = 0; i < s.n; ++i) {
      const std::size_t k = b.matrix.at(i, j);
      const long double part = b.matrix.is_complex() ? b.matrix.imaginary[k] : 0.0;
      const long double entry = std::hypot(static_cast<long double>(b.matrix.real[k]), part);
      square += std::pow(std::ldexp(entry, power(i) - power(j)), 2.0L);
    }
  norm_ = std::sqrt(square);
  for (int k = 0; k < s.n; ++k) columns_ += std::pow(column(k), 2.0L);
  columns_ = std::sqrt(columns_);
}

double sensitivity::loss(int k, double eps) const {
  const long double left = row(k), by = eps * norm_;
  return left * columns_ * by < gap(k) / 2 ? static_cast<double>(left * column(k) * by)
                                           : std::numeric_limits<double>::infinity();
}

long double sensitivity::vector(int i, int k) const {
  return std::ldexp(std::abs(std::complex<long double>(s_.vectors[b_.matrix.at(i, k)])), power(i));
}

long double sensitivity::inverse(int k, int j) const {
  return std::ldexp(std::abs(std::complex<long double>(s_.inverse[b_.matrix.at(k, j)])), -power(j));
}

long double sensitivity::column(int k) const {
  long double sum = 0;
  for (int i = 0; i < s_.n; ++i) sum += std::pow(vector(i, k), 2.0L);
  return std::sqrt(sum);
}

long double sensitivity::row(int k) const {
  long double sum = 0;
  for (int j = 0; j < s_.n; ++j) sum += std::pow(inverse(k, j), 2.0L);
  return std::sqrt(sum);
}

long double sensitivity::gap(int k) const {
  long double least = std::numeric_limits<long double>::infinity();
  for (int j = 0; j < s_.n; ++j)
    if (j != k) least = std::min<long double>(least, std::abs(s_.values[size(j)] - s_.values[size(k)]));
  return least;
}

int nearest(const approx_general_eigensystem& s, const enclosure& re, const enclosure& im, int shift) {
  const std::complex<double> value(middle(re, shift), middle(im, shift));
  int best = 0;
  for (int k = 1; k < s.n; ++k)
    if (std::abs(s.values[size(k)] - value) < std::abs(s.values[size(best)] - value)) best = k;
  return best;
}

}  // namespace halfulp::linalg
