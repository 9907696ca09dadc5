// Planted faults of conv2d_transpose and its gradients.
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;
using op::conv2d;
using op::conv2d_transpose;
using op::conv2d_transpose_input_grad;
using op::conv2d_transpose_weight_grad;

namespace {

template <class M>
struct plain_transpose : conv2d_transpose::geometry<M> {
  using base = conv2d_transpose::geometry<M>;
};

// Faults of what `of` is given. f is the convolution that is transposed.
#define TRANSPOSE_FAULT(name, change)                                                                 \
  template <class M>                                                                                  \
  struct name : plain_transpose<M> {                                                                  \
    static name of(M& m, const shape<M>& x, const shape<M>& w, conv2d_transpose::attributes<M> a) {   \
      name g;                                                                                         \
      static_cast<conv2d_transpose::geometry<M>&>(g) = conv2d_transpose::geometry<M>::of(m, x, w, a); \
      auto& f = g.forward;                                                                            \
      change;                                                                                         \
      return g;                                                                                       \
    }                                                                                                 \
  }

TRANSPOSE_FAULT(swapped_dilation, std::swap(f.rows.dilation, f.columns.dilation));
TRANSPOSE_FAULT(swapped_stride, std::swap(f.rows.stride, f.columns.stride));
TRANSPOSE_FAULT(padding_of_the_bottom, f.rows.pad_before = a.of_convolution.padding[1]);
TRANSPOSE_FAULT(swapped_extents, std::swap(f.x.dim[2], f.x.dim[3]));
TRANSPOSE_FAULT(one_row_less, f.x.dim[2] = f.x.dim[2] - 1);
TRANSPOSE_FAULT(groups_for_their_size, std::swap(f.groups, f.group_outputs));
TRANSPOSE_FAULT(channels_of_weight, f.group_inputs = f.weight.dim[0]);

// Output padding before the first row, not behind the last.
TRANSPOSE_FAULT(more_above,
                f.rows.pad_before = a.extent[0].in_all ? f.rows.pad_before : f.rows.pad_before - a.extent[0].value);

// The group of an input channel, taken for that of an output channel.
template <class M>
struct group_of_the_other_side : plain_transpose<M> {
  static group_of_the_other_side of(M& m, const shape<M>& x, const shape<M>& w,
                                    const conv2d_transpose::attributes<M>& a) {
    return {{conv2d_transpose::geometry<M>::of(m, x, w, a)}};
  }
  template <class F>
  void terms(M& m, const conv2d::pixel<M>& p, F visit) const {
    const auto& f = this->forward;
    conv2d_transpose::geometry<M>::terms(m, p, [&](idx<M> x, idx<M> w) {
      idx<M> at[4] = {};
      f.weight.unravel(m, w, at);
      visit(x, idx<M>{((at[1].v * f.weight.dim[0] + at[0].v) * f.weight.dim[2] + at[2].v) * f.weight.dim[3] + at[3].v,
                      w.n});
    });
  }
};

// Channels last, read as channels first: the fault that a framework had in this op.
template <class M>
struct other_layout : plain_transpose<M> {
  static other_layout of(M& m, const shape<M>& x, const shape<M>& w, const conv2d_transpose::attributes<M>& a) {
    return {{conv2d_transpose::geometry<M>::of(m, x, w, a)}};
  }
  template <class F>
  void terms(M& m, const conv2d::pixel<M>& p, F visit) const {
    const auto& f = this->forward;
    conv2d_transpose::geometry<M>::terms(m, p, [&](idx<M> x, idx<M> w) {
      const auto at = f.pixel_of(m, f.y, x);
      visit(f.y.ravel(m, at.n, at.c, at.h, at.w), w);
    });
  }
};

// dx over the rows of dy, whether or not padding has cut them off.
template <class M>
struct reads_what_is_cut : conv2d_transpose_input_grad::geometry<M> {
  using base = conv2d_transpose_input_grad::geometry<M>;
  static reads_what_is_cut of(M& m, const shape<M>& dy, const shape<M>& w, const shape<M>& dx,
                              const conv2d_transpose::attributes<M>& a) {
    return {base::of(m, dy, w, dx, a)};
  }
  template <class F>
  void terms(M& m, const conv2d::pixel<M>& p, F visit) const {
    const idx<M> group = this->output_group(m, p.c).hi;
    m.each("output channel", this->group_inputs, [&](idx<M> c) {
      const idx<M> o = join(m, group, c, this->group_inputs);
      m.each("kernel row", this->rows.kernel, [&](idx<M> kh) {
        m.each("kernel column", this->columns.kernel, [&](idx<M> kw) {
          visit(this->element_of(m, this->x, {p.n, o, this->rows.input(m, p.h, kh), this->columns.input(m, p.w, kw)}),
                this->weight_of(m, p.c, c, kh, kw));
        });
      });
    });
  }
};

// dweight with the channels of x and dy in each other's place.
template <class M>
struct swapped_channels : conv2d_transpose_weight_grad::geometry<M> {
  using base = conv2d_transpose_weight_grad::geometry<M>;
  static swapped_channels of(M& m, const shape<M>& dy, const shape<M>& x, const shape<M>& dw,
                             const conv2d_transpose::attributes<M>& a) {
    return {base::of(m, dy, x, dw, a)};
  }
  op::conv2d_weight_grad::tap<M> tap_of(M& m, idx<M> i) const {
    auto t = base::tap_of(m, i);
    std::swap(t.o, t.c);
    return t;
  }
};

}  // namespace

TEST_CASE("fault: conv2d_transpose takes the dilation of the other axis") {
  check_fault<with<conv2d_transpose, swapped_dilation>>(40000);
}
TEST_CASE("fault: conv2d_transpose takes the stride of the other axis") {
  check_fault<with<conv2d_transpose, swapped_stride>>(40000);
}
TEST_CASE("fault: conv2d_transpose cuts off the padding of the bottom at the top") {
  check_fault<with<conv2d_transpose, padding_of_the_bottom>>(40000);
}
TEST_CASE("fault: conv2d_transpose swaps height and width of y") {
  check_fault<with<conv2d_transpose, swapped_extents>>(40000);
}
TEST_CASE("fault: conv2d_transpose has one output row too few") {
  check_fault<with<conv2d_transpose, one_row_less>>(40000);
}
TEST_CASE("fault: conv2d_transpose confuses the number of groups with their size") {
  check_fault<with<conv2d_transpose, groups_for_their_size>>(40000);
}
TEST_CASE("fault: conv2d_transpose takes the input channels of weight for its output channels") {
  check_fault<with<conv2d_transpose, channels_of_weight>>(40000);
}
TEST_CASE("fault: conv2d_transpose adds output_padding above") {
  check_fault<with<conv2d_transpose, more_above>>(40000);
}
TEST_CASE("fault: conv2d_transpose reads weight as conv2d's layout has it") {
  check_fault<with<conv2d_transpose, group_of_the_other_side>>(40000);
}
TEST_CASE("fault: conv2d_transpose reads channels last as channels first") {
  check_fault<with<conv2d_transpose, other_layout>>(40000);
}
TEST_CASE("fault: conv2d_transpose_input_grad reads what padding has cut off") {
  check_fault<with<conv2d_transpose_input_grad, reads_what_is_cut>>(40000);
}
TEST_CASE("fault: conv2d_transpose_weight_grad swaps the channels of x and dy") {
  check_fault<with<conv2d_transpose_weight_grad, swapped_channels>>(40000);
}

TEST_CASE("fault: conv2d_transpose without one of its checks") {
  check_rule_is_needed<conv2d_transpose>("x must have weight.shape[0] channels", 40000);
  check_rule_is_needed<conv2d_transpose>("weight.shape[0] must be a multiple of groups", 40000);
  check_rule_is_needed<conv2d_transpose>("output_padding must be at least 0 and less than stride or dilation", 40000);
  check_rule_is_needed<conv2d_transpose>("output_size must be the least size or less than stride more", 40000);
  // "the output size must be at least 0" only says it better: the rule for the dimensions of y refuses the same calls
  check_rule_is_needed<conv2d_transpose>("bias must have one element for each output channel", 40000);
  check_rule_is_needed<conv2d_transpose_input_grad>("dy must have the shape of conv2d_transpose's output", 40000);
}
