// Planted faults of conv2d and its gradients.
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;
using op::conv2d;

namespace {

template <class M>
struct plain_conv2d : conv2d::geometry<M> {
  using base = conv2d::geometry<M>;
  using attributes = conv2d::attributes<M>;
};

// Faults of what `of` is given.
#define CONV2D_FAULT(name, change)                                                        \
  template <class M>                                                                      \
  struct name : plain_conv2d<M> {                                                         \
    static name of(M& m, const shape<M>& x, const shape<M>& w, conv2d::attributes<M> a) { \
      name g;                                                                             \
      static_cast<conv2d::geometry<M>&>(g) = conv2d::geometry<M>::of(m, x, w, a);         \
      change;                                                                             \
      return g;                                                                           \
    }                                                                                     \
  }

CONV2D_FAULT(swapped_dilation, std::swap(g.rows.dilation, g.columns.dilation));
CONV2D_FAULT(swapped_stride, std::swap(g.rows.stride, g.columns.stride));
CONV2D_FAULT(padding_of_the_other_side, g.rows.pad_before = a.padding[1]);
CONV2D_FAULT(swapped_extents, std::swap(g.y.dim[2], g.y.dim[3]));
CONV2D_FAULT(one_output_row_more, g.y.dim[2] = g.y.dim[2] + 1);
CONV2D_FAULT(group_by_remainder, std::swap(g.groups, g.group_outputs));
CONV2D_FAULT(groups_of_x, g.group_inputs = x.dim[a.data_layout == conv2d::layout::nchw ? 1 : 3]);

// Faults of the visits.
template <class M>
struct weight_columns_first : plain_conv2d<M> {
  static weight_columns_first of(M& m, const shape<M>& x, const shape<M>& w, const conv2d::attributes<M>& a) {
    return {{conv2d::geometry<M>::of(m, x, w, a)}};
  }
  template <class F>
  void terms(M& m, const conv2d::pixel<M>& p, F visit) const {
    conv2d::geometry<M>::terms(m, p, [&](idx<M> x, idx<M> w) {
      idx<M> at[4] = {};
      this->weight.unravel(m, w, at);
      visit(x,
            idx<M>{((at[0].v * this->weight.dim[1] + at[1].v) * this->weight.dim[2] + at[3].v) * this->weight.dim[3] +
                       at[2].v,
                   w.n});
    });
  }
};

template <class M>
struct other_layout : plain_conv2d<M> {
  static other_layout of(M& m, const shape<M>& x, const shape<M>& w, const conv2d::attributes<M>& a) {
    return {{conv2d::geometry<M>::of(m, x, w, a)}};
  }
  conv2d::pixel<M> pixel_of(M& m, const shape<M>& image, idx<M> i) const {
    idx<M> at[4] = {};
    image.unravel(m, i, at);
    return {at[0], at[1], at[2], at[3]};  // also where the channels are last
  }
};

// dx by a stride-blind rule: the output is taken without the remainder being 0.
template <class M>
struct stride_blind : op::conv2d_input_grad::geometry<M> {
  using base = op::conv2d_input_grad::geometry<M>;
  static stride_blind of(M& m, const shape<M>& dy, const shape<M>& w, const shape<M>& dx,
                         const conv2d::attributes<M>& a) {
    return {base::of(m, dy, w, dx, a)};
  }
  template <class F>
  void terms(M& m, const conv2d::pixel<M>& p, F visit) const {
    const auto& f = this->forward;
    const hi_lo<M> channel = f.input_group(m, p.c);
    m.each("kernel row", f.rows.kernel, [&](idx<M> kh) {
      const window_source<M> oh = f.rows.source(m, p.h, kh);
      if (oh.output.v >= f.rows.out) return;
      m.each("kernel column", f.columns.kernel, [&](idx<M> kw) {
        const window_source<M> ow = f.columns.source(m, p.w, kw);
        if (!ow.hit) return;
        m.each("output channel", f.group_outputs, [&](idx<M> c) {
          const idx<M> o = join(m, channel.hi, c, f.group_outputs);
          visit(f.element_of(m, f.y, {p.n, o, oh.output, ow.output}), f.weight_of(m, o, channel.lo, kh, kw));
        });
      });
    });
  }
};

template <class M>
struct other_channel : op::conv2d_bias_grad::geometry<M> {
  using base = op::conv2d_bias_grad::geometry<M>;
  static other_channel of(M& m, const shape<M>& dy, conv2d::layout l) { return {base::of(m, dy, l)}; }
  template <class F>
  void terms(M& m, idx<M> o, F visit) const {
    m.each("image", this->dy.dim[0], [&](idx<M> n) {
      m.each("row", this->dy.dim[2], [&](idx<M> i) {
        m.each("column", this->dy.dim[3], [&](idx<M> j) { visit(this->dy.ravel(m, n, o, i, j)); });
      });
    });
  }
};

// The words that say where a tap reads, with one sign wrong in the padding.
template <class M>
struct shifted_taps : op::conv2d_weight_grad::geometry<M> {
  using base = op::conv2d_weight_grad::geometry<M>;
  static shifted_taps of(M& m, const shape<M>& dy, const shape<M>& x, const shape<M>& dw,
                         const conv2d::attributes<M>& a) {
    return {base::of(m, dy, x, dw, a)};
  }
  template <class F>
  void terms(M& m, const op::conv2d_weight_grad::tap<M>& t, F visit) const {
    const auto& f = this->forward;
    const idx<M> channel = join(m, f.output_group(m, t.o).hi, t.c, f.group_inputs);
    m.each("image", f.x.dim[0], [&](idx<M> n) {
      m.each("output row", f.rows.out, [&](idx<M> oh) {  // rows outside x are not left out
        const idx<M> ih = f.rows.input(m, oh, t.kh);
        m.each("output column", f.columns.out, [&](idx<M> ow) {
          const idx<M> iw = f.columns.input(m, ow, t.kw);
          visit(f.element_of(m, f.y, {n, t.o, oh, ow}), f.element_of(m, f.x, {n, channel, ih, iw}));
        });
      });
    });
  }
};

}  // namespace

TEST_CASE("fault: conv2d takes the dilation of the other axis") {
  check_fault<with<conv2d, swapped_dilation>>(40000);
}
TEST_CASE("fault: conv2d takes the stride of the other axis") {
  check_fault<with<conv2d, swapped_stride>>(40000);
}
TEST_CASE("fault: conv2d takes the padding of the bottom for the top") {
  check_fault<with<conv2d, padding_of_the_other_side>>(40000);
}
TEST_CASE("fault: conv2d swaps height and width of y") {
  check_fault<with<conv2d, swapped_extents>>(40000);
}
TEST_CASE("fault: conv2d has one output row too many") {
  check_fault<with<conv2d, one_output_row_more>>(40000);
}
TEST_CASE("fault: conv2d confuses the number of groups with their size") {
  check_fault<with<conv2d, group_by_remainder>>(40000);
}
TEST_CASE("fault: conv2d sums over all channels in each group") {
  check_fault<with<conv2d, groups_of_x>>(40000);
}
TEST_CASE("fault: conv2d mirrors the kernel") {
  check_fault<with<conv2d, weight_columns_first>>(40000);
}
TEST_CASE("fault: conv2d reads channels last as channels first") {
  check_fault<with<conv2d, other_layout>>(40000);
}
TEST_CASE("fault: conv2d_input_grad ignores the remainder of the stride") {
  check_fault<with<op::conv2d_input_grad, stride_blind>>(40000);
}
TEST_CASE("fault: conv2d_bias_grad reads channels last as channels first") {
  check_fault<with<op::conv2d_bias_grad, other_channel>>(40000);
}
TEST_CASE("fault: conv2d_weight_grad reads the padding") {
  check_fault<with<op::conv2d_weight_grad, shifted_taps>>(40000);
}

TEST_CASE("fault: conv2d without one of its checks") {
  check_rule_is_needed<conv2d>("groups must be at least 1", 40000);
  check_rule_is_needed<conv2d>("x must have weight.shape[1] * groups channels", 40000);
  check_rule_is_needed<conv2d>("weight.shape[0] must be a multiple of groups", 40000);
  check_rule_is_needed<conv2d>("the kernel size must lie in 1 .. 2^31 - 1", 40000);
  check_rule_is_needed<conv2d>("stride must lie in 1 .. 2^31 - 1", 40000);
  check_rule_is_needed<conv2d>("dilation must lie in 1 .. 2^31 - 1", 40000);
  check_rule_is_needed<conv2d>("padding must lie in 0 .. 2^31 - 1", 40000);
  check_rule_is_needed<conv2d>("the padded input must be larger than dilation * (kernel - 1)", 40000);
  check_rule_is_needed<conv2d>("bias must have one element for each output channel", 40000);
}
TEST_CASE("fault: conv2d_input_grad without the check of dy's shape") {
  check_rule_is_needed<op::conv2d_input_grad>("dy must have the shape of conv2d's output", 40000);
}
