#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/lone_column.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/oracle/core/expansion.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/panel_multiply.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/multiply-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

struct compensated {
  template <int Rows, int Vectors>
  static HWY_INLINE void multiply(const block<product_chunk>& t) {
    const lanes_tag d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const product_chunk& c = t.chunk;
    for (int r = 0; r < Rows; ++r) {
      vector s[Vectors], e[Vectors];
      for (int v = 0; v < Vectors; ++v) {
        s[v] = c.start ? hn::Set(d, c.start[t.i + r]) : hn::LoadU(d, c.high + t.sum(r, v));
        e[v] = c.start ? hn::Zero(d) : hn::LoadU(d, c.low + t.sum(r, v));
      }
      const double* row = t.row(r);
      const double* b = c.panel;
      for (std::int64_t k = 0; k < c.depth; ++k, b += Vectors * lanes) {
        const vector a = hn::Set(d, row[k]);
        for (int v = 0; v < Vectors; ++v) {
          const vector column = hn::Load(d, b + v * lanes), p = hn::Mul(a, column);
          const sum_pair next = two_sum(s[v], p);
          e[v] = hn::Add(e[v], hn::Add(next.low, product_error(a, column, p)));
          s[v] = next.high;
        }
      }
      for (int v = 0; v < Vectors; ++v) {
        hn::StoreU(s[v], d, c.high + t.sum(r, v));
        hn::StoreU(e[v], d, c.low + t.sum(r, v));
      }
    }
  }
};

void multiply_recursive(const product_chunk& c) {
  multiply<recursive>(c);
}
void multiply_compensated(const product_chunk& c) {
  multiply<compensated>(c);
}

// Each lane of s[r] adds up every so-manieth term of a row, from -0 so that a zero keeps its sign.
template <int Rows>
HWY_INLINE void multiply_one_column(const product_chunk& c, std::int64_t i) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const double* row[Rows];
  vector s[Rows];
  for (int r = 0; r < Rows; ++r) {
    row[r] = c.rows + (i + r) * c.row_stride;
    s[r] = hn::Set(d, -0.0);
  }
  std::int64_t k = 0;
  for (; k + lanes <= c.depth; k += lanes) {
    const vector column = hn::LoadU(d, c.panel + k);
    for (int r = 0; r < Rows; ++r) s[r] = hn::MulAdd(hn::LoadU(d, row[r] + k), column, s[r]);
  }
  for (int r = 0; r < Rows; ++r) {
    double sum = hn::GetLane(hn::SumOfLanes(d, s[r]));
    for (std::int64_t rest = k; rest < c.depth; ++rest) sum += row[r][rest] * c.panel[rest];
    double* high = c.high + (i + r) * c.sum_stride;
    sum += c.start ? c.start[i + r] : *high;
    hn::StoreU(hn::IfThenElseZero(hn::FirstN(d, 1), hn::Set(d, sum)), d, high);
  }
}
void multiply_column_recursive(const product_chunk& c) {
  std::int64_t i = 0;
  for (; i + 8 <= c.row_count; i += 8) multiply_one_column<8>(c, i);
  for (; i < c.row_count; ++i) multiply_one_column<1>(c, i);
}

// The lanes' sums are joined by two_sum as well. A lane's first addition is exact, so that there are no more that are not
// than terms.
void multiply_column_compensated(const product_chunk& c) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < c.row_count; ++i) {
    const double* row = c.rows + i * c.row_stride;
    vector s = hn::Set(d, -0.0), e = hn::Zero(d);
    for (std::int64_t k = 0; k < c.depth; k += lanes) {
      const auto terms = hn::FirstN(d, static_cast<std::size_t>(HWY_MIN(lanes, c.depth - k)));
      const vector a = hn::MaskedLoad(terms, d, row + k), b = hn::MaskedLoad(terms, d, c.panel + k), p = hn::Mul(a, b);
      const sum_pair next = two_sum(s, hn::IfThenElse(terms, p, hn::Set(d, -0.0)));
      e = hn::Add(e, hn::Add(next.low, product_error(a, b, p)));
      s = next.high;
    }
    HWY_ALIGN double sum[8], error[8];
    hn::Store(s, d, sum);
    hn::Store(e, d, error);
    double *high = c.high + i * c.sum_stride, *low = c.low + i * c.sum_stride;
    double_double joined = c.start ? double_double{c.start[i], 0} : double_double{*high, *low};
    for (std::int64_t l = 0; l < lanes; ++l) {
      const double_double next = halfulp::two_sum(joined.hi, sum[l]);
      joined = {next.hi, joined.lo + (next.lo + error[l])};
    }
    hn::StoreU(hn::IfThenElseZero(hn::FirstN(d, 1), hn::Set(d, joined.hi)), d, high);
    hn::StoreU(hn::IfThenElseZero(hn::FirstN(d, 1), hn::Set(d, joined.lo)), d, low);
  }
}

void add_products(const double* a, const double* b, std::int64_t n, lane_sums& sums) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t l = 0; l < lane_sums::count; l += lanes) {
    vector s = hn::LoadU(d, sums.high + l), e = hn::LoadU(d, sums.low + l), m = hn::LoadU(d, sums.magnitude + l);
    for (std::int64_t i = l; i < n; i += lane_sums::count) {
      const vector x = hn::Load(d, a + i), y = hn::Load(d, b + i), p = hn::Mul(x, y);
      const sum_pair next = two_sum(s, p);
      e = hn::Add(e, hn::Add(next.low, product_error(x, y, p)));
      m = hn::Add(m, hn::Abs(p));
      s = next.high;
    }
    hn::StoreU(s, d, sums.high + l);
    hn::StoreU(e, d, sums.low + l);
    hn::StoreU(m, d, sums.magnitude + l);
  }
}

std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}
std::int64_t panel_width() {
  return panel_vectors * lane_count();
}
const char* instruction_set() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(multiply_recursive);
HWY_EXPORT(multiply_compensated);
HWY_EXPORT(multiply_column_recursive);
HWY_EXPORT(multiply_column_compensated);
HWY_EXPORT(add_products);
HWY_EXPORT(lane_count);
HWY_EXPORT(panel_width);
HWY_EXPORT(instruction_set);

void multiply_recursive(const product_chunk& c) {
  HWY_DYNAMIC_DISPATCH(multiply_recursive)(c);
}
void multiply_compensated(const product_chunk& c) {
  HWY_DYNAMIC_DISPATCH(multiply_compensated)(c);
}
void multiply_column_recursive(const product_chunk& c) {
  HWY_DYNAMIC_DISPATCH(multiply_column_recursive)(c);
}
void multiply_column_compensated(const product_chunk& c) {
  HWY_DYNAMIC_DISPATCH(multiply_column_compensated)(c);
}
void add_products(const double* a, const double* b, std::int64_t n, lane_sums& sums) {
  HWY_DYNAMIC_DISPATCH(add_products)(a, b, n, sums);
}
std::int64_t panel_width() {
  return HWY_DYNAMIC_DISPATCH(panel_width)();
}
std::int64_t panel_slack() {
  return HWY_DYNAMIC_DISPATCH(lane_count)();
}
const char* instruction_set() {
  return HWY_DYNAMIC_DISPATCH(instruction_set)();
}

std::int64_t next_panel_columns(std::int64_t n) {
  const std::int64_t lanes = HWY_DYNAMIC_DISPATCH(lane_count)(), most = panel_width() / lanes;
  const std::int64_t vectors = (n + lanes - 1) / lanes, panels = (vectors + most - 1) / most;
  return std::min(n, (vectors + panels - 1) / panels * lanes);
}
std::int64_t padded_columns(std::int64_t n) {
  const std::int64_t lanes = HWY_DYNAMIC_DISPATCH(lane_count)();
  return (n + lanes - 1) / lanes * lanes;
}

}  // namespace halfulp::kernels
#endif
