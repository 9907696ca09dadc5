#include <halfulp/oracle/linalg/weights.hpp>

#include <algorithm>

namespace halfulp::linalg {

enclosure enclosure_of(const mean& m, long exponent, long least_bits) {
  const real sum = to_real(m.sum, exponent);
  const auto bits = std::max<mpfr_prec_t>(static_cast<mpfr_prec_t>(mpz_sizeinbase(raw(m.sum), 2)) + 96, least_bits);
  enclosure e{make_real(bits), make_real(bits)};
  mpfr_div_si(raw(e.lo), raw(sum), m.count, MPFR_RNDD);
  mpfr_div_si(raw(e.hi), raw(sum), m.count, MPFR_RNDU);
  return e;
}

eigenvalue_weights::eigenvalue_weights(std::span<const double> w) {
  // a diagonal matrix has the exponent that leaves every entry an integer
  const auto n = static_cast<int>(w.size());
  hermitian_matrix d{n, std::vector<double>(w.size() * w.size()), {}};
  for (int k = 0; k < n; ++k) d.real[d.at(k, k)] = w[static_cast<std::size_t>(k)];
  const integer_matrix exact = exact_integers(d);
  exponent_ = exact.exponent;
  for (int k = 0; k < n; ++k) weights_.push_back(exact.real[exact.at(k, k)]);
}

mean eigenvalue_weights::over(int first, int end) const {
  mean m{0, end - first};
  for (int k = first; k < end; ++k) m.sum += weights_[static_cast<std::size_t>(k)];
  return m;
}

bool eigenvalue_weights::are_equal(int first, int end) const {
  return std::all_of(weights_.begin() + first, weights_.begin() + end,
                     [&](const integer& w) { return w == weights_[static_cast<std::size_t>(first)]; });
}

}  // namespace halfulp::linalg
