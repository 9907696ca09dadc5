// Planted faults of the ops whose elements are made of updates.
#include <halfulp/oracle/ops/index_add.hpp>
#include <halfulp/oracle/ops/index_put.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;

namespace {

// What a faulty geometry keeps of the right one.
template <class M>
struct add_base : op::index_add::geometry<M> {
  using right = op::index_add::geometry<M>;
  explicit add_base(const right& g) : right(g) {}
};
#define HALFULP_FAULTY_ADD(name)                                                            \
  using add_base<M>::add_base;                                                              \
  using right = op::index_add::geometry<M>;                                                 \
  static name of(M& m, const shape<M>& x, const shape<M>& i, int axis, const shape<M>& v) { \
    return name(right::of(m, x, i, axis, v));                                               \
  }

template <class M>
struct unindexed_add : add_base<M> {
  HALFULP_FAULTY_ADD(unindexed_add)
  idx<M> target(M& m, idx<M> j, int_of<M>) const {
    idx<M> at[max_rank] = {};
    this->value.unravel(m, j, at);
    return placed(m, this->x, at);  // element j of value to element j of x
  }
};
template <class M>
struct wrong_axis_add : add_base<M> {
  HALFULP_FAULTY_ADD(wrong_axis_add)
  idx<M> target(M& m, idx<M> j, int_of<M> given) const {
    idx<M> at[max_rank] = {};
    this->value.unravel(m, j, at);
    return moved_along(m, this->x, at, this->x.rank - 1 - this->axis, given);
  }
};
template <class M>
struct wrong_entry_add : add_base<M> {
  HALFULP_FAULTY_ADD(wrong_entry_add)
  idx<M> entry(M& m, idx<M> j) const {
    idx<M> at[max_rank] = {};
    this->value.unravel(m, j, at);
    return {at[0].v, m.exact(this->index.dim[0])};
  }
};
template <class M>
struct one_too_many_add : add_base<M> {
  HALFULP_FAULTY_ADD(one_too_many_add)
  template <class Buffer>
  void check_index(M& m, Buffer& given) const {
    m.check_all(
        "index", given, [&m, d = this->x.dim[this->axis]](int_of<M> v) { return m.all(v >= 0, v <= d); }, "index");
  }
};
template <class M>
struct unchecked_if_empty_add : add_base<M> {
  HALFULP_FAULTY_ADD(unchecked_if_empty_add)
  template <class Buffer>
  void check_index(M& m, Buffer& given) const {
    if (this->value.numel > 0) right::check_index(m, given);
  }
};
template <class M>
struct narrow_add : add_base<M> {
  HALFULP_FAULTY_ADD(narrow_add)
  idx<M> target(M& m, idx<M> j, int_of<M> given) const {
    const idx<M> t = right::target(m, j, given);
    return {m.narrow("the element of y", t.v), t.n};
  }
};

template <class M>
struct put_base : op::put_along_axis::geometry<M> {
  using right = op::put_along_axis::geometry<M>;
  explicit put_base(const right& g) : right(g) {}
};
#define HALFULP_FAULTY_PUT(name)                                                          \
  using put_base<M>::put_base;                                                            \
  using right = op::put_along_axis::geometry<M>;                                          \
  static name of(M& m, const shape<M>& x, const shape<M>& i, const shape<M>& v, int axis, \
                 op::put_along_axis::fit how) {                                           \
    return name(right::of(m, x, i, v, axis, how));                                        \
  }

template <class M>
struct unrepeated_values : put_base<M> {
  HALFULP_FAULTY_PUT(unrepeated_values)
  typename right::origin of_update(M& m, idx<M> j) const {
    auto from = right::of_update(m, j);
    if (this->how == op::put_along_axis::fit::broadcast) from.value = {j.v, m.exact(this->values.numel)};
    return from;
  }
};
template <class M>
struct packed_values : put_base<M> {
  HALFULP_FAULTY_PUT(packed_values)
  typename right::origin of_update(M& m, idx<M> j) const {
    auto from = right::of_update(m, j);
    if (this->how == op::put_along_axis::fit::corner && this->values.rank > 0)  // as if values had the shape of index
      from.value = {j.v, m.exact(this->values.numel)};
    return from;
  }
};
template <class M>
struct position_of_x : put_base<M> {
  HALFULP_FAULTY_PUT(position_of_x)
  idx<M> target(M& m, idx<M> j, int_of<M> given) const {
    if (this->x.rank != 2) return right::target(m, j, given);
    idx<M> at[max_rank] = {};
    this->x.unravel(m, j, at);  // of x instead of the updates
    return moved_along(m, this->x, at, this->axis, given);
  }
};

template <class M>
struct advanced_base : op::index_put::geometry<M> {
  using right = op::index_put::geometry<M>;
  explicit advanced_base(const right& g) : right(g) {}
};
#define HALFULP_FAULTY_ADVANCED(name)                                                     \
  using advanced_base<M>::advanced_base;                                                  \
  using right = op::index_put::geometry<M>;                                               \
  static name of(M& m, const shape<M>& x, const indexed_axes<M>& by, const shape<M>& v) { \
    return name(right::of(m, x, by, v));                                                  \
  }

// A geometry whose `at` has another rule.
template <class M>
struct unwrapped_index : advanced_index<M> {
  idx<M> target(M& m, idx<M> j, const int_of<M>* given) const {
    int_of<M> doubled[max_rank] = {};
    for (int k = 0; k < this->by.axes; ++k)  // d - 1 instead of d is added to a negative index
      doubled[k] = this->by.indexed[k] ? m.select(given[k] < 0, given[k] - 1, given[k]) : given[k];
    return advanced_index<M>::target(m, j, doubled);
  }
};
template <class M>
struct unwrapped_put : advanced_base<M> {
  HALFULP_FAULTY_ADVANCED(unwrapped_put)
  unwrapped_index<M> at{advanced_base<M>::right::at};
};
template <class M>
struct one_too_many_index : advanced_index<M> {
  template <class Buffer>
  void check_index(M& m, Buffer& given, int k) const {
    m.check_all(
        "index", given, [&m, d = this->x.dim[k]](int_of<M> v) { return m.all(v >= int_of<M>(0) - d - 1, v < d); },
        "index");
  }
};
template <class M>
struct one_too_many_put : advanced_base<M> {
  HALFULP_FAULTY_ADVANCED(one_too_many_put)
  one_too_many_index<M> at{advanced_base<M>::right::at};
};
template <class M>
struct leading_put : advanced_base<M> {
  HALFULP_FAULTY_ADVANCED(leading_put)
  advanced_index<M> at = moved_to_front(advanced_base<M>::right::at);
  static advanced_index<M> moved_to_front(advanced_index<M> a) {
    a.first = 0;  // as if indices were never adjacent
    return a;
  }
};
template <class M>
struct left_aligned_value : advanced_base<M> {
  HALFULP_FAULTY_ADVANCED(left_aligned_value)
  idx<M> source(M& m, idx<M> j) const {
    if (this->value.rank != 1 || this->at.updates.rank != 2) return right::source(m, j);
    idx<M> there[max_rank] = {};
    this->at.updates.unravel(m, j, there);
    return {m.select(this->value.dim[0] == 1, int_of<M>(0), there[0].v), m.exact(this->value.dim[0])};
  }
};

constexpr long small = 60000;

}  // namespace

TEST_CASE("fault: index_add adds to the row of the same number") {
  check_fault<with<op::index_add, unindexed_add>>(small);
}
TEST_CASE("fault: index_add indexes another axis") {
  check_fault<with<op::index_add, wrong_axis_add>>(small);
}
TEST_CASE("fault: index_add reads the index of the first dimension") {
  check_fault<with<op::index_add, wrong_entry_add>>(small);
}
TEST_CASE("fault: index_add accepts an index equal to the size") {
  check_fault<with<op::index_add, one_too_many_add>>(small);
}
TEST_CASE("fault: index_add checks no index where value is empty") {
  check_fault<with<op::index_add, unchecked_if_empty_add>>(small);
}
TEST_CASE("fault: index_add's element number is an int32") {
  check_fault<with<op::index_add, narrow_add>>();
}
TEST_CASE("fault: put_along_axis does not repeat values of size 1") {
  check_fault<with<op::put_along_axis, unrepeated_values>>(small);
}
TEST_CASE("fault: put_along_axis reads the corner of values as if they were packed") {
  check_fault<with<op::put_along_axis, packed_values>>(small);
}
TEST_CASE("fault: put_along_axis takes the position of x's own element") {
  check_fault<with<op::put_along_axis, position_of_x>>(small);
}
TEST_CASE("fault: index_put counts negative indices from the last but one") {
  check_fault<with<op::index_put, unwrapped_put>>(small);
}
TEST_CASE("fault: index_put accepts an index of -d - 1") {
  check_fault<with<op::index_put, one_too_many_put>>(small);
}
TEST_CASE("fault: index_put puts the dimensions of adjacent indices first") {
  check_fault<with<op::index_put, leading_put>>(small);
}
TEST_CASE("fault: index_put aligns value at the left") {
  check_fault<with<op::index_put, left_aligned_value>>(small);
}

TEST_CASE("fault: index_add without one of its checks") {
  check_rule_is_needed<op::index_add>("value must have the shape of x, and along the axis that of index", small);
  check_rule_is_needed<op::index_add>("every index must lie in 0 .. x.shape[axis] - 1", small);
}
TEST_CASE("fault: put_along_axis without one of its checks") {
  check_rule_is_needed<op::put_along_axis>("beside the axis, a dimension of indices must be that of x, or 1", small);
  check_rule_is_needed<op::put_along_axis>(
      "without broadcast, a dimension of indices beside the axis must be at most that of x", small);
  check_rule_is_needed<op::put_along_axis>(
      "values must broadcast to indices: a dimension, aligned at the right, must be the same or 1", small);
  check_rule_is_needed<op::put_along_axis>("without broadcast, a dimension of values must be at least that of indices",
                                           small);
}
TEST_CASE("fault: index_put without one of its checks") {
  check_rule_is_needed<op::index_put>("every index must lie in -d .. d - 1, where d is the size of its dimension of x",
                                      small);
  check_rule_is_needed<op::index_put>("indices, aligned at the right, must have dimensions that are equal or 1", small);
  check_rule_is_needed<op::index_put>(
      "value must broadcast to x[indices]: a dimension, aligned at the right, must be the same or 1", small);
}
