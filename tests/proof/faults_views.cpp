// Planted faults of expand, as_strided, unique and the gradients of ops that move elements.
#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/copysign_y_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/unique_consecutive.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;

namespace {

// ---- expand ----

template <class M>
struct minus_one_as_size : op::expand::geometry<M> {
  using base = op::expand::geometry<M>;
  static minus_one_as_size of(M& m, const shape<M>& x, const int_of<M>* asked, int rank) {
    minus_one_as_size g{base::of(m, x, asked, rank)};
    if (x.rank == 1 && rank == 1) g.y.dim[0] = asked[0];
    return g;
  }
};

template <class M>
struct unrepeated : op::expand::geometry<M> {
  using base = op::expand::geometry<M>;
  static unrepeated of(M& m, const shape<M>& x, const int_of<M>* asked, int rank) {
    return {base::of(m, x, asked, rank)};
  }
  idx<M> source(M& m, idx<M> i) const { return {i.v, m.exact(this->x.numel)}; }  // as if x had the shape of y
};

template <class M>
struct left_aligned_expand : op::expand::geometry<M> {
  using base = op::expand::geometry<M>;
  static left_aligned_expand of(M& m, const shape<M>& x, const int_of<M>* asked, int rank) {
    return {base::of(m, x, asked, rank)};
  }
  idx<M> source(M& m, idx<M> i) const {
    if (this->x.rank != 1 || this->y.rank != 2) return base::source(m, i);
    idx<M> at[max_rank] = {};
    this->y.unravel(m, i, at);
    return broadcast<M>::source(m, this->x, at, 1);
  }
};

template <class M>
struct transposed_sum : op::expand_grad::geometry<M> {
  using base = op::expand_grad::geometry<M>;
  static transposed_sum of(M& m, const shape<M>& dy, const shape<M>& x) { return {base::of(m, dy, x)}; }
  idx<M> target(M& m, idx<M> j) const {
    const idx<M> t = base::target(m, j);
    return {this->forward.x.numel - 1 - t.v, t.n};
  }
};

// ---- as_strided ----

template <class M>
struct no_offset : op::as_strided::geometry<M> {
  using base = op::as_strided::geometry<M>;
  static no_offset of(M& m, int_of<M> n, const shape<M>& y, const int_of<M>* s, int_of<M> o) {
    return {base::of(m, n, y, s, o)};
  }
  idx<M> source(M& m, idx<M> i) const {
    const idx<M> s = base::source(m, i);
    return {s.v - this->offset, s.n};
  }
};

template <class M>
struct last_element_only : op::as_strided::geometry<M> {
  using base = op::as_strided::geometry<M>;
  // Checks that the last element lies in x, but not the least and the greatest: strides of two signs get past it.
  static last_element_only of(M& m, int_of<M> n, const shape<M>& y, const int_of<M>* s, int_of<M> o) {
    if (y.rank != 2) return {base::of(m, n, y, s, o)};
    last_element_only g;
    g.y = y;
    m.require(o >= 0, "offset must be at least 0", named("offset", o));
    if (y.numel == 0) return g;
    const int_of<M> last = o + (y.dim[0] - 1) * s[0] + (y.dim[1] - 1) * s[1];
    m.require(m.all(last >= 0, last < n), "the view must end within the elements of x", named("offset", o));
    g.n = n, g.offset = o;
    for (int k = 0; k < 2; ++k) g.stride[k] = s[k];
    return g;
  }
  idx<M> source(M& m, idx<M> i) const {
    if (this->y.rank != 2) return base::source(m, i);
    idx<M> at[max_rank] = {};
    this->y.unravel(m, i, at);
    return {this->offset + at[0].v * this->stride[0] + at[1].v * this->stride[1], m.exact(this->n)};
  }
};

template <class M>
struct overwritten_overlap : op::as_strided_grad::geometry<M> {
  using base = op::as_strided_grad::geometry<M>;
  static overwritten_overlap of(M& m, int_of<M> n, const shape<M>& dy, const int_of<M>* s, int_of<M> o) {
    return {base::of(m, n, dy, s, o)};
  }
  idx<M> target(M& m, idx<M> j) const { return {m.min(j.v, this->forward.n - 1), m.exact(this->forward.n)}; }
};

// ---- unique ----

template <class M>
struct counts_from_one : op::unique::geometry<M> {
  using base = op::unique::geometry<M>;
  static counts_from_one of(M& m, const shape<M>& x, bool flat, int axis, int_of<M> most) {
    return {base::of(m, x, flat, axis, most)};
  }
  static int_of<M> counted(M& m, int_of<M> before, bool_of<M> begins) {
    return m.select(begins, before + 2, before + 1);
  }
};

template <class M>
struct forgets_values : op::unique::geometry<M> {
  using base = op::unique::geometry<M>;
  static forgets_values of(M& m, const shape<M>& x, bool flat, int axis, int_of<M> most) {
    return {base::of(m, x, flat, axis, most)};
  }
  static int_of<M> counted(M& m, int_of<M> before, bool_of<M> begins) {
    return m.select(begins, before + 1, int_of<M>(1));
  }
};

template <class M>
struct slices_along_first : op::unique::geometry<M> {
  using base = op::unique::geometry<M>;
  static slices_along_first of(M& m, const shape<M>& x, bool flat, int axis, int_of<M> most) {
    return {base::of(m, x, flat, axis, most)};
  }
  idx<M> element(M& m, idx<M> o, idx<M> slice, idx<M> i) const {
    return join(m, join(m, slice, o, this->outer), i, this->inner);
  }
};

template <class M>
struct room_for_all : op::unique::geometry<M> {
  using base = op::unique::geometry<M>;
  static room_for_all of(M& m, const shape<M>& x, bool flat, int axis, int_of<M> most) {
    return {base::of(m, x, flat, axis, most)};
  }
  typename base::block values(M& m, int_of<M> found) const {
    auto v = base::values(m, found);
    v.numel = this->x.numel;  // as if all were distinct
    return v;
  }
};

// ---- copysign's and index_sample's gradients ----

template <class M>
struct column_of_dy : op::index_sample_grad::geometry<M> {
  using base = op::index_sample_grad::geometry<M>;
  static column_of_dy of(M& m, const shape<M>& dy, const shape<M>& index, const shape<M>& x) {
    return {base::of(m, dy, index, x)};
  }
  idx<M> target(M& m, idx<M> j, int_of<M>) const {
    return {m.min(j.v, this->forward.x.numel - 1), m.exact(this->forward.x.numel)};
  }
};

template <class M>
struct gradient_of_x : op::copysign_grad_geometry<M> {
  using base = op::copysign_grad_geometry<M>;
  static gradient_of_x of(M& m, const shape<M>& x, const shape<M>& y, const shape<M>& dz) {
    gradient_of_x g{base::of(m, x, y, dz)};
    g.forward.y = x;  // dy is given the shape of x
    return g;
  }
};

}  // namespace

TEST_CASE("fault: expand takes -1 for a size") {
  check_fault<with<op::expand, minus_one_as_size>>(40000);
}
TEST_CASE("fault: expand does not repeat a dimension of 1") {
  check_fault<with<op::expand, unrepeated>>(40000);
}
TEST_CASE("fault: expand aligns x at the left") {
  check_fault<with<op::expand, left_aligned_expand>>(40000);
}
TEST_CASE("fault: expand_grad adds to the mirrored element") {
  check_fault<with<op::expand_grad, transposed_sum>>(40000);
}
TEST_CASE("fault: as_strided forgets the offset") {
  check_fault<with<op::as_strided, no_offset>>(40000);
}
TEST_CASE("fault: as_strided checks the last element only") {
  check_fault<with<op::as_strided, last_element_only>>(200000);
}
TEST_CASE("fault: as_strided_grad adds to the element of dy's own number") {
  check_fault<with<op::as_strided_grad, overwritten_overlap>>(40000);
}
TEST_CASE("fault: unique counts one value too many") {
  check_fault<with<op::unique, counts_from_one>>(40000);
}
TEST_CASE("fault: unique forgets the values before") {
  check_fault<with<op::unique, forgets_values>>(40000);
}
TEST_CASE("fault: unique takes slices along the first axis") {
  check_fault<with<op::unique, slices_along_first>>(40000);
}
TEST_CASE("fault: unique writes as many values as there are slices") {
  check_fault<with<op::unique, room_for_all>>(40000);
}
TEST_CASE("fault: index_sample_grad ignores the index") {
  check_fault<with<op::index_sample_grad, column_of_dy>>(40000);
}
TEST_CASE("fault: copysign_y_grad has the shape of x") {
  check_fault<with<op::copysign_y_grad, gradient_of_x>>(40000);
}

TEST_CASE("fault: expand without one of its checks") {
  check_rule_is_needed<op::expand>(
      "a dimension must be -1 or that of x, aligned at the right; where x has 1, any from 0", 40000);
}
TEST_CASE("fault: as_strided without one of its checks") {
  check_rule_is_needed<op::as_strided>("offset must be at least 0", 40000);
  check_rule_is_needed<op::as_strided>("offset must be less than the number of elements of x", 40000);
  check_rule_is_needed<op::as_strided>("the view must end within the elements of x", 40000);
  check_rule_is_needed<op::as_strided>("the view must begin within the elements of x", 40000);
}
TEST_CASE("fault: unique without one of its checks") {
  check_rule_is_needed<op::unique>("along an axis, the other dimensions of x must not be 0", 40000);
}
TEST_CASE("fault: copysign_x_grad without the check of dz's shape") {
  check_rule_is_needed<op::copysign_x_grad>("dz must have the shape of copysign's output", 40000);
}
TEST_CASE("fault: index_sample_grad without the check of dy's shape") {
  check_rule_is_needed<op::index_sample_grad>("dy must have the shape of index", 40000);
}
