// Random calls of the scatters, with duplicates, broadcasting and empty shapes among them.
#pragma once

#include <halfulp/oracle/ops/index_add.hpp>
#include <halfulp/oracle/ops/index_put.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

/// any: all bits there are; small: integers in -3 .. 3, so that sums are ties and zeros; wide: exponents far apart.
enum class kind { any, uniform, small, wide };
inline constexpr kind every_kind[] = {kind::any, kind::uniform, kind::small, kind::wide};

tensor drawn_tensor(random_source& r, dtype type, const extents& shape, kind k);
/// int32 or int64, in low .. high.
tensor drawn_index(random_source& r, const extents& shape, std::int64_t low, std::int64_t high);
/// int64, in 0 .. end - 1.
tensor index_below(random_source& r, const extents& shape, std::int64_t end);
std::vector<std::int64_t> sizes_of(const extents& e);
/// Of a rank in least .. most, and sizes of at most `size`; now and then one is 0.
extents random_extents(random_source& r, int least, int most, std::int64_t size);
/// A shape that can be broadcast to `to`.
extents narrower_extents(random_source& r, const extents& to);

class index_add_call {
 public:
  index_add_call(random_source& r, dtype type, kind k);
  call forward() const { return call_for<op::index_add>(given_, named_); }
  template <class Op>
  call gradient() const {
    argument::list with_dy{{dy_.view()}};
    with_dy.insert(with_dy.end(), given_.begin(), given_.end());
    return call_for<Op>(with_dy, named_);
  }

 protected:
  index_add_call() = default;
  std::vector<tensor> keep_;
  tensor dy_;
  argument::list given_;
  named_arguments named_;
};

class index_put_call : public index_add_call {
 public:
  index_put_call(random_source& r, dtype type, kind k);
  call forward() const { return call_for<op::index_put>(given_, named_); }
};

class put_along_axis_call : public index_add_call {
 public:
  put_along_axis_call(random_source& r, dtype type, kind k);
  call forward() const { return call_for<op::put_along_axis>(given_, named_); }
};

}  // namespace halfulp::tests
