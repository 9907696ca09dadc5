#include <halfulp/oracle/ops/eigvalsh.hpp>

#include <cmath>
#include <complex>
#include <numeric>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/linalg/blas.hpp>
#include <halfulp/kernels/linalg/rayleigh.hpp>
#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/kernels/linalg/tridiagonal.hpp>
#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/direct_sum.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>

namespace halfulp::kernels {
namespace {

using halfulp::linalg::hermitian_matrix;

/// The eigenvalues of one matrix, rounded to R, tier by tier. A tier only looks at what those before left undecided.
template <class R>
class settled_eigenvalues {
 public:
  settled_eigenvalues(const hermitian_matrix& a, std::span<R> out)
      : a_(a), out_(out), reached_(out.size(), tier::exact), decided_(out.size(), false) {}

  tier_counts settle() {
    if (a_.n == 1) {
      take_entry();
    } else {
      climb();
    }
    tier_counts counts;
    for (const tier t : reached_) ++counts[t];
    return counts;
  }

 private:
  static constexpr bool narrow_format = format_of<R>.precision <= 24;

  void take_entry() {
    out_[0] = narrow<R>(a_.real[0] + 0.0);  // -0 becomes +0
    decided_[0] = true;
  }

  void climb() {
    const int shift = halfulp::linalg::exponent_of_largest(a_);
    const hermitian_matrix near_one = halfulp::linalg::scaled(a_, shift);
    if (is_exact(near_one, shift)) {
      if (a_.is_complex()) {
        climb_binary64(entries(near_one), shift);
      } else {
        climb_binary64(near_one.real, shift);
      }
    }
    if (left() > 0) climb_to_oracle();
  }

  template <class E>
  void climb_binary64(const std::vector<E>& near_one, int shift) {
    const linalg::householder_form form = linalg::form_of(a_.n, near_one);
    if constexpr (narrow_format) climb_without_vectors(near_one, form, shift);
    if (left() > 0) climb_by_vectors(near_one, form, shift);
  }

  /// Eigenvalues of T alone, then the vectors of those that these leave undecided, if they are few.
  template <class E>
  void climb_without_vectors(const std::vector<E>& near_one, const linalg::householder_form& form, int shift) {
    const linalg::certified_values known = linalg::certificate_of(a_.n, form);
    take(known, shift, tier::binary64);
    const std::vector<int> some = undecided_ones();
    if (some.empty() || 4 * some.size() > out_.size()) return;
    const linalg::rayleigh_quotients<E> q(a_.n, near_one, linalg::approx_vectors<E>(a_.n, form, known, some));
    take(linalg::temple_certificate(q, some, known), shift, tier::double_double);
  }

  /// With all eigenvectors as LAPACK finds them: eigenvalues that are apart first, then those of clusters.
  template <class E>
  void climb_by_vectors(const std::vector<E>& near_one, const linalg::householder_form& form, int shift) {
    std::vector<E> x = near_one;
    std::vector<double> values(out_.size());
    if (!linalg::blas<E>::eigenvectors(a_.n, x.data(), values.data())) return;
    const linalg::rayleigh_quotients<E> q(a_.n, near_one, std::move(x));
    std::vector<int> all(out_.size());
    std::iota(all.begin(), all.end(), 0);
    take(linalg::temple_certificate(q, all, linalg::certificate_of(a_.n, form, values)), shift, tier::double_double);
    if (left() > 0) take(linalg::rayleigh_certificate(q, undecided_ones()), shift, tier::double_double);
  }

  std::vector<int> undecided_ones() const {
    std::vector<int> k;
    for (int i = 0; i < a_.n; ++i)
      if (!decided_[static_cast<std::size_t>(i)]) k.push_back(i);
    return k;
  }

  static std::vector<std::complex<double>> entries(const hermitian_matrix& a) {
    std::vector<std::complex<double>> z(a.real.size());
    for (std::size_t k = 0; k < z.size(); ++k) z[k] = {a.real[k], a.imaginary[k]};
    return z;
  }

  /// Whether scaling by 2^-shift lost no bit to underflow.
  bool is_exact(const hermitian_matrix& near_one, int shift) const {
    if constexpr (narrow_format) return true;  // exponents of 32-bit numbers reach no border of binary64's
    const hermitian_matrix back = halfulp::linalg::scaled(near_one, -shift);
    return back.real == a_.real && back.imaginary == a_.imaginary;
  }

  /// Decides what a tier's radii decide; values of 2^-shift A.
  void take(const linalg::certified_values& c, int shift, tier t) {
    for (std::size_t k = 0; k < out_.size(); ++k) {
      if (decided_[k]) continue;
      decided_[k] = linalg::decide_scaled<R>(c.values[k], c.radius[k], shift, out_[k]);
      if (decided_[k]) reached_[k] = t;
    }
  }

  void climb_to_oracle() {
    const auto values = halfulp::linalg::eigenvalues<R>(a_, halfulp::linalg::question::rounding);
    for (std::size_t k = 0; k < out_.size(); ++k) {
      if (decided_[k]) continue;
      if (!values[k].decided)
        throw undecided(op::eigvalsh::name, "eigenvalue " + std::to_string(k) + " of a matrix is not decided");
      out_[k] = values[k].rounded;
      reached_[k] = values[k].reached;
    }
  }

  std::int64_t left() const { return std::count(decided_.begin(), decided_.end(), false); }

  const hermitian_matrix& a_;
  std::span<R> out_;
  std::vector<tier> reached_;
  std::vector<bool> decided_;
};

/// Direct sums are taken apart, whatever the order of their rows, and their roundings merged: rounding is monotonic.
template <class R>
tier_counts settle_matrix(const hermitian_matrix& a, std::span<R> out) {
  const auto blocks = halfulp::linalg::components(a);
  if (blocks.size() == 1) return settled_eigenvalues<R>(a, out).settle();
  tier_counts counts;
  std::size_t first = 0;
  for (const auto& block : blocks) {
    counts += settled_eigenvalues<R>(submatrix(a, block), out.subspan(first, block.size())).settle();
    first += block.size();
  }
  std::sort(out.begin(), out.end(), halfulp::linalg::ascends<R>);
  return counts;
}

template <class T>
tier_counts compute_batch(const op::eigvalsh::args<T>& a, std::span<const tensor_view> out) {
  using R = component_t<T>;
  const auto n = static_cast<std::size_t>(a.shape.n);
  std::vector<tier_counts> counts(static_cast<std::size_t>(a.shape.matrices));
  halfulp::linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) {
    const auto w = out[0].elements<R>().subspan(static_cast<std::size_t>(m) * n, n);
    const auto matrix = halfulp::linalg::matrix_of(a, m);
    if (matrix) {
      counts[static_cast<std::size_t>(m)] = settle_matrix<R>(*matrix, w);
    } else {
      std::fill(w.begin(), w.end(), canonical_nan<R>());
      counts[static_cast<std::size_t>(m)][tier::exact] = a.shape.n;
    }
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::eigvalsh, float16>(const op::eigvalsh::args<float16>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvalsh, bfloat16>(const op::eigvalsh::args<bfloat16>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvalsh, float>(const op::eigvalsh::args<float>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvalsh, double>(const op::eigvalsh::args<double>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvalsh, std::complex<float>>(const op::eigvalsh::args<std::complex<float>>& a,
                                                       std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvalsh, std::complex<double>>(const op::eigvalsh::args<std::complex<double>>& a,
                                                        std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
