#include <halfulp/oracle/ops/eigvals.hpp>

#include <algorithm>
#include <complex>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/linalg/general_certificate.hpp>
#include <halfulp/kernels/linalg/power_balance.hpp>
#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/direct_sum.hpp>
#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>

namespace halfulp::kernels {
namespace {

using halfulp::linalg::square_matrix;

std::vector<double> entries_of(const square_matrix& a, double) {
  return a.real;
}
std::vector<std::complex<double>> entries_of(const square_matrix& a, std::complex<double>) {
  std::vector<std::complex<double>> z(a.real.size());
  for (std::size_t k = 0; k < z.size(); ++k) z[k] = {a.real[k], a.imaginary[k]};
  return z;
}

/// The eigenvalues of one matrix that no permutation makes block triangular, rounded to R in any order, tier by tier.
template <class R>
class settled_general_eigenvalues {
 public:
  settled_general_eigenvalues(const square_matrix& a, std::span<std::complex<R>> out) : a_(a), out_(out) {}

  tier_counts settle() {
    tier_counts counts;
    if (a_.n == 1) {
      take_entry();
      counts[tier::exact] = 2;
      return counts;
    }
    // eigenvalues of A = -A^H are purely imaginary, which no disc decides
    const tier reached = halfulp::linalg::is_hermitian(a_, -1) ? tier::exact
                         : a_.is_complex()                     ? climb<std::complex<double>>()
                                                               : climb<double>();
    if (reached == tier::exact) return climb_to_oracle();
    counts[reached] = 2 * static_cast<std::int64_t>(out_.size());
    return counts;
  }

 private:
  static constexpr bool narrow_format = format_of<R>.precision <= 24;

  void take_entry() {  // -0 becomes +0
    out_[0] = {narrow<R>(a_.real[0] + 0.0), a_.is_complex() ? narrow<R>(a_.imaginary[0] + 0.0) : R(0)};
  }

  /// The tier that decided all eigenvalues; `exact` where none did.
  template <class E>
  tier climb() {
    const int shift = halfulp::linalg::exponent_of_largest(a_);
    const square_matrix near_one = halfulp::linalg::scaled(a_, shift);
    std::vector<E> b = entries_of(near_one, E());
    if (!is_exact(near_one, shift) || !linalg::balance_by_powers_of_two(a_.n, b)) return tier::exact;
    const auto s = linalg::approx_eigenvectors_of(a_.n, b);
    if (!s) return tier::exact;
    linalg::general_certificate<E> certificate(b, *s);
    if constexpr (narrow_format)
      if (take(certificate.in_binary64(), shift)) return tier::binary64;
    return take(certificate.in_double_double(), shift) ? tier::double_double : tier::exact;
  }

  /// Whether scaling by 2^-shift lost no bit to underflow.
  bool is_exact(const square_matrix& near_one, int shift) const {
    if constexpr (narrow_format) return true;  // exponents of 32-bit numbers reach no border of binary64's
    const square_matrix back = halfulp::linalg::scaled(near_one, -shift);
    return back.real == a_.real && back.imaginary == a_.imaginary;
  }

  /// Whether the discs decide every part of every eigenvalue of 2^shift B: the only one in a disc around a real number is
  /// real, since its conjugate is in there, too.
  bool take(const std::vector<linalg::certified_eigenvalue>& all, int shift) {
    std::size_t k = 0;
    for (const auto& v : all) {
      R re{}, im{};
      if (!linalg::decide_scaled<R>(v.re, v.radius, shift, re)) return false;
      const bool is_real = !a_.is_complex() && !v.in_pair;
      if (!is_real && !linalg::decide_scaled<R>(v.im, v.radius, shift, im)) return false;
      out_[k++] = {re, im};
      if (v.in_pair) out_[k++] = {re, -im};
    }
    return k == out_.size();
  }

  tier_counts climb_to_oracle() {
    tier_counts counts;
    const auto values = halfulp::linalg::general_eigenvalues<R>(a_, halfulp::linalg::question::rounding);
    for (std::size_t k = 0; k < out_.size(); ++k) {
      const auto& [re, im] = values[k];
      if (!values[k].decided())
        throw undecided(op::eigvals::name, "eigenvalue " + std::to_string(k) + " of a matrix is not decided");
      out_[k] = {re.rounded, im.rounded};
      ++counts[re.reached];
      ++counts[im.reached];
    }
    return counts;
  }

  const square_matrix& a_;
  std::span<std::complex<R>> out_;
};

template <class R>
tier_counts settle_matrix(const square_matrix& a, std::span<std::complex<R>> out) {
  const auto blocks = halfulp::linalg::strong_components(a);
  tier_counts counts;
  if (blocks.size() == 1) {
    counts = settled_general_eigenvalues<R>(a, out).settle();
  } else {
    std::size_t first = 0;
    for (const auto& block : blocks) {
      counts += settled_general_eigenvalues<R>(submatrix(a, block), out.subspan(first, block.size())).settle();
      first += block.size();
    }
  }
  std::sort(out.begin(), out.end(), op::eigvals::precedes<R>);
  return counts;
}

template <class T>
tier_counts compute_batch(const op::eigvals::args<T>& a, std::span<const tensor_view> out) {
  using R = op::eigvals::part_t<T>;
  const auto n = static_cast<std::size_t>(a.shape.n);
  std::vector<tier_counts> counts(static_cast<std::size_t>(a.shape.matrices));
  halfulp::linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) {
    const auto w = out[0].elements<std::complex<R>>().subspan(static_cast<std::size_t>(m) * n, n);
    const auto matrix = halfulp::linalg::matrix_of(a, m);
    if (matrix) {
      counts[static_cast<std::size_t>(m)] = settle_matrix<R>(*matrix, w);
    } else {
      std::fill(w.begin(), w.end(), std::complex<R>(canonical_nan<R>(), canonical_nan<R>()));
      counts[static_cast<std::size_t>(m)][tier::exact] = 2 * a.shape.n;
    }
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::eigvals, float16>(const op::eigvals::args<float16>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, bfloat16>(const op::eigvals::args<bfloat16>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, float>(const op::eigvals::args<float>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, double>(const op::eigvals::args<double>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, std::complex<float>>(const op::eigvals::args<std::complex<float>>& a,
                                                      std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, std::complex<double>>(const op::eigvals::args<std::complex<double>>& a,
                                                       std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
