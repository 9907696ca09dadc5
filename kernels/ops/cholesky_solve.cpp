#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/factor_of.hpp>

namespace halfulp::kernels {
namespace {

using halfulp::linalg::column_of;
using halfulp::linalg::factor_of;

/// One matrix of the result, column by column, and how each component was decided.
template <class T, class R = component_t<T>>
class settled_columns {
 public:
  settled_columns(const op::cholesky_solve::args<T>& a, std::int64_t matrix, std::span<T> out)
      : a_(a), matrix_(matrix), out_(out) {}

  tier_counts settle() {
    run machine(op::cholesky_solve::name);
    const auto factor = factor_of(a_.shape, a_.y, matrix_);
    const std::int64_t right_side = a_.shape.right_side(machine, {matrix_, {}}).v;
    std::optional<halfulp::linalg::interval_substitution> l;
    if (factor) l.emplace(*factor);
    for (std::int64_t j = 0; j < a_.shape.k; ++j) {
      const auto b = l ? column_of(a_.shape, a_.x, right_side, j) : std::nullopt;
      if (b) {
        climb_to_oracle(*l, *b, j);
      } else {
        fill_with_nan(j);
      }
    }
    return counts_;
  }

 private:
  static constexpr std::size_t parts = is_complex<T> ? 2 : 1;

  std::span<R> element(std::int64_t row, std::int64_t column) {
    run machine(op::cholesky_solve::name);
    const auto at = a_.shape.element(machine, {{matrix_, {}}, {row, {}}, {column, {}}});
    return {reinterpret_cast<R*>(&out_[static_cast<std::size_t>(at.v)]), parts};
  }

  void climb_to_oracle(const halfulp::linalg::interval_substitution& l, const halfulp::linalg::column_vector& b,
                       std::int64_t column) {
    const auto x = halfulp::linalg::solve_cholesky<R>(l, b, halfulp::linalg::question::rounding);
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (!x[k].truth.decided) throw undecided(op::cholesky_solve::name, "a component of a solution is not decided");
      element(static_cast<std::int64_t>(k / parts), column)[k % parts] = x[k].rounded;
      ++counts_[x[k].truth.reached];
    }
  }

  void fill_with_nan(std::int64_t column) {
    for (std::int64_t i = 0; i < a_.shape.n; ++i)
      for (R& part : element(i, column)) part = canonical_nan<R>();
    counts_[tier::exact] += a_.shape.n * static_cast<std::int64_t>(parts);
  }

  const op::cholesky_solve::args<T>& a_;
  std::int64_t matrix_;
  std::span<T> out_;
  tier_counts counts_;
};

template <class T>
tier_counts compute_batch(const op::cholesky_solve::args<T>& a, std::span<const tensor_view> out) {
  std::vector<tier_counts> counts(static_cast<std::size_t>(a.shape.matrices));
  halfulp::linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) {
    counts[static_cast<std::size_t>(m)] = settled_columns<T>(a, m, out[0].elements<T>()).settle();
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::cholesky_solve, float16>(const op::cholesky_solve::args<float16>& a,
                                                 std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, bfloat16>(const op::cholesky_solve::args<bfloat16>& a,
                                                  std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, float>(const op::cholesky_solve::args<float>& a,
                                               std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, double>(const op::cholesky_solve::args<double>& a,
                                                std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, std::complex<float>>(const op::cholesky_solve::args<std::complex<float>>& a,
                                                             std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, std::complex<double>>(const op::cholesky_solve::args<std::complex<double>>& a,
                                                              std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
