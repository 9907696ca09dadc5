// Products of short numbers by residues on the GPU, of every shape and content, those included that are faster in other ways.
#include "cuda/narrow_residues.hpp"

#include "cuda/campaign.hpp"
#include "cuda/window_products.hpp"

namespace halfulp::tests {
namespace {

struct narrow_comparison {
  comparison all;
  std::int64_t left = 0, planned = 0, asked = 0;  // sums, and products
  std::int64_t by_residues() const { return planned - asked; }
  narrow_comparison& operator+=(const narrow_comparison& o) {
    all += o.all;
    left += o.left;
    planned += o.planned;
    asked += o.asked;
    return *this;
  }
};

/// conv2d and its input gradient.
template <class T, class Draw>
narrow_comparison compare_convolution_narrow(const convolution& c, bool forced, Draw draw) {
  narrow_comparison result;
  result.all = compare_convolution_products<T>(c, false, draw, [&](const auto& p, const auto& queue) {
    const narrow_outcome o = round_by_narrow_residues(p, forced, queue);
    if (!o.planned || o.asked) kernels::round_products(p, queue);
    result.left += o.left;
    result.planned += o.planned ? 1 : 0;
    result.asked += o.asked ? 1 : 0;
  });
  return result;
}

convolution layer(std::int64_t n, std::int64_t inputs, std::int64_t size, std::int64_t outputs, std::int64_t kernel,
                  std::int64_t padding) {
  convolution c;
  c.n = n;
  c.group_inputs = inputs;
  c.h = size;
  c.w = size + 3;
  c.group_outputs = outputs;
  c.kernel = {kernel, kernel};
  c.padding = {padding, padding, padding, padding};
  return c;
}

template <class T>
void compare_every_kind(std::uint64_t number) {
  HALFULP_RANDOM(r, number);
  for (const content kind : every_content)
    for (const bool forced : {true, false}) {
      narrow_comparison all;
      for (std::int64_t k = 0; k < repeats(8, 1); ++k) {
        const convolution c = k % 3 == 2 ? grouped_convolution(r) : random_convolution(r);
        all += compare_convolution_narrow<T>(c, forced, [&](const extents& s) { return random_tensor<T>(r, kind, s); });
      }
      CAPTURE(static_cast<int>(kind), forced, all.all.first_wrong);
      check_bits(all.all, 1);
    }
}

template <class T>
void compare_layers(std::uint64_t number) {
  HALFULP_RANDOM(r, number);
  // Slow tools see contents that little of is left to repair.
  const auto kinds = scaled(1, 0) == 1
                         ? std::vector{content::uniform, content::integers, content::wide, content::specials}
                         : std::vector{content::uniform};
  for (const content kind : kinds) {
    narrow_comparison all;
    std::int64_t forced_by_residues = 0;
    for (const convolution& c :
         {layer(scaled(3, 1), 40, scaled(41, 9), 70, 3, 1), layer(1, scaled(150, 70), scaled(20, 8), 65, 3, 0),
          layer(scaled(2, 1), 33, scaled(30, 7), 130, 1, 0), layer(1, 20, scaled(30, 9), 40, 5, 4)})
      for (const bool forced : {true, false}) {
        const auto one =
            compare_convolution_narrow<T>(c, forced, [&](const extents& s) { return random_tensor<T>(r, kind, s); });
        if (forced) forced_by_residues += one.by_residues();
        all += one;
      }
    CAPTURE(static_cast<int>(kind), all.all.first_wrong);
    check_bits(all.all, 1);
    if (kind != content::specials) CHECK(forced_by_residues == 8);
    CHECK(all.planned == 16);
  }
}

/// A layer of 64 channels by residues until so many outputs of each op are compared: uniform numbers, those of eight binades,
/// and integers.
template <class T>
void compare_campaign(random_source& r) {
  const convolution c = layer(16, 64, 55, 64, 3, 1);
  const auto compare_outputs = [&](const std::string& of, std::int64_t outputs, auto draw) {
    narrow_comparison all;
    while (all.all.outputs < 2 * outputs) all += compare_convolution_narrow<T>(c, true, draw);
    report("conv2d and its input gradient", dtype_of<T>, ", by residues, " + of, all.all);
  };
  compare_outputs("uniform", of_others, tensors_of<T>([&] { return r.uniform(); }));
  compare_outputs("eight binades", 1,
                  tensors_of<T>([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 8))); }));
  compare_outputs("integers", 1, tensors_of<T>([&] { return static_cast<double>(r.between(-8, 8)); }));
}

}  // namespace

TEST_CASE("cuda campaign: conv2d and its input gradient by residues of short numbers", "[.campaign]") {
  HALFULP_RANDOM(r, 67);
  compare_campaign<float16>(r);
  compare_campaign<bfloat16>(r);
}

TEST_CASE("cuda narrow residues: float16 convolutions and input gradients of every kind have the bits of the CPU") {
  compare_every_kind<float16>(2);
}
TEST_CASE("cuda narrow residues: bfloat16 convolutions and input gradients of every kind have the bits of the CPU") {
  compare_every_kind<bfloat16>(3);
}

TEST_CASE("cuda narrow residues: float16 layers of many tiles, slabs and rows have the bits of the CPU") {
  compare_layers<float16>(5);
}
TEST_CASE("cuda narrow residues: bfloat16 layers of many tiles, slabs and rows have the bits of the CPU") {
  compare_layers<bfloat16>(6);
}

TEST_CASE("cuda narrow residues: tiles that two blocks share have the bits of the CPU") {
  HALFULP_RANDOM(r, 11);
  const convolution c = layer(scaled(5, 1), 33, scaled(40, 8), 130, 3, 1);
  const auto uniform = [&] { return r.uniform(); };
  check_bits(compare_convolution_narrow<float16>(c, true, tensors_of<float16>(uniform)).all, 1);
  check_bits(compare_convolution_narrow<bfloat16>(c, true, tensors_of<bfloat16>(uniform)).all, 1);
}

TEST_CASE("cuda narrow residues: sparse images, and sums that are often 0, have the bits of the CPU") {
  HALFULP_RANDOM(r, 7);
  const convolution c = layer(1, scaled(48, 20), scaled(24, 8), 64, 3, 1);
  for (const bool forced : {true, false}) {
    const auto sparse = [&] { return r.between(0, 9) > 0 ? 0. : r.uniform(); };
    const auto few = [&] { return static_cast<double>(r.between(-1, 1)); };
    check_bits(compare_convolution_narrow<float16>(c, forced, tensors_of<float16>(sparse)).all, 1);
    check_bits(compare_convolution_narrow<float16>(c, forced, tensors_of<float16>(few)).all, 1);
    check_bits(compare_convolution_narrow<bfloat16>(c, forced, tensors_of<bfloat16>(few)).all, 1);
  }
}

TEST_CASE("cuda narrow residues: numbers of one size leave few sums, and ask for no tiles") {
  HALFULP_RANDOM(r, 8);
  const convolution c = layer(2, 64, scaled(40, 12), 64, 3, 1);
  const auto uniform = [&] { return r.uniform(); };
  const auto spread = [&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 4))); };
  const auto check_few = [](const narrow_comparison& all) {
    CAPTURE(all.left, all.all.outputs, all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.planned == 2);
    CHECK(all.asked == 0);
    CHECK(all.left <= all.all.outputs / 200);
  };
  check_few(compare_convolution_narrow<float16>(c, false, tensors_of<float16>(spread)));
  check_few(compare_convolution_narrow<float16>(c, false, tensors_of<float16>(uniform)));
  check_few(compare_convolution_narrow<bfloat16>(c, false, tensors_of<bfloat16>(uniform)));
}

TEST_CASE("cuda narrow residues: what the integers of an image lose is part of the bound") {
  HALFULP_RANDOM(r, 12);
  const convolution c = layer(scaled(4, 1), 32, scaled(40, 20), 64, 3, 1);
  // Ones cancel in a sum of weights 1 and -1, and leave small numbers of which an integer keeps three bits.
  const auto all = compare_convolution_narrow<bfloat16>(c, false, [&](const extents& shape) {
    tensor t(dtype::bfloat16, shape);
    for (bfloat16& x : t.elements<bfloat16>())
      x = narrow<bfloat16>(shape.rank == 1             ? 0
                           : shape == c.weight_shape() ? (r.between(0, 1) == 0 ? 1 : -1)
                           : r.between(0, 29) == 0     ? std::ldexp(1.5 + r.uniform() / 2, -23)
                                                       : 1);
    return t;
  });
  CAPTURE(all.left, all.all.outputs, all.all.first_wrong);
  check_bits(all.all, 1);
  CHECK(all.planned == 2);
  CHECK(all.asked == 0);
}

TEST_CASE("cuda narrow residues: what residues would leave is left to tiles") {
  HALFULP_RANDOM(r, 9);
  const convolution c = layer(1, scaled(40, 20), scaled(20, 6), scaled(64, 33), 3, 1);
  const auto check_asked = [&]<class T>(T, const std::string& of, bool has_integers, auto element) {
    for (const bool forced : {true, false}) {
      const auto all = compare_convolution_narrow<T>(c, forced, tensors_of<T>(element));
      CAPTURE(of, forced, all.left, all.planned, all.all.first_wrong);
      check_bits(all.all, 1);
      CHECK(all.asked == (forced && has_integers ? 0 : 2));
      CHECK(all.planned == 2);
    }
  };
  check_asked(bfloat16{}, "a hundred binades", true,
              [&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 100))); });
  check_asked(float16{}, "an infinity", false, [&] { return r.between(0, 999) == 0 ? INFINITY : r.uniform(); });
  check_asked(bfloat16{}, "no integers", false, [&] { return r.uniform() * 0x1p-120; });
  check_asked(float16{}, "outliers of 16 bits", true,
              [&] { return r.between(0, 999) == 0 ? 60000. : std::ldexp(r.uniform(), -10); });
  check_asked(bfloat16{}, "a NaN", false, [&] { return r.between(0, 999) == 0 ? NAN : r.uniform(); });
}

TEST_CASE("cuda narrow residues: a layer that residues are preferred for, and ask tiles for, has the bits of the CPU") {
  HALFULP_RANDOM(r, 13);
  const convolution c = layer(scaled(16, 1), 64, scaled(55, 9), 64, 3, 1);
  const auto draw = tensors_of<bfloat16>([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 30))); });
  const tensor x = draw(c.x_shape()), weight = draw(c.weight_shape());
  check_bits(compare<op::conv2d, bfloat16>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes())), 1);
}

TEST_CASE("cuda narrow residues: the most terms, and the largest sums") {
  HALFULP_RANDOM(r, 10);
  const auto check_most = [&](auto draw) {
    for (const convolution& c : {layer(1, 455, 4, 3, 3, 1), layer(1, 4096, 3, 3, 1, 0)}) {
      const auto most = compare_convolution_narrow<bfloat16>(c, true, draw);
      CAPTURE(most.all.first_wrong);
      check_bits(most.all, 1);
      CHECK(most.planned == 2);
    }
  };
  check_most(tensors_of<bfloat16>([&] { return r.uniform(); }));
  check_most(tensors_of<bfloat16>([] { return 0x1.fep0; }));
  const convolution beyond = layer(1, 4097, 3, 3, 1, 0);
  CHECK(compare_convolution_narrow<bfloat16>(beyond, true, tensors_of<bfloat16>([&] { return r.uniform(); })).planned ==
        1);
}

}  // namespace halfulp::tests
