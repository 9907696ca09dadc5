#include <halfulp/oracle/ops/put_along_axis.hpp>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

const tensor x23 = make_tensor<float>({2, 3}, {10, 30, 20, 60, 40, 50});

tensor y_of(const argument::list& arguments) {
  return output_of("put_along_axis", call_of("put_along_axis", arguments));
}
template <class T>
std::vector<T> put(const argument::list& arguments) {
  return values_of<T>(y_of(arguments));
}
argument::list arguments(const tensor& x, const tensor& index, const tensor& values, std::int64_t axis, const char* how,
                         bool include_self = true, bool broadcast = true) {
  return {{x.view()}, {index.view()}, {values.view()}, {axis}, {std::string(how)}, {include_self}, {broadcast}};
}

/// All values to the one element of x.
template <class T>
T reduced(T x, const std::vector<T>& values, const char* how, bool include_self = true) {
  const auto n = static_cast<std::int64_t>(values.size());
  return put<T>(arguments(make_tensor<T>({1}, {x}), tensor(dtype::int64, {n}), make_tensor<T>({n}, values), 0, how,
                          include_self))[0];
}
/// The same in every order of the values.
template <class T>
bits_t<T> bits_in_any_order(T x, std::vector<T> values, const char* how, bool include_self = true) {
  const auto less = [](T a, T b) { return to_bits(a) < to_bits(b); };
  std::sort(values.begin(), values.end(), less);
  const bits_t<T> first = to_bits(reduced(x, values, how, include_self));
  while (std::next_permutation(values.begin(), values.end(), less))
    CHECK(to_bits(reduced(x, values, how, include_self)) == first);
  return first;
}
float16 h(double x) {
  return narrow<float16>(x);
}

}  // namespace

TEST_CASE("put_along_axis: what is put where, as worked out by hand") {
  const auto zero = make_tensor<std::int64_t>({1, 1}, {0});
  const auto number = make_tensor<float>({}, {99});
  CHECK(put<float>(arguments(x23, zero, number, 0, "assign")) == std::vector<float>{99, 99, 99, 60, 40, 50});
  CHECK(put<float>(arguments(x23, zero, number, 1, "assign")) == std::vector<float>{99, 30, 20, 99, 40, 50});
  CHECK(put<float>({{x23.view()}, {zero.view()}, {0.5}, {std::int64_t{-1}}}) ==
        std::vector<float>{0.5f, 30, 20, 0.5f, 40, 50});
  const auto column = make_tensor<std::int32_t>({2, 1}, {2, 0});
  CHECK(put<float>(arguments(x23, column, make_tensor<float>({2, 1}, {1, 2}), 1, "assign")) ==
        std::vector<float>{10, 30, 1, 2, 40, 50});
  const auto longer = make_tensor<std::int64_t>({4, 3}, {0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0});  // more than x has rows
  CHECK(put<float>(arguments(x23, longer, make_tensor<float>({1}, {1}), 0, "add")) ==
        std::vector<float>{12, 31, 24, 62, 43, 50});
}

TEST_CASE("put_along_axis: reductions of duplicates, as worked out by hand") {
  const auto zeros = make_tensor<std::int64_t>({2, 2}, {0, 0, 0, 0});
  const auto values = make_tensor<float>({2, 2}, {1, 2, 3, 4});
  const auto put_corner = [&](const char* how, bool include_self) {
    return put<float>(arguments(x23, zeros, values, 0, how, include_self, false));
  };
  CHECK(put_corner("assign", true) == std::vector<float>{3, 4, 20, 60, 40, 50});  // the last wins
  CHECK(put_corner("add", true) == std::vector<float>{14, 36, 20, 60, 40, 50});
  CHECK(put_corner("add", false) == std::vector<float>{4, 6, 20, 60, 40, 50});
  CHECK(put_corner("mul", true) == std::vector<float>{30, 240, 20, 60, 40, 50});
  CHECK(put_corner("multiply", false) == std::vector<float>{3, 8, 20, 60, 40, 50});
  CHECK(put_corner("mean", true) == std::vector<float>{14.0f / 3, 12, 20, 60, 40, 50});
  CHECK(put_corner("mean", false) == std::vector<float>{2, 3, 20, 60, 40, 50});
  CHECK(put_corner("amin", true) == std::vector<float>{1, 2, 20, 60, 40, 50});
  CHECK(put_corner("amax", true) == std::vector<float>{10, 30, 20, 60, 40, 50});
  CHECK(put_corner("amax", false) == std::vector<float>{3, 4, 20, 60, 40, 50});
}

TEST_CASE("put_along_axis: a sum of -0 alone is -0, also without what was there") {
  CHECK(to_bits(reduced<float>(1, {-0.0f, -0.0f}, "add", false)) == to_bits(-0.0f));
  CHECK(to_bits(reduced<float>(1, {-0.0f, 0.0f}, "add", false)) == to_bits(0.0f));
  CHECK(to_bits(reduced<double>(1, {-0.0}, "add", false)) == to_bits(-0.0));
}

TEST_CASE("put_along_axis: without broadcast the leading corners of x and values take part") {
  const auto index = make_tensor<std::int64_t>({1, 2}, {1, 0});
  const auto values = make_tensor<float>({2, 3}, {1, 2, 7, 3, 4, 8});
  CHECK(put<float>(arguments(x23, index, values, 0, "assign", true, false)) ==
        std::vector<float>{10, 2, 20, 1, 40, 50});
  CHECK(put<float>(arguments(x23, index, values, 1, "assign", true, false)) ==
        std::vector<float>{2, 1, 20, 60, 40, 50});
}

TEST_CASE("put_along_axis: the mean of four 60000 in float16 is 60000, as no sum overflows on the way") {
  CHECK(reduced(h(60000), {h(60000), h(60000), h(60000)}, "mean") == h(60000));
  CHECK(reduced(h(1), {h(60000), h(60000), h(60000), h(60000)}, "mean", false) == h(60000));
  CHECK(reduced<float>(3e38f, {3e38f, 3e38f}, "mean") == 3e38f);
  CHECK(reduced<double>(1e308, {1e308, 1e308}, "mean") == 1e308);
}

TEST_CASE("put_along_axis: a mean is the exact sum over the count, rounded once") {
  CHECK(reduced<float>(1, {0x1p-24f * 3}, "mean") == 0.5f + 0x1p-23f);           // 1.5 units above 1/2: a tie, to even
  CHECK(reduced<double>(1, {1, 1 + 0x1p-52}, "mean") == 1);                      // 1 + 2^-52 / 3
  CHECK(reduced<double>(1, {1 + 0x1p-52, 1 + 0x1p-52}, "mean") == 1 + 0x1p-52);  // 1 + 2^-52 2 / 3
  CHECK(reduced<double>(1, {1 + 0x1p-52}, "mean") == 1);                         // a tie, to even
  CHECK(reduced<double>(1 + 0x1p-52, {1 + 0x1p-51}, "mean") == 1 + 0x1p-51);     // a tie, to even
  CHECK(reduced<double>(0x1p-1074, {0, 0}, "mean") == 0);                        // a third of the least number
  CHECK(to_bits(reduced<double>(-0x1p-1074, {0, 0}, "mean")) == to_bits(-0.0));
  CHECK(to_bits(reduced<float>(-0.0f, {-0.0f, -0.0f}, "mean")) == to_bits(-0.0f));
  CHECK(to_bits(reduced<float>(1, {INFINITY, -INFINITY}, "mean")) == to_bits(canonical_nan<float>()));
  CHECK(reduced<float>(1, {INFINITY}, "mean") == INFINITY);
}

TEST_CASE("put_along_axis: a product is exact and rounded once, whatever lies between") {
  CHECK(reduced<float>(0x1p100f, {0x1p100f, 0x1p-100f, 0x1p-100f}, "mul") == 1);
  CHECK(reduced<float>(0x1p-100f, {0x1p-100f, 0x1p100f}, "mul") == 0x1p-100f);
  CHECK(reduced<double>(0x1p1000, {0x1p1000, 0x1p-1000, 3}, "mul") == 0x1.8p1001);
  CHECK(reduced<float>(0x1p-140f, {0x1.8p-9f}, "mul") == 0x1p-148f);  // 1.5 units of the least: a tie, to even
  CHECK(reduced<float>(0x1p-140f, {0x1p-10f}, "mul") == 0);           // half the least: a tie, to even
  CHECK(reduced<float>(0x1p-140f, {0x1.000002p-10f}, "mul") == 0x1p-149f);
  CHECK(reduced<float>(1 + 0x1p-12f, {1 + 0x1p-12f}, "mul") == 1 + 0x1p-11f);  // 1 + 2^-11 + 2^-24: a tie
  CHECK(reduced<float>(1 + 0x1p-12f, {1 + 0x1p-12f, 1 + 0x1p-23f}, "mul") == 1 + 0x1p-11f + 0x1p-22f);
  CHECK(reduced<double>(0x1p-1074, {0.5, 2}, "mul") == 0x1p-1074);
  CHECK(reduced<double>(0x1p-1074, {1.5}, "mul") == 0x1p-1073);                            // a tie, to even
  CHECK(reduced<double>(0x1p-1074, {1.5, 1 + 0x1p-30, 1 - 0x1p-30}, "mul") == 0x1p-1074);  // below it by 2^-60 of it
  CHECK(reduced<float>(0x1p127f, {2, -1}, "mul") == -INFINITY);
  CHECK(to_bits(reduced<float>(0, {-2}, "mul")) == to_bits(-0.0f));
  CHECK(to_bits(reduced<float>(0, {INFINITY}, "mul")) == to_bits(canonical_nan<float>()));
  CHECK(reduced<float>(-2, {INFINITY}, "mul") == -INFINITY);
}

TEST_CASE("put_along_axis: a product of a hundred thousand factors neither under- nor overflows on the way") {
  std::vector<double> factors{3};
  for (int k = 0; k < 40000; ++k) factors.insert(factors.end(), {0x1p-1074, 0x1p1023, 0x1p51});
  CHECK(reduced<double>(1, factors, "mul") == 3);
  factors.push_back(1.0 / 3);
  CHECK(reduced<double>(1, factors, "mul") == 1);  // 1 - 2^-54: a tie, to even
  factors.push_back(1 + 0x1p-52);
  CHECK(reduced<double>(1, factors, "mul") == 1 + 0x1p-52);
}

TEST_CASE("put_along_axis: extremes do not depend on the order, NaN and signed zeros among them") {
  const float nan = from_bits<float>(0xffc12345u);
  for (const char* how : {"amin", "amax"}) {
    CHECK(bits_in_any_order<float>(1, {nan, 2, -3}, how) == to_bits(canonical_nan<float>()));
    CHECK(bits_in_any_order<float>(nan, {1, 2}, how) == to_bits(canonical_nan<float>()));
  }
  CHECK(bits_in_any_order<float>(nan, {1, 2}, "amin", false) == to_bits(1.0f));
  CHECK(bits_in_any_order<float>(0, {-0.0f, 0.0f}, "amin") == to_bits(-0.0f));
  CHECK(bits_in_any_order<float>(-0.0f, {-0.0f, 0.0f}, "amax") == to_bits(0.0f));
  CHECK(bits_in_any_order<float>(0, {-INFINITY, -1}, "amin") == to_bits(-INFINITY));
  CHECK(bits_in_any_order<float16>(h(1), {h(-2), h(3)}, "amin") == h(-2).bits);
}

TEST_CASE("put_along_axis: assigned bits are moved") {
  const auto y = reduced<float>(1, {2, from_bits<float>(0xff812345u)}, "assign");
  CHECK(to_bits(y) == 0xff812345u);
}

TEST_CASE("put_along_axis: an element to which nothing goes keeps its bits") {
  const auto x = make_tensor<float>({3}, {from_bits<float>(0xffc12345u), -0.0f, 1});
  const auto index = make_tensor<std::int64_t>({1}, {2});
  for (const char* how : {"assign", "add", "mul", "mean", "amin", "amax"})
    for (const bool include_self : {true, false}) {
      const auto y = put<float>(arguments(x, index, make_tensor<float>({1}, {1}), 0, how, include_self));
      CHECK(to_bits(y[0]) == 0xffc12345u);
      CHECK(to_bits(y[1]) == to_bits(-0.0f));
    }
}

TEST_CASE("put_along_axis: integers and bools") {
  using i8 = std::int8_t;
  CHECK(reduced<i8>(100, {100, 100}, "add") == 44);
  CHECK(reduced<i8>(100, {3}, "mul") == 44);
  CHECK(reduced<i8>(5, {-128, 127}, "amin") == -128);
  CHECK(reduced<i8>(5, {-128, 127}, "amax") == 127);
  CHECK(reduced<i8>(100, {100, 101}, "mean") == 100);  // the sum does not wrap
  CHECK(reduced<i8>(-3, {0}, "mean") == -1);           // truncated toward zero
  CHECK(reduced<std::int64_t>(INT64_MAX, {INT64_MAX, INT64_MAX}, "mean") == INT64_MAX);
  CHECK(reduced<std::uint8_t>(200, {100}, "mean", false) == 100);
  CHECK(reduced<std::int64_t>(INT64_MIN, {-1}, "mul") == INT64_MIN);
  CHECK(reduced<bool>(true, {false}, "mul") == false);
  CHECK(reduced<bool>(false, {true}, "add") == true);
  CHECK(reduced<bool>(true, {false}, "amin") == false);
  CHECK(reduced<bool>(false, {true, false}, "assign") == false);
}

TEST_CASE("put_along_axis: empty shapes return what the mathematics says") {
  struct row {
    extents x, index, values;
    std::int64_t axis;
    bool broadcast, valid;
  };
  const row table[] = {
      {{0, 3}, {0, 3}, {0, 3}, 0, true, true},
      {{2, 3}, {0, 3}, {0, 3}, 0, true, true},
      {{2, 3}, {2, 0}, {2, 0}, 1, true, true},
      {{2, 0}, {2, 0}, {2, 0}, 1, true, true},
      {{2, 0}, {2, 1}, {2, 1}, 1, true, false},
      {{0, 3}, {1, 3}, {1, 3}, 0, true, false},
      {{0, 3}, {1, 3}, {}, 0, true, false},
      {{0, 3}, {0, 2}, {0, 2}, 1, true, true},
      {{2, 0}, {1, 0}, {1, 0}, 0, true, true},
      {{0}, {0}, {0}, 0, true, true},
      {{0}, {1}, {1}, 0, true, false},
      {{0, 5}, {1, 4}, {2, 5}, 0, false, false},
      {{10, 0, 10}, {5, 5, 5}, {5, 5, 5}, 1, false, false},
      {{6, 60}, {6, 4}, {0, 4}, 1, true, false},
      {{2, 0}, {2, 4}, {2, 4}, 1, true, false},
      {{2, 3}, {2, 3}, {2, 0}, 1, true, false},
  };
  for (const auto& [x, index, values, axis, broadcast, valid] : table) {
    INFO("x " << to_string(x) << ", indices " << to_string(index) << ", values " << to_string(values));
    for (const char* how : {"assign", "add", "mul", "mean", "amin", "amax"}) {
      const tensor before(dtype::float32, x), at(dtype::int64, index), put(dtype::float32, values);
      for (float& v : before.elements<float>()) v = 1.5f;
      const auto given = arguments(before, at, put, axis, how, true, broadcast);
      CHECK(refusal_of("put_along_axis", given).empty() == valid);
      const tensor dy(dtype::float32, x);
      for (float& d : dy.elements<float>()) d = 2;
      argument::list back{{dy.view()}};
      back.insert(back.end(), given.begin(), given.end());
      for (const char* op : {"put_along_axis_x_grad", "put_along_axis_values_grad"})
        CHECK(refusal_of(op, back).empty() == valid);
      if (!valid) continue;
      CHECK(values_of<float>(output_of("put_along_axis_x_grad", back)) == values_of<float>(dy));
      const tensor dvalues = output_of("put_along_axis_values_grad", back);
      CHECK(dvalues.shape() == values);
      for (const float d : dvalues.elements<float>()) CHECK(to_bits(d) == 0);
      const tensor y = y_of(given);
      CHECK(y.shape() == x);
      CHECK(values_of<float>(y) == values_of<float>(before));
    }
  }
}

TEST_CASE("put_along_axis: wrong arguments are named with their value and what is allowed") {
  const auto refusal = [](const extents& index, std::vector<std::int64_t> at, const extents& values, std::int64_t axis,
                          const char* how, bool broadcast) {
    return refusal_of("put_along_axis", arguments(x23, make_tensor(index, at), tensor(dtype::float32, values), axis,
                                                  how, true, broadcast));
  };
  const std::string out_of_range = "; every index must lie in 0 .. x.shape[axis] - 1";
  CHECK(refusal({1, 1}, {3}, {}, 1, "add", true) == "put_along_axis: index is 3, its position is 0" + out_of_range);
  CHECK(refusal({1, 1}, {-1}, {}, 1, "add", true) == "put_along_axis: index is -1, its position is 0" + out_of_range);
  CHECK(refusal({1}, {0}, {}, 1, "add", true) ==
        "put_along_axis: rank of indices is 1, rank of x is 2; indices must have as many dimensions as x");
  CHECK(
      refusal({3, 1}, {0, 0, 0}, {}, 1, "add", true) ==
      "put_along_axis: indices.shape[0] is 3, x.shape[0] is 2; beside the axis, a dimension of indices must be that of "
      "x, or 1");
  CHECK(refusal({3, 1}, {0, 0, 0}, {}, 1, "add", false) ==
        "put_along_axis: indices.shape[0] is 3, x.shape[0] is 2; without broadcast, a dimension of indices beside the "
        "axis must be at most that of x");
  CHECK(
      refusal({1, 1}, {0}, {3, 1}, 1, "add", true) ==
      "put_along_axis: values.shape[0] is 3, there is 2; values must broadcast to indices: a dimension, aligned at the "
      "right, must be the same or 1");
  CHECK(
      refusal({2, 2}, {0, 0, 0, 0}, {2, 1}, 1, "add", false) ==
      "put_along_axis: values.shape[1] is 1, indices.shape[1] is 2; without broadcast, a dimension of values must be at "
      "least that of indices");
  CHECK(refusal({1, 1}, {0}, {}, 1, "max", true) ==
        "put_along_axis: reduce is \"max\"; reduce must be assign, add, mul, multiply, mean, amin or amax");
  const auto c = make_tensor<std::complex<float>>({1}, {1});
  CHECK(refusal_of("put_along_axis", arguments(c, tensor(dtype::int64, {1}), c, 0, "amax")) ==
        "put_along_axis: reduce is \"amax\"; reduce must be assign, add or mean where x is complex");
}

TEST_CASE("put_along_axis: any permutation of the updates gives the same bits") {
  HALFULP_RANDOM(r, 79);
  for (std::int64_t round = 0; round < repeats(4); ++round)
    for (const char* how : {"add", "mul", "mean", "amin", "amax"}) {
      constexpr std::int64_t n = 400, bins = 30;
      std::vector<float> values(n);
      std::vector<std::int64_t> bin(n);
      for (std::size_t k = 0; k < n; ++k) {
        bin[k] = r.between(0, bins - 1);
        values[k] = round % 2 == 0 ? r.any<float>() : static_cast<float>(r.uniform());
      }
      std::vector<std::uint32_t> first;
      for (int permutation = 0; permutation < 3; ++permutation) {
        std::vector<std::uint32_t> got;
        for (const float y : put<float>(arguments(tensor(dtype::float32, {bins}), make_tensor<std::int64_t>({n}, bin),
                                                  make_tensor<float>({n}, values), 0, how, round % 3 != 0)))
          got.push_back(to_bits(y));
        if (permutation == 0) first = got;
        CHECK(got == first);
        for (std::size_t k = n; k-- > 1;) {
          const auto other = static_cast<std::size_t>(r.between(0, static_cast<std::int64_t>(k)));
          std::swap(values[k], values[other]);
          std::swap(bin[k], bin[other]);
        }
      }
    }
}

}  // namespace halfulp::tests
