#include <halfulp/kernels/core/simd_targets.hpp>

#include <algorithm>

#include <halfulp/kernels/linalg/triangular.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/linalg/triangular.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <halfulp/kernels/core/error_free-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::linalg::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
namespace error_free = halfulp::kernels::HWY_NAMESPACE::error_free;
using lanes_tag = hn::CappedTag<double, panel_columns>;
using vector = hn::Vec<lanes_tag>;

constexpr int lanes = static_cast<int>(hn::MaxLanes(lanes_tag()));
constexpr int vectors = static_cast<int>(panel_columns) / lanes;  // of one part of a row of a panel
// Accumulators of a step stay in registers: 8 rows of one vector, or fewer rows of more.
constexpr int most_rows = vectors == 1 ? 8 : vectors == 2 ? 4 : 2;
constexpr std::int64_t chunk = 32;  // terms of a sum before it joins the others: substitution_depth

// Element (row, column) of L, or of L^H.
template <bool Adjoint>
HWY_INLINE std::int64_t at(const triangular_matrix& l, std::int64_t row, std::int64_t column) {
  return Adjoint ? column * l.stride + row : row * l.stride + column;
}

// One row of a panel, `Parts` parts of `vectors` vectors.
template <int Parts>
struct panel_row {
  vector part[Parts][vectors];

  static HWY_INLINE panel_row load(const double* p) {
    panel_row r;
    for (int k = 0; k < Parts; ++k)
      for (int v = 0; v < vectors; ++v) r.part[k][v] = hn::Load(lanes_tag(), p + k * panel_columns + v * lanes);
    return r;
  }
  static HWY_INLINE panel_row zero() {
    panel_row r;
    for (int k = 0; k < Parts; ++k)
      for (int v = 0; v < vectors; ++v) r.part[k][v] = hn::Zero(lanes_tag());
    return r;
  }
  HWY_INLINE void store(double* p) const {
    for (int k = 0; k < Parts; ++k)
      for (int v = 0; v < vectors; ++v) hn::Store(part[k][v], lanes_tag(), p + k * panel_columns + v * lanes);
  }
};

// this row -= the element of L, or L^H, at `place`, times x; or += for the sums of a chunk.
template <bool Plus, bool Adjoint, int Parts>
HWY_INLINE void add_product(const triangular_matrix& l, std::int64_t place, const panel_row<Parts>& x,
                            panel_row<Parts>& s) {
  const lanes_tag d;
  const vector re = hn::Set(d, l.re[place]);
  const vector im = Parts == 2 ? hn::Set(d, l.im[place]) : re;
  for (int v = 0; v < vectors; ++v) {
    const auto term = [&](bool plus, vector a, vector b, vector sum) {
      return plus ? hn::MulAdd(a, b, sum) : hn::NegMulAdd(a, b, sum);
    };
    s.part[0][v] = term(Plus, re, x.part[0][v], s.part[0][v]);
    if constexpr (Parts == 2) {
      s.part[0][v] = term(Plus == Adjoint, im, x.part[1][v], s.part[0][v]);
      s.part[1][v] = term(Plus, re, x.part[1][v], s.part[1][v]);
      s.part[1][v] = term(Plus != Adjoint, im, x.part[0][v], s.part[1][v]);
    }
  }
}

// Rows i .. i + Rows - 1 of the panel -= the elements of columns [first, end) times their rows.
template <int Rows, bool Adjoint, int Parts>
HWY_INLINE void subtract_rows(const triangular_matrix& l, std::int64_t i, std::int64_t first, std::int64_t end,
                              double* panel) {
  constexpr std::int64_t width = Parts * panel_columns;
  for (std::int64_t j = first; j < end; j += chunk) {
    panel_row<Parts> s[Rows];
    for (int r = 0; r < Rows; ++r) s[r] = panel_row<Parts>::zero();
    const std::int64_t stop = HWY_MIN(j + chunk, end);
    for (std::int64_t k = j; k < stop; ++k) {
      const auto x = panel_row<Parts>::load(panel + k * width);
      for (int r = 0; r < Rows; ++r) add_product<true, Adjoint>(l, at<Adjoint>(l, i + r, k), x, s[r]);
    }
    for (int r = 0; r < Rows; ++r) {
      double* row = panel + (i + r) * width;
      auto b = panel_row<Parts>::load(row);
      for (int p = 0; p < Parts; ++p)
        for (int v = 0; v < vectors; ++v) b.part[p][v] = hn::Sub(b.part[p][v], s[r].part[p][v]);
      b.store(row);
    }
  }
}

// s / l, or s / conj(l): for a complex l by way of conj(l) / |l|^2.
template <bool Adjoint, int Parts>
HWY_INLINE void divide(const triangular_matrix& l, std::int64_t place, panel_row<Parts>& s) {
  const lanes_tag d;
  if constexpr (Parts == 1) {
    for (int v = 0; v < vectors; ++v) s.part[0][v] = hn::Div(s.part[0][v], hn::Set(d, l.re[place]));
  } else {
    const double square = l.re[place] * l.re[place] + l.im[place] * l.im[place];
    const vector re = hn::Set(d, l.re[place] / square);
    const vector im = hn::Set(d, (Adjoint ? l.im[place] : -l.im[place]) / square);
    for (int v = 0; v < vectors; ++v) {
      const vector a = s.part[0][v], b = s.part[1][v];
      s.part[0][v] = hn::NegMulAdd(im, b, hn::Mul(re, a));
      s.part[1][v] = hn::MulAdd(im, a, hn::Mul(re, b));
    }
  }
}

// The block of the diagonal from row i, by substitution.
template <bool Adjoint, int Parts>
HWY_INLINE void solve_block(const triangular_matrix& l, std::int64_t i, double* panel) {
  constexpr std::int64_t width = Parts * panel_columns;
  for (std::int64_t t = 0; t < block_rows; ++t) {
    const std::int64_t row = Adjoint ? i + block_rows - 1 - t : i + t;
    auto s = panel_row<Parts>::load(panel + row * width);
    const std::int64_t first = Adjoint ? row + 1 : i, end = Adjoint ? i + block_rows : row;
    for (std::int64_t k = first; k < end; ++k)
      add_product<false, Adjoint>(l, at<Adjoint>(l, row, k), panel_row<Parts>::load(panel + k * width), s);
    divide<Adjoint>(l, row * l.stride + row, s);
    s.store(panel + row * width);
  }
}

template <int Parts>
void solve_forward_parts(const triangular_matrix& l, double* panel) {
  for (std::int64_t i = 0; i < l.n; i += block_rows) {
    for (std::int64_t r = 0; r < block_rows; r += most_rows)
      subtract_rows<most_rows, false, Parts>(l, i + r, 0, i, panel);
    solve_block<false, Parts>(l, i, panel);
  }
}

template <int Parts>
void solve_adjoint_parts(const triangular_matrix& l, std::int64_t rows, double* panel) {
  for (std::int64_t i = rows - block_rows; i >= 0; i -= block_rows) {
    for (std::int64_t r = 0; r < block_rows; r += most_rows)
      subtract_rows<most_rows, true, Parts>(l, i + r, i + block_rows, rows, panel);
    solve_block<true, Parts>(l, i, panel);
  }
}

void solve_forward(const triangular_matrix& l, double* panel) {
  l.im == nullptr ? solve_forward_parts<1>(l, panel) : solve_forward_parts<2>(l, panel);
}
void solve_adjoint(const triangular_matrix& l, std::int64_t rows, double* panel) {
  l.im == nullptr ? solve_adjoint_parts<1>(l, rows, panel) : solve_adjoint_parts<2>(l, rows, panel);
}

// A sum in compensated arithmetic: high + low.
struct compensated {
  vector high, low;

  // += sign a (x + x_low)
  HWY_INLINE void add(bool plus, vector a, vector x, vector x_low) {
    const vector p = hn::Mul(a, x), e = error_free::product_error(a, x, p);
    const auto s = error_free::two_sum(high, plus ? p : hn::Neg(p));
    high = s.high;
    low = hn::Add(low, plus ? hn::Add(s.low, e) : hn::Sub(s.low, e));
    low = plus ? hn::MulAdd(a, x_low, low) : hn::NegMulAdd(a, x_low, low);
  }
};

// The sums high + low of rows i .. i + Rows - 1, over the columns [first, end) of L or L^H, times x + x_low; added to
// start, or subtracted from it.
template <int Rows, bool Plus, bool Adjoint, int Parts>
HWY_INLINE void compensated_rows(const triangular_matrix& l, std::int64_t i, std::int64_t first, std::int64_t end,
                                 const double* start, const double* x, const double* x_low, double* high, double* low) {
  constexpr std::int64_t width = Parts * panel_columns;
  const lanes_tag d;
  for (int v = 0; v < panel_columns; v += lanes) {
    compensated s[Rows][Parts];
    for (int r = 0; r < Rows; ++r)
      for (int p = 0; p < Parts; ++p)
        s[r][p] = {start ? hn::Load(d, start + (i + r) * width + p * panel_columns + v) : hn::Zero(d), hn::Zero(d)};
    for (std::int64_t k = first; k < end; ++k) {
      vector xs[Parts], lows[Parts];
      for (int p = 0; p < Parts; ++p) {
        xs[p] = hn::Load(d, x + k * width + p * panel_columns + v);
        lows[p] = hn::Load(d, x_low + k * width + p * panel_columns + v);
      }
      for (int r = 0; r < Rows; ++r) {
        const std::int64_t place = at<Adjoint>(l, i + r, k);
        const vector re = hn::Set(d, l.re[place]);
        s[r][0].add(Plus, re, xs[0], lows[0]);
        if constexpr (Parts == 2) {
          const vector im = hn::Set(d, l.im[place]);
          s[r][0].add(Plus == Adjoint, im, xs[1], lows[1]);
          s[r][1].add(Plus, re, xs[1], lows[1]);
          s[r][1].add(Plus != Adjoint, im, xs[0], lows[0]);
        }
      }
    }
    for (int r = 0; r < Rows; ++r)
      for (int p = 0; p < Parts; ++p) {
        const auto t = error_free::two_sum(s[r][p].high, s[r][p].low);
        const std::int64_t to = (i + r) * width + p * panel_columns + v;
        hn::Store(t.high, d, high + to);
        if (low != nullptr) hn::Store(t.low, d, low + to);
      }
  }
}

template <int Parts>
void residual_parts(const triangular_matrix& l, const double* b, const double* x, const double* x_low, double* t,
                    double* r) {
  constexpr int rows = Parts == 1 ? 4 : 2;
  double* t_low = t + l.n * Parts * panel_columns;
  for (std::int64_t i = 0; i < l.n; i += rows)
    compensated_rows<rows, true, true, Parts>(l, i, i, l.n, nullptr, x, x_low, t, t_low);
  for (std::int64_t i = 0; i < l.n; i += rows)
    compensated_rows<rows, false, false, Parts>(l, i, 0, i + rows, b, t, t_low, r, nullptr);
}

void residual(const triangular_matrix& l, const double* b, const double* x, const double* x_low, double* work,
              double* r) {
  l.im == nullptr ? residual_parts<1>(l, b, x, x_low, work, r) : residual_parts<2>(l, b, x, x_low, work, r);
}

void magnitude_product(const triangular_matrix& a, const double* v, double* w) {
  const lanes_tag d;
  for (std::int64_t i = 0; i < a.n; ++i) {
    const double* row = a.re + i * a.stride;
    vector s = hn::Zero(d);
    const std::int64_t end = i / block_rows * block_rows + block_rows;
    for (std::int64_t j = 0; j < end; j += lanes) s = hn::MulAdd(hn::Abs(hn::Load(d, row + j)), hn::Load(d, v + j), s);
    w[i] = hn::GetLane(hn::SumOfLanes(d, s));
  }
}

void magnitude_adjoint_product(const triangular_matrix& a, const double* v, double* w) {
  const lanes_tag d;
  std::fill(w, w + a.n, 0.0);
  for (std::int64_t i = 0; i < a.n; ++i) {
    const double* row = a.re + i * a.stride;
    const vector factor = hn::Set(d, v[i]);
    const std::int64_t end = i / block_rows * block_rows + block_rows;
    for (std::int64_t j = 0; j < end; j += lanes)
      hn::Store(hn::MulAdd(hn::Abs(hn::Load(d, row + j)), factor, hn::Load(d, w + j)), d, w + j);
  }
}

void panels_product(const double* panels, std::int64_t n, const double* v, double* w) {
  const lanes_tag d;
  for (std::int64_t i = 0; i < n; i += block_rows, panels += n * panel_columns) {
    panel_row<1> s = panel_row<1>::zero();
    for (std::int64_t j = 0; j < i + block_rows; ++j) {
      const vector factor = hn::Set(d, v[j]);
      const auto a = panel_row<1>::load(panels + j * panel_columns);
      for (int l = 0; l < vectors; ++l) s.part[0][l] = hn::MulAdd(hn::Abs(a.part[0][l]), factor, s.part[0][l]);
    }
    s.store(w + i);
  }
}

void panels_adjoint_product(const double* panels, std::int64_t n, const double* v, double* work, double* w) {
  const lanes_tag d;
  std::fill(work, work + n * panel_columns, 0.0);
  for (std::int64_t i = 0; i < n; i += block_rows, panels += n * panel_columns) {
    const auto factor = panel_row<1>::load(v + i);
    for (std::int64_t j = 0; j < i + block_rows; ++j) {
      const auto a = panel_row<1>::load(panels + j * panel_columns);
      auto s = panel_row<1>::load(work + j * panel_columns);
      for (int l = 0; l < vectors; ++l)
        s.part[0][l] = hn::MulAdd(hn::Abs(a.part[0][l]), factor.part[0][l], s.part[0][l]);
      s.store(work + j * panel_columns);
    }
  }
  for (std::int64_t j = 0; j < n; ++j) {
    const auto s = panel_row<1>::load(work + j * panel_columns);
    w[j] = 0;
    for (int l = 0; l < vectors; ++l) w[j] += hn::GetLane(hn::SumOfLanes(d, s.part[0][l]));
  }
}

bool scan(const double* x, std::int64_t n, double& largest) {
  const lanes_tag d;
  vector most = hn::Zero(d), nothing = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const vector v = hn::LoadU(d, x + i);
    most = hn::Max(most, hn::Abs(v));
    nothing = hn::MulAdd(v, hn::Zero(d), nothing);  // NaN where v is not finite
  }
  double sum = hn::GetLane(hn::SumOfLanes(d, nothing)), m = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < n; ++i) {
    sum += x[i] * 0;
    m = HWY_MAX(m, x[i] < 0 ? -x[i] : x[i]);
  }
  if (m > largest) largest = m;
  return sum == 0;
}

}  // namespace halfulp::kernels::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels::linalg {

HWY_EXPORT(solve_forward);
HWY_EXPORT(solve_adjoint);
HWY_EXPORT(residual);
HWY_EXPORT(magnitude_product);
HWY_EXPORT(magnitude_adjoint_product);
HWY_EXPORT(panels_product);
HWY_EXPORT(panels_adjoint_product);
HWY_EXPORT(scan);

void solve_forward(const triangular_matrix& l, double* panel) {
  HWY_DYNAMIC_DISPATCH(solve_forward)(l, panel);
}
void solve_adjoint(const triangular_matrix& l, std::int64_t rows, double* panel) {
  HWY_DYNAMIC_DISPATCH(solve_adjoint)(l, rows, panel);
}
void residual(const triangular_matrix& l, const double* b, const double* x, const double* x_low, double* work,
              double* r) {
  HWY_DYNAMIC_DISPATCH(residual)(l, b, x, x_low, work, r);
}
void magnitude_product(const triangular_matrix& a, const double* v, double* w) {
  HWY_DYNAMIC_DISPATCH(magnitude_product)(a, v, w);
}
void magnitude_adjoint_product(const triangular_matrix& a, const double* v, double* w) {
  HWY_DYNAMIC_DISPATCH(magnitude_adjoint_product)(a, v, w);
}
void panels_product(const double* panels, std::int64_t n, const double* v, double* w) {
  HWY_DYNAMIC_DISPATCH(panels_product)(panels, n, v, w);
}
void panels_adjoint_product(const double* panels, std::int64_t n, const double* v, double* work, double* w) {
  HWY_DYNAMIC_DISPATCH(panels_adjoint_product)(panels, n, v, work, w);
}
bool scan(const double* x, std::int64_t n, double& largest) {
  return HWY_DYNAMIC_DISPATCH(scan)(x, n, largest);
}

}  // namespace halfulp::kernels::linalg
#endif
