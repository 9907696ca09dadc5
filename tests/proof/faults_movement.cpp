// Planted faults of the ops without arithmetic.
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;

namespace {

template <class M>
struct transposed_sample : op::index_sample::geometry<M> {
  using base = op::index_sample::geometry<M>;
  static transposed_sample of(M& m, const shape<M>& x, const shape<M>& i) { return {base::of(m, x, i)}; }
  idx<M> source(M& m, idx<M> i, int_of<M> column) const {
    idx<M> at[2] = {};
    this->y.unravel(m, i, at);
    return {column * this->x.dim[0] + at[0].v, m.exact(this->x.numel)};
  }
};

template <class M>
struct wrong_row_sample : op::index_sample::geometry<M> {
  using base = op::index_sample::geometry<M>;
  static wrong_row_sample of(M& m, const shape<M>& x, const shape<M>& i) { return {base::of(m, x, i)}; }
  idx<M> source(M& m, idx<M> i, int_of<M> column) const {
    idx<M> at[2] = {};
    this->x.unravel(m, i, at);  // of x instead of y
    return join(m, at[0], idx<M>{column, m.exact(this->x.dim[1])}, this->x.dim[1]);
  }
};

template <class M>
struct one_too_many_sample : op::index_sample::geometry<M> {
  using base = op::index_sample::geometry<M>;
  static one_too_many_sample of(M& m, const shape<M>& x, const shape<M>& i) { return {base::of(m, x, i)}; }
  template <class Buffer>
  void check_index(M& m, Buffer& given) const {
    m.check_all(
        "index", given, [&m, d = this->x.dim[1]](int_of<M> v) { return m.all(v >= 0, v <= d); }, "index");
  }
};

template <class M>
struct unchecked_if_empty_sample : op::index_sample::geometry<M> {
  using base = op::index_sample::geometry<M>;
  static unchecked_if_empty_sample of(M& m, const shape<M>& x, const shape<M>& i) { return {base::of(m, x, i)}; }
  template <class Buffer>
  void check_index(M& m, Buffer& given) const {
    if (this->x.numel > 0) base::check_index(m, given);
  }
};

template <class M>
struct narrow_sample : op::index_sample::geometry<M> {
  using base = op::index_sample::geometry<M>;
  static narrow_sample of(M& m, const shape<M>& x, const shape<M>& i) { return {base::of(m, x, i)}; }
  idx<M> source(M& m, idx<M> i, int_of<M> column) const {
    const idx<M> s = base::source(m, i, column);
    return {m.narrow("the element of x", s.v), s.n};
  }
};

template <class M>
struct unrepeated_copysign : op::copysign::geometry<M> {
  using base = op::copysign::geometry<M>;
  static unrepeated_copysign of(M& m, const shape<M>& x, const shape<M>& y) { return {base::of(m, x, y)}; }
  typename base::pair source(M& m, idx<M> i) const {
    typename base::pair s = base::source(m, i);
    s.y = {i.v, m.exact(this->y.numel)};  // as if y had the shape of z
    return s;
  }
};

template <class M>
struct larger_copysign : op::copysign::geometry<M> {
  using base = op::copysign::geometry<M>;
  static larger_copysign of(M& m, const shape<M>& x, const shape<M>& y) {
    larger_copysign g{base::of(m, x, y)};
    if (x.rank == 1 && y.rank == 1) g.z.dim[0] = m.max(x.dim[0], y.dim[0]);  // (1, 0) must give 0
    return g;
  }
};

template <class M>
struct left_aligned_copysign : op::copysign::geometry<M> {
  using base = op::copysign::geometry<M>;
  static left_aligned_copysign of(M& m, const shape<M>& x, const shape<M>& y) { return {base::of(m, x, y)}; }
  typename base::pair source(M& m, idx<M> i) const {
    typename base::pair s = base::source(m, i);
    if (this->y.rank != 1 || this->z.rank != 2) return s;
    idx<M> at[max_rank] = {};
    this->z.unravel(m, i, at);
    s.y = at[0];
    return s;
  }
};

}  // namespace

TEST_CASE("fault: index_sample reads x transposed") {
  check_fault<with<op::index_sample, transposed_sample>>();
}
TEST_CASE("fault: index_sample takes the row of x's own element") {
  check_fault<with<op::index_sample, wrong_row_sample>>();
}
TEST_CASE("fault: index_sample accepts an index equal to the width") {
  check_fault<with<op::index_sample, one_too_many_sample>>();
}
TEST_CASE("fault: index_sample checks no index where x is empty") {
  check_fault<with<op::index_sample, unchecked_if_empty_sample>>();
}
TEST_CASE("fault: index_sample's element number is an int32") {
  check_fault<with<op::index_sample, narrow_sample>>();
}
TEST_CASE("fault: copysign does not repeat a dimension of 1") {
  check_fault<with<op::copysign, unrepeated_copysign>>(40000);
}
TEST_CASE("fault: copysign broadcasts 1 against 0 to 1") {
  check_fault<with<op::copysign, larger_copysign>>(40000);
}
TEST_CASE("fault: copysign aligns y at the left") {
  check_fault<with<op::copysign, left_aligned_copysign>>(40000);
}

TEST_CASE("fault: index_sample without one of its checks") {
  check_rule_is_needed<op::index_sample>("x and index must have the same number of rows");
  check_rule_is_needed<op::index_sample>("every index must lie in 0 .. x.shape[1] - 1");
  check_rule_is_needed<op::index_sample>("a dimension must lie in 0 .. 2^62");
  check_rule_is_needed<op::index_sample>(
      "a tensor has at most 2^62 elements: the product up to this dimension is larger");
}
TEST_CASE("fault: copysign without its check") {
  check_rule_is_needed<op::copysign>("dimensions of x and y, aligned at the right, must be equal or one of them 1",
                                     40000);
}
