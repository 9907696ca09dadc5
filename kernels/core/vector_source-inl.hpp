// How vectors of columns are loaded from a matrix in memory. Included once for each instruction set, after Highway.
#include <cstdint>

#include <halfulp/kernels/core/panel.hpp>

#if defined(HALFULP_KERNELS_CORE_VECTOR_SOURCE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HALFULP_KERNELS_CORE_VECTOR_SOURCE_INL_HPP
#undef HALFULP_KERNELS_CORE_VECTOR_SOURCE_INL_HPP
#else
#define HALFULP_KERNELS_CORE_VECTOR_SOURCE_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using index_tag = hn::RebindToSigned<lanes_tag>;
using vector = hn::Vec<lanes_tag>;
using mask = hn::Mask<lanes_tag>;

constexpr std::int64_t most_lanes = 8;

HWY_INLINE std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}

// Where one vector of columns finds its elements: in one run, in two, or each by its own offset. Columns past the last
// one follow it.
struct vector_source {
  std::int64_t offset[most_lanes] = {};
  std::int64_t first_run = 0;  // elements of the first run
  int runs = 0;                // 1, 2 or more

  vector_source(const panel_source& s, std::int64_t j) {
    const std::int64_t lanes = lane_count();
    for (std::int64_t l = 0; l < lanes; ++l) {
      const std::int64_t last = s.column_count - 1, past = j + l > last ? j + l - last : 0;
      offset[l] = s.column_offset[j + l - past] + past;
    }
    first_run = run_from(0);
    runs = first_run == lanes ? 1 : first_run + run_from(first_run) == lanes ? 2 : 3;
  }

  std::int64_t run_from(std::int64_t first) const {
    std::int64_t n = 1;
    while (first + n < lane_count() && offset[first + n] == offset[first] + n) ++n;
    return n;
  }
};

struct one_run {
  std::int64_t first;
  explicit one_run(const vector_source& s) : first(s.offset[0]) {}
  HWY_INLINE vector load(const double* base) const { return hn::LoadU(lanes_tag(), base + first); }
};
struct two_runs {
  std::int64_t first, second;
  mask is_first;
  explicit two_runs(const vector_source& s)
      : first(s.offset[0]),
        second(s.offset[s.first_run % lane_count()] - s.first_run % lane_count()),
        is_first(hn::FirstN(lanes_tag(), static_cast<std::size_t>(s.first_run))) {}
  HWY_INLINE vector load(const double* base) const {
    const lanes_tag d;
    return hn::IfThenElse(is_first, hn::LoadU(d, base + first), hn::LoadU(d, base + second));
  }
};
struct scattered {
  hn::Vec<index_tag> offset;
  explicit scattered(const vector_source& s) : offset(hn::LoadU(index_tag(), s.offset)) {}
  HWY_INLINE vector load(const double* base) const { return hn::GatherIndex(lanes_tag(), base, offset); }
};

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
