#pragma once

#include <algorithm>
#include <cstring>

#include <halfulp/analysis/backends/im2col.hpp>
#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>

namespace halfulp::analysis {

/// A peer's own refusal of its arguments.
struct peer_refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The ops that a library of dense linear algebra has, from members of Peer:
///
///   scalar<T>                      its type for the storage type T, of the same bytes; void where it has none
///   product(m, n, k, a, ta, b, tb, c)   as im2col has it; a Peer without it has no convolutions
///   cholesky_solve(n, k, y, upper, b)   one system, row-major; the solution replaces the k right sides
///   eigenvalues(n, a, lower, w)    of one matrix, row-major, ascending; throws peer_refused or std::runtime_error
///   batch_eigenvalues(count, n, a, lower, w)   likewise, where Peer has a way of its own for more than one matrix
///   general_eigenvalues(n, a, w)   of one matrix that need not be Hermitian, row-major, complex, in any order; likewise
template <class Peer>
class dense_peer {
 public:
  template <class Op, class T>
  static answer result(const args_of<Op, T>& a) {
    using S = typename Peer::template scalar<T>;
    if constexpr (std::is_void_v<S>) {
      throw unsupported("no " + std::string(name_of(dtype_of<T>)));
    } else {
      answer r;
      for (const tensor_type& t : Op::outputs(a)) r.outputs.emplace_back(t.type, t.shape);
      compute<T, S>(a, r.outputs[0]);
      return r;
    }
  }

 private:
  template <class S, class T>
  static std::vector<S> copied(std::span<const T> from) {
    static_assert(sizeof(S) == sizeof(T));
    std::vector<S> to(from.size());
    if (!to.empty()) std::memcpy(static_cast<void*>(to.data()), from.data(), from.size_bytes());
    return to;
  }
  template <class S>
  static void store(const std::vector<S>& from, const tensor& to) {
    if (!from.empty()) std::memcpy(to.bytes().data(), from.data(), to.bytes().size());
  }
  template <class S>
  static auto columns_of(const op::conv2d::geometry<run>& g) {
    return im2col<S, decltype(Peer::template product<S>)*>(g, Peer::template product<S>);
  }
  template <class S>
  static std::vector<S> zeros(const tensor& t) {
    return std::vector<S>(static_cast<std::size_t>(t.numel()), S(0));
  }

  /// 0 * inf would be NaN, and the fault of the way the convolution is made of products, not of the library.
  template <class S, class Columns>
  static void require_finite_over_padding(const std::vector<S>& factors, const Columns& columns) {
    const auto is_finite = [](S x) { return x - x == S(0); };
    if (columns.sees_padding() && !std::all_of(factors.begin(), factors.end(), is_finite))
      throw unsupported("no convolution of its own, and a product of padding and an infinity is NaN");
  }

  template <class T, class S>
  static void compute(const op::conv2d::args<T>& a, const tensor& out) {
    auto y = zeros<S>(out);
    const auto columns = columns_of<S>(a.shape);
    const auto weight = copied<S>(a.weight);
    require_finite_over_padding(weight, columns);
    columns.forward(copied<S>(a.x), weight, y);
    if (a.has_bias) add_bias(copied<S>(a.bias), a.shape, a.shape.y, y);
    store(y, out);
  }
  template <class S>
  static void add_bias(const std::vector<S>& bias, const op::conv2d::geometry<run>& g, const shape<run>& image,
                       std::vector<S>& y) {
    run m("conv2d");
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto c = g.pixel_of(m, image, idx<run>{static_cast<std::int64_t>(i), {}}).c.v;
      y[i] = y[i] + bias[static_cast<std::size_t>(c)];
    }
  }
  template <class T, class S>
  static void compute(const op::conv2d_input_grad::args<T>& a, const tensor& out) {
    auto dx = zeros<S>(out);
    columns_of<S>(a.shape.forward).input_grad(copied<S>(a.dy), copied<S>(a.weight), dx);
    if (a.has_bias) add_bias(copied<S>(a.bias), a.shape.forward, a.shape.forward.x, dx);
    store(dx, out);
  }
  template <class T, class S>
  static void compute(const op::conv2d_weight_grad::args<T>& a, const tensor& out) {
    auto dweight = zeros<S>(out);
    const auto columns = columns_of<S>(a.shape.forward);
    const auto dy = copied<S>(a.dy);
    require_finite_over_padding(dy, columns);
    columns.weight_grad(dy, copied<S>(a.x), dweight);
    store(dweight, out);
  }
  /// dy, as channels x the rest, times ones.
  template <class T, class S>
  static void compute(const op::conv2d_bias_grad::args<T>& a, const tensor& out) {
    const auto dy = copied<S>(a.dy);
    const auto channels = static_cast<std::size_t>(out.numel());
    const std::size_t terms = channels == 0 ? 0 : dy.size() / channels;
    std::vector<S> rows;
    run m("conv2d_bias_grad");
    for (std::size_t o = 0; o < channels; ++o)
      a.shape.terms(m, idx<run>{static_cast<std::int64_t>(o), {}},
                    [&](idx<run> i) { rows.push_back(dy[static_cast<std::size_t>(i.v)]); });
    const std::vector<S> ones(terms, S(1));
    auto sums = zeros<S>(out);
    if (terms > 0) Peer::template product<S>(channels, 1, terms, rows.data(), false, ones.data(), false, sums.data());
    store(sums, out);
  }
  template <class T, class S>
  static void compute(const op::eigvalsh::args<T>& a, const tensor& out) {
    using part = component_t<S>;
    auto x = copied<S>(a.x);
    std::vector<part> w(static_cast<std::size_t>(out.numel()));
    const auto n = static_cast<std::size_t>(a.shape.n);
    const auto matrices = static_cast<std::size_t>(a.shape.matrices);
    if constexpr (requires { Peer::batch_eigenvalues(matrices, n, x.data(), a.lower, w.data()); }) {
      if (matrices > 1) {
        Peer::batch_eigenvalues(matrices, n, x.data(), a.lower, w.data());
        return store(w, out);
      }
    }
    for (std::size_t k = 0; k < matrices; ++k) Peer::eigenvalues(n, x.data() + k * n * n, a.lower, w.data() + k * n);
    store(w, out);
  }
  template <class T, class S>
  static void compute(const op::eigvals::args<T>& a, const tensor& out) {
    using value = std::complex<op::eigvals::part_t<T>>;
    auto x = copied<S>(a.x);
    const auto w = out.elements<value>();
    const auto n = static_cast<std::size_t>(a.shape.n);
    for (std::size_t k = 0; k < static_cast<std::size_t>(a.shape.matrices); ++k)
      Peer::general_eigenvalues(n, x.data() + k * n * n, w.data() + k * n);
  }
  template <class T, class S>
  static void compute(const op::cholesky_solve::args<T>& a, const tensor& out) {
    const auto x = copied<S>(a.x), y = copied<S>(a.y);
    auto z = zeros<S>(out);
    const auto n = static_cast<std::size_t>(a.shape.n), k = static_cast<std::size_t>(a.shape.k);
    run m("cholesky_solve");
    for (std::int64_t matrix = 0; matrix < a.shape.matrices; ++matrix) {  // none where n or k is 0
      const auto from = a.shape.source(m, {matrix, {}});
      S* b = z.data() + static_cast<std::size_t>(matrix) * n * k;
      std::copy_n(x.data() + static_cast<std::size_t>(from.x.v) * n * k, n * k, b);
      Peer::cholesky_solve(n, k, y.data() + static_cast<std::size_t>(from.y.v) * n * n, a.shape.upper, b);
    }
    store(z, out);
  }
};

/// A backend that answers what dense_peer<Peer> can.
template <class Peer>
answer run_dense_peer(const test_case& c) {
  return answer_with(c, [](const std::string& name, const call& k) {
    answer a;
    bool known = false;
    const auto try_op = [&]<class Op>(type_tag<Op>) {
      if (name != Op::name) return;
      known = true;
      visit_args<Op>(k, [&](auto element, const auto& args) {
        a = dense_peer<Peer>::template result<Op, typename decltype(element)::type>(args);
      });
    };
    try {
      if constexpr (requires { &Peer::template product<float>; }) {
        try_op(type_tag<op::conv2d>{});
        try_op(type_tag<op::conv2d_input_grad>{});
        try_op(type_tag<op::conv2d_weight_grad>{});
        try_op(type_tag<op::conv2d_bias_grad>{});
        try_op(type_tag<op::conv2d_transpose>{});
        try_op(type_tag<op::conv2d_transpose_input_grad>{});
        try_op(type_tag<op::conv2d_transpose_weight_grad>{});
      }
      try_op(type_tag<op::eigvalsh>{});
      try_op(type_tag<op::eigvals>{});
      try_op(type_tag<op::cholesky_solve>{});
    } catch (const peer_refused& e) {
      return answer::of(failure::refused, e.what());
    }
    if (!known) throw unsupported("no " + name);
    return a;
  });
}

}  // namespace halfulp::analysis
