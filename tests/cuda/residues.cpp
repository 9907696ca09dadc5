// Products by residues on the GPU, of every shape, those included that are faster in other ways.
#include "cuda/residues.hpp"

#include "cuda/window_products.hpp"

namespace halfulp::tests {
namespace {

struct residue_comparison {
  comparison all;
  std::int64_t left = 0;
};

/// conv2d and two gradients.
template <class Draw>
residue_comparison compare_convolution_by_residues(const convolution& c, Draw draw) {
  residue_comparison r;
  r.all = compare_convolution_products<double>(
      c, true, draw, [&](const auto& p, const auto& queue) { r.left += round_by_residues(p, queue); });
  return r;
}
/// conv2d alone.
residue_comparison compare_by_residues(const tensor& x, const tensor& weight) {
  residue_comparison r;
  r.all = compare_products<op::conv2d, double>(
      call_for<op::conv2d>({{x.view()}, {weight.view()}}),
      [&](const auto& p, const auto& queue) { r.left += round_by_residues(p, queue); });
  return r;
}

convolution pointwise(std::int64_t n, std::int64_t inputs, std::int64_t size, std::int64_t outputs) {
  convolution c;
  c.n = n;
  c.group_inputs = inputs;
  c.h = c.w = size;
  c.group_outputs = outputs;
  return c;
}

}  // namespace

TEST_CASE("cuda residues: convolutions and gradients of every kind have the bits of the CPU") {
  HALFULP_RANDOM(r, 1);
  for (const content kind : every_content) {
    comparison all;
    for (std::int64_t k = 0; k < repeats(10); ++k) {
      const convolution c = k % 3 == 2 ? grouped_convolution(r) : random_convolution(r);
      all +=
          compare_convolution_by_residues(c, [&](const extents& s) { return random_tensor<double>(r, kind, s); }).all;
    }
    CAPTURE(static_cast<int>(kind), all.first_wrong);
    check_bits(all, 1);
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
    comparison all;
    for (const convolution& c : kind == content::uniform || kind == content::integers ? decided : left)
      all +=
          compare_convolution_by_residues(c, [&](const extents& s) { return random_tensor<double>(r, kind, s); }).all;
    CAPTURE(static_cast<int>(kind), all.first_wrong);
    check_bits(all, 1);
  }
}

TEST_CASE("cuda residues: numbers of one size, and of few binades, are decided without repair") {
  HALFULP_RANDOM(r, 3);
  const convolution c = pointwise(2, 600, 12, 200);
  const auto of_size =
      compare_convolution_by_residues(c, tensors_of<double>([&] { return r.uniform() < 0 ? -1. : 1 + r.uniform(); }));
  check_bits(of_size.all, 1);
  CHECK(of_size.left == 0);
  for (const int binades : {0, 8, 30}) {
    const auto spread = compare_convolution_by_residues(
        c, tensors_of<double>([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, binades))); }));
    CAPTURE(binades, spread.left, spread.all.first_wrong);
    check_bits(spread.all, 1);
    CHECK(spread.left < spread.all.outputs / 100);
  }
}

TEST_CASE("cuda residues: numbers of very many binades are rounded, and repaired to the bits of the CPU") {
  HALFULP_RANDOM(r, 6);
  const auto spread = compare_convolution_by_residues(
      pointwise(2, 300, 12, 100),
      tensors_of<double>([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 200))); }));
  CAPTURE(spread.all.first_wrong);
  check_bits(spread.all, 1);
  CHECK(spread.left > 0);
}

TEST_CASE("cuda residues: what cancels is repaired to the bits of the CPU") {
  HALFULP_RANDOM(r, 4);
  for (const double left : {1e-6, 1e-12, 1e-17}) {
    const hard_case c = cancelling<double>(r, left, 100, 70, 20);
    const auto all = compare_by_residues(c.x, c.weight);
    CAPTURE(c.name, all.all.first_wrong);
    check_bits(all.all, 1);
  }
}

TEST_CASE("cuda residues: the most terms, and columns by parts") {
  HALFULP_RANDOM(r, 5);
  for (const content kind : {content::uniform, content::integers}) {
    const auto draw = [&](const extents& s) { return random_tensor<double>(r, kind, s); };
    const tensor x = draw({1, 65536, 3, 3}), w = draw({3, 65536, 1, 1});
    const auto most = compare_by_residues(x, w);
    CAPTURE(most.all.first_wrong);
    check_bits(most.all, 1);
  }
  const auto same = tensors_of<double>([] { return 0x1.fffffffffffffp0; });
  const tensor x = same({1, 65536, 3, 3}), w = same({3, 65536, 1, 1});
  const auto largest = compare_by_residues(x, w);
  check_bits(largest.all, 1);
  CHECK(largest.left == 0);
  const auto draw = [&](const extents& s) { return random_tensor<double>(r, content::uniform, s); };
  const tensor many = draw({7, 2000, 32, 32}), few = draw({3, 2000, 1, 1});
  many.elements<double>().back() = INFINITY;  // of the last part, whose three sums are left
  const auto parts = compare_by_residues(many, few);
  CAPTURE(parts.all.first_wrong);
  check_bits(parts.all, 1);
  CHECK(parts.left == 3);
}

}  // namespace halfulp::tests
