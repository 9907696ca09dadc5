#include <halfulp/oracle/linalg/general_weights.hpp>

#include <algorithm>

namespace halfulp::linalg {
namespace {

void widen_to(enclosure& e, const enclosure& other) {
  if (mpfr_less_p(raw(other.lo), raw(e.lo)) != 0) e.lo = other.lo;
  if (mpfr_less_p(raw(e.hi), raw(other.hi)) != 0) e.hi = other.hi;
}

/// conj(w) as integers times 2^exponent, all of them.
integer_matrix conjugate_weights(std::span<const std::complex<double>> w) {
  // a diagonal matrix has the exponent that leaves every entry an integer
  const auto n = static_cast<int>(w.size());
  square_matrix d{n, std::vector<double>(w.size() * w.size()), std::vector<double>(w.size() * w.size())};
  for (int k = 0; k < n; ++k) {
    d.real[d.at(k, k)] = w[static_cast<std::size_t>(k)].real();
    d.imaginary[d.at(k, k)] = -w[static_cast<std::size_t>(k)].imag();
  }
  return exact_integers(d);
}

}  // namespace

template <class P>
general_weights::general_weights(const std::vector<complex_eigenvalue<P>>& values,
                                 std::span<const std::complex<double>> w) {
  const integer_matrix exact = conjugate_weights(w);
  exponent_ = exact.exponent;
  std::vector<std::complex<P>> roundings;
  for (int k = 0; k < static_cast<int>(values.size()); ++k) {
    const auto& v = values[static_cast<std::size_t>(k)];
    const std::complex<P> rounded(v.re.rounded, v.im.rounded);
    auto same = std::find(roundings.begin(), roundings.end(), rounded) - roundings.begin();
    if (same == static_cast<std::ptrdiff_t>(roundings.size())) {
      roundings.push_back(rounded);
      equals_.push_back({{v.re.range, v.im.range, 0, 0}, {}, {}, -1});
    }
    equal_eigenvalues& e = equals_[static_cast<std::size_t>(same)];
    widen_to(e.box.re, v.re.range);
    widen_to(e.box.im, v.im.range);
    ++e.box.count;
    e.sum_re += exact.real[exact.at(k, k)];
    e.sum_im += exact.imaginary[exact.at(k, k)];
  }
  for (std::size_t k = 0; k < equals_.size(); ++k) {
    const auto at = std::find(roundings.begin(), roundings.end(), std::conj(roundings[k])) - roundings.begin();
    if (at < static_cast<std::ptrdiff_t>(roundings.size())) equals_[k].conjugate = static_cast<int>(at);
  }
}

template <class F>
weighted_spectrum general_weights::with(F mean_of) const {
  weighted_spectrum s{{}, {}, exponent_};
  for (const equal_eigenvalues& e : equals_) {
    complex_mean m = mean_of(e);
    auto found = std::find(s.weights.begin(), s.weights.end(), m);
    if (found == s.weights.end()) found = s.weights.insert(found, std::move(m));
    s.boxes.push_back(e.box);
    s.boxes.back().weight = static_cast<int>(found - s.weights.begin());
  }
  return s;
}

weighted_spectrum general_weights::all() const {
  return with([](const equal_eigenvalues& e) { return complex_mean{e.sum_re, e.sum_im, e.box.count}; });
}

weighted_spectrum general_weights::symmetric() const {
  return with([&](const equal_eigenvalues& e) {
    const equal_eigenvalues& c = conjugate(e);
    return complex_mean{e.sum_re + c.sum_re, e.sum_im - c.sum_im, 2 * e.box.count};
  });
}

weighted_spectrum general_weights::antisymmetric() const {
  return with([&](const equal_eigenvalues& e) {
    const equal_eigenvalues& c = conjugate(e);
    return complex_mean{e.sum_im + c.sum_im, c.sum_re - e.sum_re, 2 * e.box.count};
  });
}

template general_weights::general_weights(const std::vector<complex_eigenvalue<float>>&,
                                          std::span<const std::complex<double>>);
template general_weights::general_weights(const std::vector<complex_eigenvalue<double>>&,
                                          std::span<const std::complex<double>>);

}  // namespace halfulp::linalg
