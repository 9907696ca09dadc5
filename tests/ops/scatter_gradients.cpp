// The gradients of index_add, index_put and put_along_axis.
#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using doubles = std::vector<double>;

template <class T = double>
std::vector<T> gradient(std::string_view op, const argument::list& arguments) {
  return values_of<T>(output_of(op, call_of(op, arguments)));
}
tensor at(const std::vector<std::int64_t>& index) {
  return make_tensor<std::int64_t>({static_cast<std::int64_t>(index.size())}, index);
}
template <class T = double>
tensor row(const std::vector<T>& values) {
  return make_tensor<T>({static_cast<std::int64_t>(values.size())}, values);
}

/// Arguments of put_along_axis where everything goes along one axis, with dy first.
struct along {
  doubles dy, x;
  std::vector<std::int64_t> index;
  doubles values;

  argument::list of(const char* how, bool include_self) const {
    return {{keep(row(dy))},   {keep(row(x))},     {keep(at(index))}, {keep(row(values))},
            {std::int64_t{0}}, {std::string(how)}, {include_self}};
  }
  doubles dx(const char* how, bool include_self = true) const {
    return gradient("put_along_axis_x_grad", of(how, include_self));
  }
  doubles dvalues(const char* how, bool include_self = true) const {
    return gradient("put_along_axis_values_grad", of(how, include_self));
  }
  tensor_view keep(const tensor& t) const {
    kept.push_back(t);
    return t.view();
  }

  mutable std::vector<tensor> kept{};  // owns what the arguments view
};

const double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("gradient of put_along_axis: a product with a zero value gives 6, 0, 0") {
  const along a{{1}, {1}, {0, 0, 0}, {0, 2, 3}};
  CHECK(a.dvalues("mul") == doubles{6, 0, 0});
  CHECK(a.dx("mul") == doubles{0});
  CHECK(a.dvalues("mul", false) == doubles{6, 0, 0});
  const along two{{1}, {5}, {0, 0}, {0, 0}};
  CHECK(two.dvalues("mul") == doubles{0, 0});
  CHECK(along{{7, 2}, {1, 4}, {1, 1}, {3, 5}}.dx("mul") == doubles{7, 30});
  CHECK(along{{7, 2}, {1, 4}, {1, 1}, {3, 5}}.dx("mul", false) == doubles{7, 0});
}

TEST_CASE("gradient of put_along_axis: ties of extremes have equal shares") {
  const along a{{6, 5}, {1, 9}, {0, 0, 0}, {1, 2, 1}};
  CHECK(a.dx("amin") == doubles{2, 5});
  CHECK(a.dvalues("amin") == doubles{2, 0, 2});
  CHECK(a.dvalues("amin", false) == doubles{3, 0, 3});
  CHECK(a.dx("amin", false) == doubles{0, 5});
  CHECK(a.dvalues("amax") == doubles{0, 6, 0});
  CHECK(along{{1}, {0}, {0, 0}, {-0.0, 0}}.dvalues("amax") == doubles{1.0 / 3, 1.0 / 3});  // zeros are the same number
  CHECK(along{{6}, {1}, {0, 0, 0}, {nan, 2, nan}}.dvalues("amin") ==
        doubles{3, 0, 3});  // what the result is taken from
}

TEST_CASE("gradient of put_along_axis: assignment gives all to the last, and nothing to what was there") {
  const along a{{3, 5}, {1, 1}, {0, 0}, {7, 8}};
  CHECK(a.dvalues("assign") == doubles{0, 3});
  CHECK(a.dx("assign") == doubles{0, 5});
}

TEST_CASE("gradient of put_along_axis: sums and means") {
  const along a{{3, 5}, {1, 1}, {0, 0}, {7, 8}};
  CHECK(a.dvalues("add") == doubles{3, 3});
  CHECK(a.dx("add") == doubles{3, 5});
  CHECK(a.dx("add", false) == doubles{0, 5});
  CHECK(a.dvalues("mean") == doubles{1, 1});
  CHECK(a.dvalues("mean", false) == doubles{1.5, 1.5});
  CHECK(a.dx("mean") == doubles{1, 5});
  CHECK(a.dx("mean", false) == doubles{0, 5});
}

TEST_CASE("gradient of put_along_axis: a value that is broadcast gets the exact sum of what its copies get") {
  const auto dy = make_tensor<double>({2, 2}, {1e300, 1, 0x1p-60, -1e300}), x = tensor(dtype::float64, {2, 2});
  const auto index = make_tensor<std::int64_t>({2, 2}, {0, 0, 1, 1});
  const auto number = make_tensor<double>({}, {2});
  CHECK(gradient("put_along_axis_values_grad",
                 {{dy.view()}, {x.view()}, {index.view()}, {number.view()}, {std::int64_t{0}}, {std::string("add")}}) ==
        doubles{1});
  // means of 2 each: half of the sum, in one rounding
  CHECK(
      gradient("put_along_axis_values_grad",
               {{dy.view()}, {x.view()}, {index.view()}, {number.view()}, {std::int64_t{0}}, {std::string("mean")}}) ==
      doubles{0.5});
}

TEST_CASE("gradient of put_along_axis: products neither under- nor overflow on the way") {
  const along a{{0x1p-1074}, {0x1p1000}, {0, 0}, {0x1p1000, 0x1p-1000}};
  CHECK(a.dvalues("mul") == doubles{0x1p-1074, 0x1p926});
  CHECK(a.dx("mul") == doubles{0x1p-1074});
  const double just_above = 1 + 0x1p-52;
  CHECK(along{{just_above * 0x1p-530}, {just_above * 0x1p-530}, {0, 0}, {0x1p1000, 1}}.dvalues("mul")[1] ==
        (1 + 0x1p-51) * 0x1p-60);
  CHECK(std::isnan(along{{1}, {INFINITY}, {0, 0}, {0, 2}}.dvalues("mul")[1]));
}

TEST_CASE("gradient of put_along_axis: homogeneous reductions take as much from their terms as they give") {
  HALFULP_RANDOM(r, 97);
  for (std::int64_t round = 0; round < repeats(40); ++round)
    for (const char* how : {"assign", "add", "mean", "amin", "amax"})
      for (const bool include_self : {true, false}) {
        along a;
        std::vector<int> count(5, 1);
        for (int k = 0; k < 5; ++k) {
          a.dy.push_back(static_cast<double>(27720 * r.between(-9, 9)));  // divisible by every count up to 12
          a.x.push_back(static_cast<double>(r.between(-3, 3)));
        }
        for (int k = 0; k < 14; ++k) {
          const auto t = r.between(0, 4);
          if (++count[static_cast<std::size_t>(t)] > 12) continue;
          a.index.push_back(t);
          a.values.push_back(static_cast<double>(r.between(-3, 3)));
        }
        auto arguments = a.of(how, include_self);
        arguments.erase(arguments.begin());
        const auto y = values_of<double>(output_of("put_along_axis", call_of("put_along_axis", arguments)));
        const auto dx = a.dx(how, include_self), dvalues = a.dvalues(how, include_self);
        double given = 0, taken = 0;
        for (std::size_t k = 0; k < y.size(); ++k) given += a.dy[k] * y[k];
        for (std::size_t k = 0; k < dx.size(); ++k) taken += dx[k] * a.x[k];
        for (std::size_t k = 0; k < dvalues.size(); ++k) taken += dvalues[k] * a.values[k];
        INFO(how << ", include_self " << include_self);
        CHECK(taken == Approx(given).margin(1e-6));
      }
}

TEST_CASE("gradient of index_add: alpha times the gradient of the element that was added to") {
  const auto dy = make_tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6}), x = tensor(dtype::float32, {3, 2});
  const auto value = tensor(dtype::float32, {4, 2});
  const auto index = at({2, 0, 2, 1});
  const argument::list a{{dy.view()}, {x.view()}, {index.view()}, {std::int64_t{0}}, {value.view()}};
  CHECK(gradient<float>("index_add_value_grad", a) == std::vector<float>{5, 6, 1, 2, 5, 6, 3, 4});
  auto third = a;
  third.push_back({1.0 / 3});
  CHECK(gradient<float>("index_add_value_grad", third)[0] == static_cast<float>(5.0 / 3));
  CHECK(gradient<float>(
            "index_add_value_grad",
            {{dy.view()}, {x.view()}, {at({}).view()}, {std::int64_t{0}}, {tensor(dtype::float32, {0, 2}).view()}})
            .empty());
}

TEST_CASE("gradient of index_put: zero where something is put, the last duplicate has all of it") {
  const auto dy = row<double>({1, 2, 3}), x = row<double>({0, 0, 0});
  const auto index = at({2, 0, -1});
  const argument indices{argument::list{{index.view()}}};
  const auto value = row<double>({7, 8, 9});
  const auto arguments = [&](const tensor& v, bool accumulate) {
    return argument::list{{dy.view()}, {x.view()}, indices, {v.view()}, {accumulate}};
  };
  CHECK(gradient("index_put_x_grad", arguments(value, false)) == doubles{0, 2, 0});
  CHECK(gradient("index_put_x_grad", arguments(value, true)) == doubles{1, 2, 3});
  CHECK(gradient("index_put_value_grad", arguments(value, false)) == doubles{0, 1, 3});
  CHECK(gradient("index_put_value_grad", arguments(value, true)) == doubles{3, 1, 3});
  const auto one = make_tensor<double>({}, {1});
  CHECK(gradient("index_put_value_grad", arguments(one, true)) == doubles{7});
  CHECK(gradient("index_put_value_grad", arguments(one, false)) == doubles{4});
  using complex = std::complex<float>;
  const auto cdy = row<complex>({{1, 2}, {3, 4}, {5, 6}}), cx = row<complex>({0, 0, 0}), cv = row<complex>({1, 1, 1});
  CHECK(gradient<complex>("index_put_value_grad", {{cdy.view()}, {cx.view()}, indices, {cv.view()}, {true}}) ==
        std::vector<complex>{{5, 6}, {1, 2}, {5, 6}});
}

TEST_CASE("gradients of scatters: empty shapes give zeros of the argument's shape, every element initialised") {
  struct shapes {
    extents x, index, values;
  };
  for (const auto& [x, index, values] : {shapes{{0, 3}, {0, 3}, {0, 3}}, shapes{{2, 3}, {0, 3}, {0, 3}},
                                         shapes{{2, 3}, {2, 0}, {2, 0}}, shapes{{2, 3}, {0, 3}, {1, 3}}}) {
    const std::int64_t axis = index[1] == 0 ? 1 : 0;
    const tensor dy(dtype::float32, x), before(dtype::float32, x), at(dtype::int64, index), v(dtype::float32, values);
    for (float& d : dy.elements<float>()) d = 2;
    for (const char* how : {"assign", "add", "mul", "mean", "amin", "amax"}) {
      const argument::list a{{dy.view()}, {before.view()}, {at.view()}, {v.view()}, {axis}, {std::string(how)}};
      CHECK(gradient<float>("put_along_axis_x_grad", a) == values_of<float>(dy));
      const tensor dv = output_of("put_along_axis_values_grad", call_of("put_along_axis_values_grad", a));
      CHECK(dv.shape() == values);
      for (const float d : dv.elements<float>()) CHECK(d == 0);
    }
  }
  const auto empty = at({});
  const tensor x(dtype::float32, {3}), one(dtype::float32, {1});
  const argument::list a{{x.view()}, {x.view()}, {argument::list{{empty.view()}}}, {one.view()}, {true}};
  CHECK(gradient<float>("index_put_value_grad", a) == std::vector<float>{0});
  CHECK(gradient<float>("index_put_x_grad", a) == std::vector<float>{0, 0, 0});
}

TEST_CASE("gradients of scatters: dy must have the shape of x") {
  const auto x = row<double>({1, 2}), dy = row<double>({1});
  const auto index = at({0});
  CHECK(
      refusal_of("put_along_axis_x_grad", {{dy.view()}, {x.view()}, {index.view()}, {dy.view()}, {std::int64_t{0}}}) ==
      "put_along_axis_x_grad: dy.shape[0] is 1, required is 2; dy must have the shape of x");
}

}  // namespace halfulp::tests
