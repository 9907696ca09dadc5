#include <halfulp/kernels/core/simd_targets.hpp>

#include <cmath>
#include <utility>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/linalg/reflect.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/linalg/reflect.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::linalg::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::CappedTag<double, 8>;
using vector = hn::Vec<lanes_tag>;
using mask = hn::Mask<lanes_tag>;

constexpr std::int64_t lanes = static_cast<std::int64_t>(hn::MaxLanes(lanes_tag()));
constexpr std::int64_t columns = 4;             // that are taken together: a row of them is added as a tree
constexpr std::int64_t tile_columns = 64;       // a tile's sums start from 0
constexpr std::int64_t tile_rows = 16 * lanes;  // so that no chain is longer than 16

// The lanes' sum as a tree: log2(lanes) additions.
HWY_INLINE double sum_of_lanes(vector x) {
  HWY_ALIGN double l[lanes];
  hn::Store(x, lanes_tag(), l);
  for (std::int64_t half = lanes / 2; half > 0; half /= 2)
    for (std::int64_t k = 0; k < half; ++k) l[k] += l[k + half];
  return l[0];
}

// x^T y in four vectors of partial sums: a term is rounded once itself, in at most m / (4 lanes) + 1 additions, twice
// where the four are joined and log2(lanes) <= 3 times after.
HWY_INLINE double dot(const double* x, const double* y, std::int64_t m) {
  const lanes_tag d;
  vector s[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  std::int64_t i = 0;
  for (; i + 4 * lanes <= m; i += 4 * lanes)
    for (int k = 0; k < 4; ++k) s[k] = hn::MulAdd(hn::Load(d, x + i + k * lanes), hn::Load(d, y + i + k * lanes), s[k]);
  for (int k = 0; i < m; i += lanes, ++k) s[k] = hn::MulAdd(hn::Load(d, x + i), hn::Load(d, y + i), s[k]);
  return sum_of_lanes(hn::Add(hn::Add(s[0], s[1]), hn::Add(s[2], s[3])));
}

// What one pass over the leading m x m part of A does: A -= v w^T + w v^T, then y += A x.
struct pass {
  double* a;
  std::int64_t stride, m;
  const double *v, *w, *x;
  double* y;
};

// Four columns from j: their entries of v, w and x, and the sums of their inner products with x.
struct column_block {
  double* a[columns];
  vector v[columns], w[columns], x[columns], dot[columns];
  std::int64_t first;

  HWY_INLINE column_block(const pass& p, std::int64_t j) : first(j) {
    const lanes_tag d;
    for (int c = 0; c < columns; ++c) {
      a[c] = p.a + (j + c) * p.stride;
      v[c] = hn::Set(d, p.v[j + c]);
      w[c] = hn::Set(d, p.w[j + c]);
      x[c] = hn::Set(d, p.x[j + c]);
      dot[c] = hn::Zero(d);
    }
  }

  // Rows r .. r + lanes - 1; `diagonal` where some of them lie on the diagonal or below it.
  template <bool diagonal>
  HWY_INLINE void take(const pass& p, std::int64_t r, double* sums) {
    const lanes_tag d;
    const vector vr = hn::Load(d, p.v + r), wr = hn::Load(d, p.w + r), xr = hn::Load(d, p.x + r);
    vector t[columns];
    for (int c = 0; c < columns; ++c) {
      t[c] = hn::NegMulAdd(wr, v[c], hn::NegMulAdd(vr, w[c], hn::Load(d, a[c] + r)));
      if constexpr (diagonal) {
        const std::int64_t above = first + c - r;  // rows above the diagonal
        t[c] = hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(HWY_MAX(above + 1, 0))), t[c]);
        const vector strict = hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(HWY_MAX(above, 0))), t[c]);
        dot[c] = hn::MulAdd(strict, xr, dot[c]);
      } else {
        dot[c] = hn::MulAdd(t[c], xr, dot[c]);
      }
      hn::Store(t[c], d, a[c] + r);
    }
    const vector left = hn::MulAdd(t[1], x[1], hn::Mul(t[0], x[0]));
    const vector right = hn::MulAdd(t[3], x[3], hn::Mul(t[2], x[2]));
    hn::Store(hn::Add(hn::Load(d, sums), hn::Add(left, right)), d, sums);
  }
};

// Rows [row, row + tile_rows) of columns [column, column + tile_columns).
HWY_INLINE void take_tile(const pass& p, std::int64_t row, std::int64_t column) {
  const lanes_tag d;
  HWY_ALIGN double sums[tile_rows] = {};
  const std::int64_t row_end = row + tile_rows, column_end = HWY_MIN(column + tile_columns, p.m);
  for (std::int64_t j = HWY_MAX(column, row / columns * columns); j < column_end; j += columns) {
    column_block block(p, j);
    const std::int64_t diagonal = j / lanes * lanes;
    for (std::int64_t r = row; r < HWY_MIN(diagonal, row_end); r += lanes) block.take<false>(p, r, sums + (r - row));
    for (std::int64_t r = HWY_MAX(diagonal, row); r < HWY_MIN(j + columns, row_end); r += lanes)
      block.take<true>(p, r, sums + (r - row));
    for (int c = 0; c < columns; ++c) p.y[j + c] += sum_of_lanes(block.dot[c]);
  }
  for (std::int64_t r = row; r < HWY_MIN(row_end, column_end); r += lanes)
    hn::Store(hn::Add(hn::Load(d, p.y + r), hn::Load(d, sums + (r - row))), d, p.y + r);
}

HWY_INLINE void take_all(const pass& p) {
  for (std::int64_t column = 0; column < p.m; column += tile_columns)
    for (std::int64_t row = 0; row < HWY_MIN(column + tile_columns, p.m); row += tile_rows) take_tile(p, row, column);
}

// The working vectors of a reduction: v and w of the last step, x = v of this one and y = A x.
class reduction {
 public:
  explicit reduction(const reflection_arrays& r) : r_(r) {
    memory_.assign(4 * r.stride, 0);
    v_ = memory_.data();
    w_ = v_ + r.stride;
    x_ = w_ + r.stride;
    y_ = x_ + r.stride;
  }

  void step(std::int64_t m) {
    double* column = r_.a + m * r_.stride;
    update(column, m);
    r_.d[m] = column[m];
    column[m] = 0;
    r_.tau[m] = 0;
    if (m == 0) return;
    if (m == 1) {
      r_.e[0] = column[0];
    } else {
      reflect(column, m);
    }
  }

 private:
  // column -= v w[m] + w v[m], the part of the last step's update that belongs to column m.
  HWY_INLINE void update(double* column, std::int64_t m) {
    const lanes_tag d;
    const vector v = hn::Set(d, v_[m]), w = hn::Set(d, w_[m]);
    for (std::int64_t i = 0; i <= m; i += lanes) {
      const vector t = hn::NegMulAdd(hn::Load(d, v_ + i), w, hn::Load(d, column + i));
      hn::Store(hn::NegMulAdd(hn::Load(d, w_ + i), v, t), d, column + i);
    }
    v_[m] = w_[m] = 0;
  }

  HWY_INLINE void reflect(double* column, std::int64_t m) {
    const double pivot = column[m - 1];
    column[m - 1] = 0;
    const double rest = dot(column, column, m), square = rest + pivot * pivot;
    const bool reflects = rest >= least_square;
    r_.e[m - 1] = pivot;
    x_[m] = 0;
    if (!reflects && !pending_) return;
    for (std::int64_t i = 0; i < m; ++i) {
      x_[i] = reflects ? column[i] : 0;
      column[i] = 0;  // the pass takes columns by fours
    }
    if (reflects) {
      const double alpha = -std::copysign(std::sqrt(square), pivot);
      x_[m - 1] = pivot - alpha;
      r_.tau[m] = 1 / std::abs(alpha * x_[m - 1]);
      r_.e[m - 1] = alpha;
    }
    for (std::int64_t i = 0; i < (m + 7) / 8 * 8; ++i) r_.reflectors[m * r_.stride + i] = x_[i];
    apply(m, r_.tau[m]);
    pending_ = reflects;
  }

  // The last update of the leading part, and w = tau (A x - (tau / 2) (x^T A x) x).
  HWY_INLINE void apply(std::int64_t m, double tau) {
    const lanes_tag d;
    for (std::int64_t i = 0; i < r_.stride; i += lanes) hn::Store(hn::Zero(d), d, y_ + i);
    take_all(pass{r_.a, r_.stride, m, v_, w_, x_, y_});
    const vector c = hn::Set(d, 0.5 * tau * dot(x_, y_, m)), t = hn::Set(d, tau);
    for (std::int64_t i = 0; i < m; i += lanes)
      hn::Store(hn::Mul(t, hn::NegMulAdd(c, hn::Load(d, x_ + i), hn::Load(d, y_ + i))), d, w_ + i);
    std::swap(v_, x_);
  }

  const reflection_arrays& r_;
  bool pending_ = false;  // whether v and w are not 0
  aligned_array memory_;
  double *v_, *w_, *x_, *y_;
};

void reflect_all(const reflection_arrays& r) {
  reduction work(r);
  for (std::int64_t m = r.n - 1; m >= 0; --m) work.step(m);
}

void reflect_vector(const double* v, double tau, double* x, std::int64_t m) {
  const lanes_tag d;
  vector s[2] = {hn::Zero(d), hn::Zero(d)};
  for (std::int64_t i = 0; i < m; i += lanes)
    s[i / lanes % 2] = hn::MulAdd(hn::Load(d, v + i), hn::LoadU(d, x + i), s[i / lanes % 2]);
  const vector t = hn::Set(d, tau * sum_of_lanes(hn::Add(s[0], s[1])));
  for (std::int64_t i = 0; i < m; i += lanes)
    hn::StoreU(hn::NegMulAdd(t, hn::Load(d, v + i), hn::LoadU(d, x + i)), d, x + i);
}

std::int64_t lane_count() {
  return lanes;
}

}  // namespace halfulp::kernels::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels::linalg {

HWY_EXPORT(reflect_all);
HWY_EXPORT(reflect_vector);
HWY_EXPORT(lane_count);

void reflect_to_tridiagonal(const reflection_arrays& r) {
  HWY_DYNAMIC_DISPATCH(reflect_all)(r);
}
void apply_reflection(const double* v, double tau, double* x, std::int64_t m) {
  HWY_DYNAMIC_DISPATCH(reflect_vector)(v, tau, x, m);
}

// A term of A x is rounded as a product, by a row's tree of four or the lanes' tree (3), by a chain of at most 16 in
// its tile; then the tiles of its row and of its column are added up.
std::int64_t symmetric_product_depth(std::int64_t m) {
  const std::int64_t tile = HWY_MIN(std::int64_t{64}, 16 * HWY_DYNAMIC_DISPATCH(lane_count)());
  return 1 + 3 + 16 + (m + tile - 1) / tile + 2;
}
// Once as a product, then in one of four chains, in the tree of the four (2) and that of the lanes (3), and where the
// square of the pivot is added.
std::int64_t reflection_dot_depth(std::int64_t m) {
  const std::int64_t step = 4 * HWY_DYNAMIC_DISPATCH(lane_count)();
  return 1 + (m + step - 1) / step + 2 + 3 + 1;
}

}  // namespace halfulp::kernels::linalg
#endif
