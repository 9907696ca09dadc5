#include <halfulp/oracle/ops/index_put.hpp>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using list = argument::list;
tensor index_of(const std::vector<std::int64_t>& at) {
  return make_tensor<std::int64_t>({static_cast<std::int64_t>(at.size())}, at);
}
list indices(const std::vector<tensor>& tensors) {
  list l;
  for (const tensor& t : tensors) l.push_back({t.view()});
  return l;
}

tensor y_of(const tensor& x, const list& at, const tensor& value, bool accumulate = false) {
  return output_of("index_put", call_of("index_put", {{x.view()}, {at}, {value.view()}, {accumulate}}));
}
template <class T = float>
std::vector<T> put(const tensor& x, const list& at, const tensor& value, bool accumulate = false) {
  return values_of<T>(y_of(x, at, value, accumulate));
}
/// 0, 1, 2, ...
tensor counted(const extents& shape) {
  tensor t(dtype::float32, shape);
  float next = 0;
  for (float& v : t.elements<float>()) v = next++;
  return t;
}
/// Which elements were written, in row-major order.
std::vector<std::size_t> written(const tensor& x, const list& at) {
  std::vector<std::size_t> where;
  const auto y = put(x, at, make_tensor<float>({}, {-1}));
  for (std::size_t k = 0; k < y.size(); ++k)
    if (y[k] == -1) where.push_back(k);
  return where;
}
std::string refusal(const extents& x, const list& at, const extents& value, bool accumulate = false) {
  return refusal_of("index_put",
                    {{tensor(dtype::float32, x).view()}, {at}, {tensor(dtype::float32, value).view()}, {accumulate}});
}

}  // namespace

TEST_CASE("index_put: what is put where, as worked out by hand") {
  const tensor x = counted({3, 3});
  const tensor rows = index_of({0, 2, -1}), columns = index_of({1, -3, 0});
  const tensor value = make_tensor<float>({3}, {10, 20, 30});
  CHECK(put(x, indices({rows, columns}), value) == std::vector<float>{0, 10, 2, 3, 4, 5, 30, 7, 8});  // the last wins
  CHECK(put(x, indices({rows, columns}), value, true) == std::vector<float>{0, 11, 2, 3, 4, 5, 56, 7, 8});
  CHECK(put(x, indices({rows}), value) == std::vector<float>{10, 20, 30, 3, 4, 5, 10, 20, 30});
  CHECK(put(x, indices({rows}), value, true) == std::vector<float>{10, 21, 32, 3, 4, 5, 26, 47, 68});
}

TEST_CASE("index_put: indices are broadcast against each other") {
  const auto rows = make_tensor<std::int64_t>({2, 1}, {0, 2});
  const auto columns = make_tensor<std::int32_t>({2}, {1, 2});
  CHECK(put(counted({3, 3}), indices({rows, columns}), make_tensor<float>({2, 2}, {10, 20, 30, 40})) ==
        std::vector<float>{0, 10, 20, 3, 4, 5, 6, 30, 40});
  CHECK(put(counted({3, 3}), indices({rows, columns}), make_tensor<float>({2, 1}, {10, 20})) ==
        std::vector<float>{0, 10, 10, 3, 4, 5, 6, 20, 20});
}

TEST_CASE("index_put: a mask stands for the positions of its true elements") {
  const auto mask = make_tensor<bool>({3, 3}, {false, true, false, false, false, true, true, false, false});
  CHECK(put(counted({3, 3}), indices({mask}), make_tensor<float>({3}, {10, 20, 30})) ==
        std::vector<float>{0, 10, 2, 3, 4, 20, 30, 7, 8});
  const auto rows = make_tensor<bool>({3}, {true, false, true});
  CHECK(put(counted({3, 3}), indices({rows}), make_tensor<float>({3}, {10, 20, 30})) ==
        std::vector<float>{10, 20, 30, 3, 4, 5, 10, 20, 30});
  CHECK(put(counted({3, 3}), indices({index_of({1, 0}), rows}), make_tensor<float>({2}, {10, 20})) ==
        std::vector<float>{0, 1, 20, 10, 4, 5, 6, 7, 8});
  const auto none = make_tensor<bool>({3}, {false, false, false});
  CHECK(put(counted({3, 3}), indices({none}), make_tensor<float>({1}, {-1})) == values_of<float>(counted({3, 3})));
}

TEST_CASE("index_put: dimensions of adjacent indices stay where they are, of others come first") {
  const tensor x = counted({2, 3, 2});
  const argument whole;
  const tensor two = index_of({2, 0}), one = index_of({1});
  const list middle{whole, {two.view()}};
  // x[:, [2, 0]] has the shape (2, 2, 2)
  CHECK(put(x, middle, make_tensor<float>({2, 2, 2}, {10, 11, 12, 13, 14, 15, 16, 17})) ==
        std::vector<float>{12, 13, 2, 3, 10, 11, 16, 17, 8, 9, 14, 15});
  const tensor first = index_of({1, 0, 1}), last = index_of({0, 0, 1});
  const list apart{{first.view()}, whole, {last.view()}};
  // x[[1, 0, 1], :, [0, 0, 1]] has the shape (3, 3): a row of it is one pair of indices
  CHECK(put(x, apart, make_tensor<float>({3, 3}, {20, 21, 22, 30, 31, 32, 40, 41, 42})) ==
        std::vector<float>{30, 1, 31, 3, 32, 5, 20, 40, 21, 41, 22, 42});
  CHECK(written(x, {whole, whole, {one.view()}}) == std::vector<std::size_t>{1, 3, 5, 7, 9, 11});
}

TEST_CASE("index_put: accumulated sums are exact, 20,000 repeats in float16 among them") {
  constexpr std::int64_t n = 20000;
  const auto x = make_tensor<float16>({2}, {narrow<float16>(0), narrow<float16>(1)});
  const std::vector<float16> values(n, narrow<float16>(0.0625));
  const auto y = put<float16>(x, indices({tensor(dtype::int64, {n})}), make_tensor<float16>({n}, values), true);
  CHECK(y == std::vector<float16>{narrow<float16>(1250), narrow<float16>(1)});
  const auto bits = make_tensor<std::int8_t>({1}, {100});
  CHECK(put<std::int8_t>(bits, indices({index_of({0, 0})}), bits, true) == std::vector<std::int8_t>{44});
  const auto no = make_tensor<bool>({1}, {false}), yes = make_tensor<bool>({2}, {true, false});
  CHECK(put<bool>(no, indices({index_of({0, 0})}), yes, true) == std::vector<bool>{true});
}

TEST_CASE("index_put: every dtype is moved bit for bit, NaN payloads included, the last duplicate wins") {
  for (int k = 0; k < dtype_count; ++k)
    visit_dtype(static_cast<dtype>(k), [](auto tag) {
      using T = typename decltype(tag)::type;
      HALFULP_RANDOM(r, 83);
      tensor x(dtype_of<T>, {4}), value(dtype_of<T>, {3});
      for (const tensor& t : {x, value})
        for (auto& b : t.bytes()) b = static_cast<std::byte>(dtype_of<T> == dtype::boolean ? r.bits() & 1 : r.bits());
      const tensor y = y_of(x, indices({index_of({3, 1, 3})}), value);
      const auto same = [](const tensor& a, std::size_t i, const tensor& b, std::size_t j) {
        const auto at = [](const tensor& t, std::size_t n) { return t.bytes().subspan(n * sizeof(T), sizeof(T)); };
        return std::equal(at(a, i).begin(), at(a, i).end(), at(b, j).begin());
      };
      CHECK(same(y, 0, x, 0));
      CHECK(same(y, 1, value, 1));
      CHECK(same(y, 2, x, 2));
      CHECK(same(y, 3, value, 2));
    });
}

TEST_CASE("index_put: empty shapes return what the mathematics says") {
  struct row {
    extents x;
    std::vector<std::vector<std::int64_t>> index;
    extents value;
    bool valid;
  };
  const row table[] = {
      {{0}, {{}}, {0}, true},
      {{3}, {{}}, {0}, true},
      {{3}, {{}}, {1}, true},
      {{0}, {{0}}, {1}, false},
      {{2, 0}, {{0}}, {1, 0}, true},
      {{2, 0}, {{5}}, {1, 0}, false},
      {{2, 3}, {{}, {}}, {0}, true},
      {{2, 3}, {{}}, {0, 3}, true},
      {{3}, {{}}, {2}, false},
      {{3}, {{-1}}, {1}, true},
      {{3}, {{-4}}, {1}, false},
      {{3}, {{}}, {}, true},
      {{0, 110}, {{0}, {0}}, {1}, false},
      {{100, 0}, {{0}, {0}}, {1}, false},
  };
  for (const auto& [x, index, value, valid] : table)
    for (const bool accumulate : {false, true}) {
      INFO("x " << to_string(x) << ", value " << to_string(value) << ", accumulate " << accumulate);
      std::vector<tensor> at;
      for (const auto& i : index) at.push_back(index_of(i));
      CHECK(refusal(x, indices(at), value, accumulate).empty() == valid);
      if (!valid) continue;
      const tensor y = y_of(tensor(dtype::float32, x), indices(at), tensor(dtype::float32, value), accumulate);
      CHECK(y.shape() == x);
    }
  for (const auto& [x, index, value, valid] : table)
    for (const bool accumulate : {false, true}) {
      INFO("gradients, x " << to_string(x) << ", value " << to_string(value) << ", accumulate " << accumulate);
      std::vector<tensor> at;
      for (const auto& i : index) at.push_back(index_of(i));
      const tensor dy(dtype::float32, x), zeros(dtype::float32, value);
      for (float& d : dy.elements<float>()) d = 2;
      const list given{{dy.view()}, {dy.view()}, {indices(at)}, {zeros.view()}, {accumulate}};
      for (const char* op : {"index_put_x_grad", "index_put_value_grad"}) CHECK(refusal_of(op, given).empty() == valid);
      if (!valid) continue;
      const auto dx = values_of<float>(output_of("index_put_x_grad", given));
      CHECK(dx == (accumulate ? values_of<float>(dy) : put(dy, indices(at), zeros)));
      const tensor dvalue = output_of("index_put_value_grad", given);
      CHECK(dvalue.shape() == value);
      for (const float d : dvalue.elements<float>()) CHECK(d == (index[0].empty() ? 0 : 2));
    }
}

TEST_CASE("index_put: wrong arguments are named with their value and what is allowed") {
  const std::string range = "; every index must lie in -d .. d - 1, where d is the size of its dimension of x";
  CHECK(refusal({3}, indices({index_of({0, -4})}), {1}) == "index_put: index is -4, its position is 1" + range);
  CHECK(refusal({3}, indices({index_of({3})}), {1}) == "index_put: index is 3, its position is 0" + range);
  CHECK(refusal({2, 3}, indices({index_of({0}), index_of({3})}), {1}) ==
        "index_put: index is 3, its position is 0" + range);
  CHECK(refusal({3}, indices({tensor(dtype::boolean, {2})}), {1}) ==
        "index_put: its dimension is 2, x.shape[0] is 3; a mask must have the dimensions of x that it stands for");
  CHECK(refusal({3}, indices({tensor(dtype::boolean, {3, 1})}), {1}) ==
        "index_put: the number of indexed dimensions is 2, rank of x is 1; indices must be for at most as many "
        "dimensions as x has");
  CHECK(refusal({3}, {}, {1}) == "index_put: the number of tensors is 0; indices must hold at least one tensor");
  CHECK(refusal({3, 3}, indices({index_of({0, 1}), index_of({0, 1, 2})}), {1}) ==
        "index_put: the shape of the indices before[0] is 2, of the next[0] is 3; indices, aligned at the right, must "
        "have dimensions that are equal or 1");
  CHECK(refusal({3}, indices({index_of({0, 1})}), {3}) ==
        "index_put: value.shape[0] is 3, there is 2; value must broadcast to x[indices]: a dimension, aligned at the "
        "right, must be the same or 1");
  CHECK(
      refusal({3}, indices({tensor(dtype::float32, {1})}), {1}) ==
      "index_put: indices is [a float32 tensor of shape [1]]; indices must hold tensors of dtype int32, int64 or bool");
}

TEST_CASE("index_put: any permutation of accumulated updates gives the same bits") {
  HALFULP_RANDOM(r, 89);
  for (std::int64_t round = 0; round < repeats(6); ++round) {
    constexpr std::int64_t n = 2000, bins = 30;
    std::vector<std::int64_t> at(n);
    std::vector<double> values(n);
    for (std::size_t k = 0; k < n; ++k) {
      at[k] = r.between(-bins, bins - 1);
      values[k] = round % 2 == 0 ? r.any_finite<double>() : r.uniform();
    }
    std::vector<std::uint64_t> first;
    for (int permutation = 0; permutation < 3; ++permutation) {
      std::vector<std::uint64_t> got;
      for (const double y :
           put<double>(tensor(dtype::float64, {bins}), indices({index_of(at)}), make_tensor<double>({n}, values), true))
        got.push_back(to_bits(y));
      if (permutation == 0) first = got;
      CHECK(got == first);
      for (std::size_t k = n; k-- > 1;) {
        const auto other = static_cast<std::size_t>(r.between(0, static_cast<std::int64_t>(k)));
        std::swap(at[k], at[other]);
        std::swap(values[k], values[other]);
      }
    }
  }
}

}  // namespace halfulp::tests
