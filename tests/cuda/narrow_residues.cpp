// Products of short numbers by residues on the GPU, of every shape and content, those included that are faster in other ways.
#include "cuda/narrow_residues.hpp"

#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

#include "cuda/campaign.hpp"
#include "cuda/convolutions.hpp"

namespace halfulp::tests {
namespace {

using kernels::window_product;

template <class T>
std::vector<window_product<T>> products_for(const op::conv2d::args<T>& a, T* out) {
  return {kernels::product_of(a, out)};
}
template <class T>
std::vector<window_product<T>> products_for(const op::conv2d_input_grad::args<T>& a, T* out) {
  return kernels::products_of(a, out);
}

struct narrow_comparison {
  comparison all;
  std::int64_t left = 0, planned = 0, asked = 0;
  narrow_comparison& operator+=(const narrow_comparison& o) {
    all += o.all;
    left += o.left;
    planned += o.planned;
    asked += o.asked;
    return *this;
  }
};

template <class Op, class T>
narrow_comparison compare_narrow(const call& c, bool forced) {
  const auto a = Op::template bind<T>(c);
  const auto type = Op::outputs(a).at(0);
  const tensor want(type.type, type.shape);
  kernels::compute<Op, T>(a, std::vector{want.view()});
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_outputs out({type});
  const device_queue queue;
  narrow_comparison result;
  for (const auto& p : products_for(device, static_cast<T*>(out.view[0].data))) {
    narrow_outcome o;
    if (p.depth() > 0 && p.sums() > 0) o = round_by_narrow_residues(p, forced, queue.get());
    if (!o.planned || o.asked) kernels::round_products(p, queue.get());
    result.left += o.left;
    result.planned += o.planned ? 1 : 0;
    result.asked += o.asked ? 1 : 0;
  }
  const tier_counts decided = queue.finish();
  result.all = compare_bits(Op::name, *out.memory[0], want);
  result.all.decided = decided;
  return result;
}

/// conv2d and its input gradient.
template <class T, class Draw>
narrow_comparison compare_convolution_narrow(const convolution& c, bool forced, Draw draw) {
  const tensor x = draw(c.x_shape()), weight = draw(c.weight_shape()), dy = draw(c.y_shape()),
               bias = draw({c.outputs()});
  narrow_comparison all;
  named_arguments named = c.attributes();
  named["bias"] = {bias.view()};
  all += compare_narrow<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, named), forced);
  named = c.attributes();
  named["input_shape"] = convolution::list(c.x_shape());
  all += compare_narrow<op::conv2d_input_grad, T>(
      call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named), forced);
  return all;
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

/// Elements that `draw` gives.
template <class T, class Draw>
auto tensors_of(Draw draw) {
  return [draw](const extents& shape) {
    tensor t(dtype_of<T>, shape);
    for (T& x : t.elements<T>()) x = narrow<T>(draw());
    return t;
  };
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
  // Slow tools see the kernels with one content.
  const auto kinds = scaled(1, 0) == 1
                         ? std::vector{content::uniform, content::integers, content::wide, content::specials}
                         : std::vector{content::specials};
  for (const content kind : kinds) {
    narrow_comparison all;
    for (const convolution& c :
         {layer(scaled(3, 1), 40, scaled(41, 9), 70, 3, 1), layer(1, scaled(150, 70), scaled(20, 8), 65, 3, 0),
          layer(scaled(2, 1), 33, scaled(30, 7), 130, 1, 0), layer(1, 20, scaled(30, 9), 40, 5, 4)})
      for (const bool forced : {true, false})
        all += compare_convolution_narrow<T>(c, forced, [&](const extents& s) { return random_tensor<T>(r, kind, s); });
    CAPTURE(static_cast<int>(kind), all.all.first_wrong);
    check_bits(all.all, 1);
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
  const convolution c = layer(1, 40, scaled(20, 9), 64, 3, 1);
  const auto check_asked = [](const std::string& of, const narrow_comparison& all) {
    CAPTURE(of, all.left, all.planned, all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.asked == 2);
  };
  check_asked("a hundred binades", compare_convolution_narrow<bfloat16>(
                                       c, false, tensors_of<bfloat16>([&] {
                                         return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 100)));
                                       })));
  check_asked("an infinity",
              compare_convolution_narrow<float16>(
                  c, false, tensors_of<float16>([&] { return r.between(0, 999) == 0 ? INFINITY : r.uniform(); })));
  check_asked("no integers", compare_convolution_narrow<bfloat16>(
                                 c, false, tensors_of<bfloat16>([&] { return r.uniform() * 0x1p-120; })));
  check_asked("outliers of 16 bits", compare_convolution_narrow<float16>(c, false, tensors_of<float16>([&] {
                                                                           return r.between(0, 999) == 0
                                                                                      ? 60000.
                                                                                      : std::ldexp(r.uniform(), -10);
                                                                         })));
  check_asked("a NaN", compare_convolution_narrow<bfloat16>(
                           c, false, tensors_of<bfloat16>([&] { return r.between(0, 999) == 0 ? NAN : r.uniform(); })));
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
