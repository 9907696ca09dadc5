// One spatial axis of a convolution: which kernel tap reads which input for which output.
//   input = output * stride + tap * dilation - pad_before, if that lies in [0, in); else padding
#pragma once

#include <halfulp/oracle/core/index.hpp>

namespace halfulp {

// Largest kernel size, stride, dilation and padding (int32 in every framework).
inline constexpr std::int64_t max_window_parameter = 2147483647;

template <class M>
struct window_args {
  int_of<M> in, kernel, stride, dilation, pad_before, pad_after;
};

// The extent that a transposed axis is asked for: as many elements more than the least one, or so many in all.
template <class M>
struct transposed_extent {
  bool in_all;
  int_of<M> value;
};

// hit: the tap reads the input for this output. No hit: output means nothing.
template <class M>
struct window_source {
  bool_of<M> hit;
  idx<M> output;
};

template <class M>
struct window {
  int_of<M> in, kernel, stride, dilation, pad_before;
  int_of<M> out;   // floor((in + pad_before + pad_after - dilation * (kernel - 1) - 1) / stride) + 1
  int_of<M> last;  // out - 1

  // Throws unless the parameters are in range and the kernel fits in the padded input.
  HALFULP_HOST_DEVICE static window of(M& m, int axis, const window_args<M>& a) {
    check(m, axis, a);
    const int_of<M> reach = product<M>(m, a.dilation, max_window_parameter, a.kernel - 1, max_window_parameter);
    const int_of<M> padded = a.in + a.pad_before + a.pad_after;
    m.require(padded > reach, "the padded input must be larger than dilation * (kernel - 1)",
              named("padded input", axis, padded), named("dilation * (kernel - 1)", axis, reach));
    const int_of<M> last = quot<M>(m, padded - reach - 1, a.stride);
    return {a.in, a.kernel, a.stride, a.dilation, a.pad_before, last + 1, last};
  }

  // The axis of the convolution that is transposed to take `a.in` elements to
  //   (a.in - 1) * stride - pad_before - pad_after + dilation * (kernel - 1) + 1
  // or up to stride - 1 (less than stride or dilation, if asked for by the difference) more: these are `in`, the
  // a.in elements `out`. Throws unless the parameters are in range and so is what is asked for.
  HALFULP_HOST_DEVICE static window of_transpose(M& m, int axis, const window_args<M>& a, transposed_extent<M> asked) {
    check(m, axis, a);
    m.require(fits<M>(m, a.in, a.stride, max_elements), "input size * stride must be at most 2^62",
              named("input size", axis, a.in), named("stride", axis, a.stride));
    const int_of<M> reach = product<M>(m, a.dilation, max_window_parameter, a.kernel - 1, max_window_parameter);
    const int_of<M> span = product<M>(m, a.in, m.exact(a.in), a.stride, m.exact(a.stride)) - a.stride;
    const int_of<M> least = span + reach + 1 - a.pad_before - a.pad_after;
    check_transposed(m, axis, a, least, asked);
    const int_of<M> in = extent<M>(m, asked.in_all ? asked.value : least + asked.value);
    m.require(in >= 0, "the output size must be at least 0", named("output size", axis, in));
    return {in, a.kernel, a.stride, a.dilation, a.pad_before, a.in, a.in - 1};
  }

  // The taps that read an input for output o.
  HALFULP_HOST_DEVICE index_range<M> taps(M& m, idx<M> o) const {
    const int_of<M> base = scaled_output(m, o) - pad_before;
    const index_range<M> r = inside<M>(m, base, dilation, kernel, in);
    claim_complete(m, "taps: all that read an input", r, base, dilation, kernel);
    return r;
  }
  // The outputs for which the tap reads an input.
  HALFULP_HOST_DEVICE index_range<M> outputs(M& m, idx<M> tap) const {
    const int_of<M> base = scaled_tap(m, tap) - pad_before;
    const index_range<M> r = inside<M>(m, base, stride, out, in);
    claim_complete(m, "outputs: all that read an input", r, base, stride, out);
    return r;
  }
  // The j-th tap of taps(o); the j-th output of outputs(tap).
  HALFULP_HOST_DEVICE idx<M> nth_tap(M& m, index_range<M> r, idx<M> j) const { return nth(m, r, j, dilation, kernel); }
  HALFULP_HOST_DEVICE idx<M> nth_output(M& m, index_range<M> r, idx<M> j) const { return nth(m, r, j, stride, out); }
  // The input that the tap reads for output o, given that it is not padding.
  HALFULP_HOST_DEVICE idx<M> input(M& m, idx<M> o, idx<M> tap) const {
    return {scaled_output(m, o) - pad_before + scaled_tap(m, tap), m.exact(in)};
  }

  // The only output, if there is one, for which the tap reads input i.
  HALFULP_HOST_DEVICE window_source<M> source(M& m, idx<M> i, idx<M> tap) const {
    const int_of<M> scaled = i.v + pad_before - scaled_tap(m, tap);
    const int_of<M> o = quot<M>(m, m.max(scaled, int_of<M>(0)), stride);
    const int_of<M> back = product<M>(m, o, m.exact(o), stride, m.exact(stride));
    const window_source<M> s{m.all(back == scaled, o < out), {o, m.exact(out)}};
    m.claim_any("source: the only output that reads the input", out, [&](idx<M> other) {
      const ghost_of<M> there = m.exact(other.v) * m.exact(stride);
      lemma_product_order<M>(m, m.exact(other.v) + 1, m.exact(o), m.exact(stride));
      lemma_product_order<M>(m, m.exact(o) + 1, m.exact(other.v), m.exact(stride));
      return m.iff(there == m.exact(scaled), m.all(s.hit, other.v == o));
    });
    return s;
  }

 private:
  HALFULP_HOST_DEVICE static void check_transposed(M& m, int axis, const window_args<M>& a, int_of<M> least,
                                                   transposed_extent<M> asked) {
    if (asked.in_all) {
      m.require(m.all(asked.value >= least, asked.value < least + a.stride),
                "output_size must be the least size or less than stride more", named("output_size", axis, asked.value),
                named("the least size", axis, least), named("stride", axis, a.stride));
    } else {
      m.require(m.all(asked.value >= 0, m.any(asked.value < a.stride, asked.value < a.dilation)),
                "output_padding must be at least 0 and less than stride or dilation",
                named("output_padding", axis, asked.value), named("stride", axis, a.stride),
                named("dilation", axis, a.dilation));
    }
  }
  HALFULP_HOST_DEVICE static void check(M& m, int axis, const window_args<M>& a) {
    constexpr std::int64_t most = max_window_parameter;
    m.require(m.all(a.kernel >= 1, a.kernel <= most), "the kernel size must lie in 1 .. 2^31 - 1",
              named("kernel", axis, a.kernel));
    m.require(m.all(a.stride >= 1, a.stride <= most), "stride must lie in 1 .. 2^31 - 1",
              named("stride", axis, a.stride));
    m.require(m.all(a.dilation >= 1, a.dilation <= most), "dilation must lie in 1 .. 2^31 - 1",
              named("dilation", axis, a.dilation));
    m.require(m.all(a.pad_before >= 0, a.pad_before <= most), "padding must lie in 0 .. 2^31 - 1",
              named("padding before", axis, a.pad_before));
    m.require(m.all(a.pad_after >= 0, a.pad_after <= most), "padding must lie in 0 .. 2^31 - 1",
              named("padding after", axis, a.pad_after));
  }
  HALFULP_HOST_DEVICE int_of<M> scaled_output(M& m, idx<M> o) const {
    return product<M>(m, o.v, m.exact(last), stride, m.exact(stride));
  }
  HALFULP_HOST_DEVICE int_of<M> scaled_tap(M& m, idx<M> tap) const {
    return product<M>(m, dilation, max_window_parameter, tap.v, max_window_parameter);
  }
  HALFULP_HOST_DEVICE static idx<M> nth(M& m, index_range<M> r, idx<M> j, int_of<M> stride_t, int_of<M> n) {
    const int_of<M> t = r.first + j.v;
    lemma_product_order<M>(m, m.exact(r.first), m.exact(t), m.exact(stride_t));
    lemma_product_order<M>(m, m.exact(t) + 1, m.exact(r.end), m.exact(stride_t));
    return {t, m.exact(n)};
  }
  // Every t in [0, n): in the range if and only if 0 <= base + t * stride_t < in.
  HALFULP_HOST_DEVICE void claim_complete(M& m, const char* what, index_range<M> r, int_of<M> base, int_of<M> stride_t,
                                          int_of<M> n) const {
    m.claim_any(what, n, [&](idx<M> t) {
      const ghost_of<M> x = m.exact(t.v), s = m.exact(stride_t), at = m.exact(base) + x * s;
      lemma_product_order<M>(m, x + 1, m.exact(r.first), s);
      lemma_product_order<M>(m, m.exact(r.first), x, s);
      lemma_product_order<M>(m, x + 1, m.exact(r.end), s);
      lemma_product_order<M>(m, m.exact(r.end), x, s);
      return m.iff(m.all(t.v >= r.first, t.v < r.end), m.all(at >= 0, at < m.exact(in)));
    });
  }
};

// Padding "SAME", as Paddle has it: out = ceil(in / stride), the odd element after. It takes no
// dilation: Paddle sets the dilation to 1 where padding is "SAME", and so must the caller.
template <class M>
struct padding_pair {
  int_of<M> before, after;
};
template <class M>
HALFULP_HOST_DEVICE padding_pair<M> same_padding(M& m, int_of<M> in, int_of<M> kernel, int_of<M> stride) {
  m.require(m.all(in >= 0, in <= max_elements), "a dimension must lie in 0 .. 2^62", named("in", in));
  m.require(m.all(kernel >= 1, kernel <= max_window_parameter), "the kernel size must lie in 1 .. 2^31 - 1",
            named("kernel", kernel));
  m.require(m.all(stride >= 1, stride <= max_window_parameter), "stride must lie in 1 .. 2^31 - 1",
            named("stride", stride));
  const int_of<M> steps = round_up<M>(m, in, stride) - 1;
  const int_of<M> total = m.max(steps * stride + kernel - in, int_of<M>(0));
  const int_of<M> before = quot<M>(m, total, 2);
  return {before, total - before};
}

}  // namespace halfulp
