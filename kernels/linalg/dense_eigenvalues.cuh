// What is certain of the eigenvalues of one large Hermitian matrix, from approximate vectors and their residuals, and what that
// decides.
#pragma once

#include <halfulp/kernels/linalg/compensated_residual.cuh>
#include <halfulp/kernels/linalg/dense_work.cuh>
#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/kernels/linalg/team_vector.hpp>

namespace halfulp::kernels::cuda {

struct square_of {
  const double* x;
  __device__ double operator()(std::int64_t i) const { return x[i] * x[i]; }
};
/// Of V^H V - I.
template <int Parts>
struct orthogonality_square {
  const double* x;
  std::int64_t n;
  __device__ double operator()(std::int64_t i) const {
    const std::int64_t entry = i / Parts;
    const double d = x[i] - (i % Parts == 0 && entry / n == entry % n ? 1 : 0);
    return d * d;
  }
};
/// Of A V - V L.
template <class T>
struct residual_square {
  dense_work<T> w;
  __device__ double operator()(std::int64_t i) const {
    const double r = w.product[i] - w.v[i] * w.values[i / dense_work<T>::parts / w.n];
    return r * r;
  }
};

/// The bounds that follow (oracle/linalg/residual.hpp), the same in every thread that asks.
template <class T>
struct dense_bounds {
  double f, largest, a_norm;

  __device__ explicit dense_bounds(const dense_work<T>& w)
      : largest(fmax(fabs(w.values[0]), fabs(w.values[w.n - 1]))), a_norm(norm(w, w.state->a_squares)) {
    const double v_norm = norm(w, w.state->v_squares);
    // the subtraction of 1 loses u of at most ||v_k||^2 + 1
    f = linalg::rounded_up(norm(w, w.state->f_squares) + (product_error(w) + 2 * unit_roundoff) * v_norm * v_norm +
                               2 * unit_roundoff * w.n,
                           8);
  }
  static __device__ double norm(const dense_work<T>& w, double squares) {
    const double terms = static_cast<double>(w.n) * w.n * dense_work<T>::parts;
    return linalg::rounded_up(sqrt(linalg::rounded_up(squares, terms)), 1);
  }
  static __device__ double product_error(const dense_work<T>& w) {
    return dense_work<T>::parts == 1 ? linalg::product_error<double>(w.n)
                                     : linalg::product_error<std::complex<double>>(w.n);
  }
  /// At least ||A V - V L||, from the product that cuBLAS computed: 3 roundings beside its own.
  __device__ double residual(const dense_work<T>& w) const {
    const double v_norm = norm(w, w.state->v_squares);
    const double lost =
        product_error(w) * a_norm * v_norm + 3 * unit_roundoff * (norm(w, w.state->product_squares) + largest * v_norm);
    return linalg::rounded_up(norm(w, w.state->r_squares) + lost, 8);
  }
  /// At least ||A V - V L||, from compensated residuals of all columns.
  __device__ double compensated_residual(const dense_work<T>& w) const {
    const double v_norm = norm(w, w.state->v_squares), r_norm = norm(w, w.state->r_squares);
    return linalg::rounded_up(
        r_norm * (1 + 2 * unit_roundoff) + residual_bound<dense_work<T>::parts>(w.n) * (a_norm + largest) * v_norm, 8);
  }
  /// |l_k - values_k| <= radius for every k where the residual is at most r.
  __device__ double radius(double r) const {
    if (!(f < 0.25)) return INFINITY;
    return linalg::rounded_up(r * (1 + f) + 3 * f * f * largest, 8);
  }
};

template <class T>
struct check_order {
  dense_work<T> w;
  __device__ void operator()(std::int64_t k) const {
    if (k > 0 && !(w.values[k - 1] <= w.values[k])) atomicExch(&w.state->unordered, 1);
  }
};

/// What the normwise radius decides; the others are listed.
template <class T>
struct decide_normwise {
  dense_work<T> w;
  __device__ void operator()(std::int64_t k) const {
    if (w.is_usable()) {
      const dense_bounds<T> bounds(w);
      if (linalg::decide_scaled<component_t<T>>({w.values[k], 0}, bounds.radius(bounds.residual(w)), w.scale().shift,
                                                w.b.w[w.m * w.n + k]))
        return;
    }
    w.columns[atomicAdd(&w.state->listed, 1u)] = static_cast<int>(k);
  }
};

struct list_all {
  int* columns;
  unsigned* listed;
  int n;
  __device__ void operator()(std::int64_t k) const {
    columns[k] = static_cast<int>(k);
    if (k == 0) *listed = static_cast<unsigned>(n);
  }
};
struct sum_of_residuals {
  const double* sums;
  __device__ double operator()(std::int64_t k) const { return sums[3 * k]; }
};

/// Listed eigenvalues from their Rayleigh quotients; `state.left` counts what is left.
template <class T>
struct decide_separate {
  dense_work<T> w;
  __device__ void operator()(std::int64_t l) const {
    if (l >= w.state->listed) return;
    if (!w.is_usable() || !decide(w.columns[l])) atomicAdd(&w.state->left, 1u);
  }
  __device__ bool decide(int k) const {
    const dense_bounds<T> bounds(w);
    const double radius =
        bounds.radius(dense_work<T>::narrow_format ? bounds.residual(w) : bounds.compensated_residual(w));
    const auto end = [&](int neighbour, double sign) {
      const double x = w.values[neighbour];
      return x + sign * up(radius + 4 * unit_roundoff * (radius + fabs(x)));
    };
    const double q = w.values[k];
    linalg::residual_sums s{w.sums[3 * k], w.sums[3 * k + 1], w.sums[3 * k + 2],
                            static_cast<double>(dense_work<T>::parts * w.n), INFINITY};
    if (!(s.x_squares > 0.5)) return false;
    s.lost = linalg::rounded_up(residual_bound<dense_work<T>::parts>(w.n) * (bounds.a_norm + fabs(q)) +
                                    2 * unit_roundoff * sqrt(s.squares / s.x_squares),
                                8);
    const linalg::certified_value c =
        linalg::temple_value(q, s, k > 0 ? end(k - 1, 1) : -INFINITY, k + 1 < w.n ? end(k + 1, -1) : INFINITY);
    return linalg::decide_scaled<component_t<T>>(c.value, c.radius, w.scale().shift, w.b.w[w.m * w.n + k]);
  }
};

template <class T>
struct report_dense {
  dense_work<T> w;
  __device__ void operator()(std::int64_t k) const {
    if (!w.is_finite()) {
      w.b.w[w.m * w.n + k] = canonical_nan<component_t<T>>();
      if (k == 0) w.b.count(tier::exact, w.n);
      return;
    }
    if (k > 0) return;
    const dense_state& s = *w.state;
    w.b.count(tier::binary64, w.n - s.listed);
    w.b.count(tier::double_double, s.listed - s.left);
    if (s.left > 0) w.b.left.add(packed({w.m, s.left}));
  }
};

}  // namespace halfulp::kernels::cuda
