// Products by residues on the GPU, of every shape, those included that are faster in other ways.
#include "cuda/residues.hpp"

#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

#include "cuda/convolutions.hpp"

namespace halfulp::tests {
namespace {

using kernels::window_product;

std::vector<window_product<double>> products_for(const op::conv2d::args<double>& a, double* out) {
  return {kernels::product_of(a, out)};
}
std::vector<window_product<double>> products_for(const op::conv2d_input_grad::args<double>& a, double* out) {
  return kernels::products_of(a, out);
}
std::vector<window_product<double>> products_for(const op::conv2d_weight_grad::args<double>& a, double* out) {
  return {kernels::product_of(a, out)};
}

struct residue_comparison {
  comparison all;
  std::int64_t left = 0;
  residue_comparison& operator+=(const residue_comparison& o) {
    all += o.all;
    left += o.left;
    return *this;
  }
};

template <class Op>
residue_comparison compare_residues(const call& c) {
  const auto a = Op::template bind<double>(c);
  const auto type = Op::outputs(a).at(0);
  const tensor want(type.type, type.shape);
  kernels::compute<Op, double>(a, std::vector{want.view()});
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_outputs out({type});
  const device_queue queue;
  residue_comparison result;
  for (const auto& p : products_for(device, static_cast<double*>(out.view[0].data))) {
    if (p.depth() > 0 && p.sums() > 0)
      result.left += round_by_residues(p, queue.get());
    else
      kernels::round_products(p, queue.get());
  }
  const tier_counts decided = queue.finish();
  result.all = compare_bits(Op::name, *out.memory[0], want);
  result.all.decided = decided;
  return result;
}

/// conv2d and two gradients.
template <class Draw>
residue_comparison compare_convolution_by_residues(const convolution& c, Draw draw) {
  const tensor x = draw(c.x_shape()), weight = draw(c.weight_shape()), dy = draw(c.y_shape()),
               bias = draw({c.outputs()});
  residue_comparison all;
  named_arguments named = c.attributes();
  named["bias"] = {bias.view()};
  all += compare_residues<op::conv2d>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, named));
  named = c.attributes();
  named["input_shape"] = convolution::list(c.x_shape());
  all +=
      compare_residues<op::conv2d_input_grad>(call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named));
  named = c.attributes();
  named["weight_shape"] = convolution::list(c.weight_shape());
  all += compare_residues<op::conv2d_weight_grad>(call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}}, named));
  return all;
}

convolution pointwise(std::int64_t n, std::int64_t inputs, std::int64_t size, std::int64_t outputs) {
  convolution c;
  c.n = n;
  c.group_inputs = inputs;
  c.h = c.w = size;
  c.group_outputs = outputs;
  return c;
}

/// Elements that `draw` gives.
template <class Draw>
auto tensors_of(Draw draw) {
  return [draw](const extents& shape) {
    tensor t(dtype::float64, shape);
    for (double& x : t.elements<double>()) x = draw();
    return t;
  };
}

}  // namespace

TEST_CASE("cuda residues: convolutions and gradients of every kind have the bits of the CPU") {
  HALFULP_RANDOM(r, 1);
  for (const content kind : every_content) {
    residue_comparison all;
    for (std::int64_t k = 0; k < repeats(10); ++k) {
      const convolution c = k % 3 == 2 ? grouped_convolution(r) : random_convolution(r);
      all += compare_convolution_by_residues(c, [&](const extents& s) { return random_tensor<double>(r, kind, s); });
    }
    CAPTURE(static_cast<int>(kind), all.all.first_wrong);
    check_bits(all.all, 1);
  }
}

TEST_CASE("cuda residues: products of many tiles have the bits of the CPU") {
  HALFULP_RANDOM(r, 2);
  // Tiles of each width; the smaller shapes, too. What is wide or special is left to repair.
  const bool whole = scaled(1, 0) == 1;
  const std::vector<convolution> decided =
      whole ? std::vector{pointwise(3, 150, 13, 300), pointwise(2, 520, 10, 130), pointwise(1, 70, 16, 129)}
            : std::vector{pointwise(1, 150, 14, 130), pointwise(1, 260, 15, 129), pointwise(1, 150, 13, 70)};
  const std::vector<convolution> left = whole ? decided : std::vector{pointwise(1, 70, 6, 33)};
  for (const content kind : {content::uniform, content::integers, content::wide, content::specials}) {
    residue_comparison all;
    for (const convolution& c : kind == content::uniform || kind == content::integers ? decided : left)
      all += compare_convolution_by_residues(c, [&](const extents& s) { return random_tensor<double>(r, kind, s); });
    CAPTURE(static_cast<int>(kind), all.all.first_wrong);
    check_bits(all.all, 1);
  }
}

TEST_CASE("cuda residues: numbers of one size, and of few binades, are decided without repair") {
  HALFULP_RANDOM(r, 3);
  const convolution c = pointwise(2, 600, 12, 200);
  const auto of_size =
      compare_convolution_by_residues(c, tensors_of([&] { return r.uniform() < 0 ? -1. : 1 + r.uniform(); }));
  check_bits(of_size.all, 1);
  CHECK(of_size.left == 0);
  for (const int binades : {0, 8, 30}) {
    const auto spread = compare_convolution_by_residues(
        c, tensors_of([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, binades))); }));
    CAPTURE(binades, spread.left, spread.all.first_wrong);
    check_bits(spread.all, 1);
    CHECK(spread.left < spread.all.outputs / 100);
  }
}

TEST_CASE("cuda residues: numbers of very many binades are rounded, and repaired to the bits of the CPU") {
  HALFULP_RANDOM(r, 6);
  const auto spread = compare_convolution_by_residues(
      pointwise(2, 300, 12, 100),
      tensors_of([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 200))); }));
  CAPTURE(spread.all.first_wrong);
  check_bits(spread.all, 1);
  CHECK(spread.left > 0);
}

TEST_CASE("cuda residues: what cancels is repaired to the bits of the CPU") {
  HALFULP_RANDOM(r, 4);
  for (const double left : {1e-6, 1e-12, 1e-17}) {
    const hard_case c = cancelling<double>(r, left, 100, 70, 20);
    const auto all = compare_residues<op::conv2d>(call_for<op::conv2d>({{c.x.view()}, {c.weight.view()}}));
    CAPTURE(c.name, all.all.first_wrong);
    check_bits(all.all, 1);
  }
}

TEST_CASE("cuda residues: the most terms, and columns by parts") {
  HALFULP_RANDOM(r, 5);
  for (const content kind : {content::uniform, content::integers}) {
    const auto draw = [&](const extents& s) { return random_tensor<double>(r, kind, s); };
    const tensor x = draw({1, 65536, 3, 3}), w = draw({3, 65536, 1, 1});
    const auto most = compare_residues<op::conv2d>(call_for<op::conv2d>({{x.view()}, {w.view()}}));
    CAPTURE(most.all.first_wrong);
    check_bits(most.all, 1);
  }
  const auto same = tensors_of([] { return 0x1.fffffffffffffp0; });
  const tensor x = same({1, 65536, 3, 3}), w = same({3, 65536, 1, 1});
  const auto largest = compare_residues<op::conv2d>(call_for<op::conv2d>({{x.view()}, {w.view()}}));
  check_bits(largest.all, 1);
  CHECK(largest.left == 0);
  const auto draw = [&](const extents& s) { return random_tensor<double>(r, content::uniform, s); };
  const tensor many = draw({7, 2000, 32, 32}), few = draw({3, 2000, 1, 1});
  many.elements<double>().back() = INFINITY;  // of the last part, whose three sums are left
  const auto parts = compare_residues<op::conv2d>(call_for<op::conv2d>({{many.view()}, {few.view()}}));
  CAPTURE(parts.all.first_wrong);
  check_bits(parts.all, 1);
  CHECK(parts.left == 3);
}

}  // namespace halfulp::tests
