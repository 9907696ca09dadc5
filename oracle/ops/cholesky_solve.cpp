#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include <cstring>

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/cholesky_bounds.hpp>
#include <halfulp/oracle/linalg/factor_of.hpp>

namespace halfulp::op {
namespace {

/// One matrix of the result, element by element: each has `parts` components.
template <class T, class R = component_t<T>>
class result_matrix {
 public:
  static constexpr std::size_t parts = is_complex<T> ? 2 : 1;

  result_matrix(const cholesky_solve::args<T>& a, std::int64_t m, truth& t)
      : a_(a), m_(m), components_(t.components), rounded_(t.rounded.bytes()) {}

  void evaluate() {
    run machine(cholesky_solve::name);
    const auto from = a_.shape.source(machine, {m_, {}});
    const auto factor = linalg::factor_of(a_.shape, a_.y, from.y.v);
    std::optional<linalg::interval_substitution> l;
    std::optional<linalg::cholesky_bounds> bounds;
    if (factor) l.emplace(*factor), bounds.emplace(*factor, format_of<R>);
    for (std::int64_t j = 0; j < a_.shape.k; ++j) {
      const auto b = factor ? linalg::column_of(a_.shape, a_.x, from.x.v, j) : std::nullopt;
      auto x = b ? linalg::solve_cholesky<R>(*l, *b, linalg::question::error)
                 : std::vector(static_cast<std::size_t>(a_.shape.n) * parts, linalg::undefined_component<R>());
      if (b) bounds->add_to(x);
      store(x, j);
    }
  }

 private:
  void store(const std::vector<linalg::rounded_component<R>>& x, std::int64_t j) {
    run machine(cholesky_solve::name);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const auto row = static_cast<std::int64_t>(k / parts);
      const auto at = a_.shape.element(machine, {{m_, {}}, {row, {}}, {j, {}}});
      const std::size_t component = static_cast<std::size_t>(at.v) * parts + k % parts;
      components_[component] = x[k].truth;
      std::memcpy(rounded_.data() + component * sizeof(R), &x[k].rounded, sizeof(R));
    }
  }

  const cholesky_solve::args<T>& a_;
  std::int64_t m_;
  std::span<component_truth> components_;
  std::span<std::byte> rounded_;
};

}  // namespace

template <class T>
std::vector<truth> cholesky_solve::truth_of(const args<T>& a) {
  const auto types = outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  t.components.resize(static_cast<std::size_t>(t.rounded.numel()) * result_matrix<T>::parts);
  linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) { result_matrix<T>(a, m, t).evaluate(); });
  return {t};
}

template std::vector<truth> cholesky_solve::truth_of(const args<float16>&);
template std::vector<truth> cholesky_solve::truth_of(const args<bfloat16>&);
template std::vector<truth> cholesky_solve::truth_of(const args<float>&);
template std::vector<truth> cholesky_solve::truth_of(const args<double>&);
template std::vector<truth> cholesky_solve::truth_of(const args<std::complex<float>>&);
template std::vector<truth> cholesky_solve::truth_of(const args<std::complex<double>>&);

}  // namespace halfulp::op
