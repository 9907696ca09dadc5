// Random elements through the gradients of the ops that move elements, each result compared bit for bit with exact
// accumulators that follow the definition of the op. Takes minutes.
//   halfulp_campaign_movement_gradients [elements of each op and format, 10000000 by default] [seed]

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;
using random_bits = std::mt19937_64;

argument list_of(const std::vector<std::int64_t>& numbers) {
  argument::list items;
  for (const std::int64_t n : numbers) items.push_back({n});
  return {items};
}

/// Finite numbers: of every exponent, or (narrow) of a few, where sums cancel and ties are common.
template <class T>
tensor random_tensor(random_bits& r, const extents& shape, bool narrow_range) {
  tensor t(dtype_of<T>, shape);
  for (T& x : t.elements<T>()) {
    if (narrow_range) {
      x = narrow<T>(static_cast<double>(static_cast<std::int64_t>(r() % 4097) - 2048) * 0x1p-8);
    } else {
      do x = from_bits<T>(static_cast<bits_t<T>>(r()));
      while (!is_finite(x));
    }
  }
  return t;
}

/// One call, with term(j) and target(j) of its update j by the definition.
template <class T>
struct instance {
  std::string op;
  std::vector<tensor> keep;
  argument::list arguments;
  std::int64_t targets, updates;
  std::function<std::int64_t(std::int64_t)> target;
  std::function<T(std::int64_t)> term;
};

template <class T>
std::int64_t wrong_elements(const instance<T>& c) {
  std::vector<exact_sum<T>> want(static_cast<std::size_t>(c.targets));
  for (std::int64_t j = 0; j < c.updates; ++j) want[static_cast<std::size_t>(c.target(j))].add(c.term(j));
  const tensor got = kernels::compute(c.op, {signature_named(c.op), c.arguments, {}}).outputs.at(0);
  std::int64_t wrong = 0;
  for (std::int64_t t = 0; t < c.targets; ++t) {
    const auto k = static_cast<std::size_t>(t);
    wrong += to_bits(got.elements<T>()[k]) != to_bits(want[k].template round<T>());
  }
  return wrong;
}

template <class T>
T element(const tensor& t, std::int64_t j) {
  return t.elements<T>()[static_cast<std::size_t>(j)];
}

/// A random call of one of the gradients, of some 10^5 updates.
template <class T>
instance<T> make(random_bits& r, const std::string& op) {
  const auto rows = static_cast<std::int64_t>(1 + r() % 300), columns = static_cast<std::int64_t>(1 + r() % 600);
  const tensor dy = random_tensor<T>(r, {rows, columns}, r() % 2 == 0);
  const auto own = [dy](std::int64_t j) { return element<T>(dy, j); };
  if (op == "expand_grad") {
    if (r() % 2 == 0)
      return {op,      {dy},           {{dy.view()}, list_of({columns})},
              columns, rows * columns, [columns](std::int64_t j) { return j % columns; },
              own};
    return {op,   {dy},           {{dy.view()}, list_of({rows, 1})},
            rows, rows * columns, [columns](std::int64_t j) { return j / columns; },
            own};
  }
  if (op == "as_strided_grad") {
    const auto a = static_cast<std::int64_t>(r() % 3), b = static_cast<std::int64_t>(r() % 3);
    const std::int64_t n = (rows - 1) * a + (columns - 1) * b + 1;
    return {op, {dy},           {{dy.view()}, list_of({n}), list_of({a, b})},
            n,  rows * columns, [columns, a, b](std::int64_t j) { return j / columns * a + j % columns * b; },
            own};
  }
  if (op == "index_sample_grad") {
    tensor index(dtype::int64, {rows, columns});
    const auto width = static_cast<std::int64_t>(1 + r() % 5);
    for (auto& i : index.elements<std::int64_t>())
      i = static_cast<std::int64_t>(r() % static_cast<std::uint64_t>(width));
    return {op,
            {dy, index},
            {{dy.view()}, {index.view()}, list_of({rows, width})},
            rows * width,
            rows * columns,
            [=](std::int64_t j) { return j / columns * width + element<std::int64_t>(index, j); },
            own};
  }
  const tensor x = random_tensor<T>(r, {columns}, false), y = random_tensor<T>(r, {rows, 1}, false);
  return {op,
          {x, y, dy},
          {{x.view()}, {y.view()}, {dy.view()}},
          columns,
          rows * columns,
          [columns](std::int64_t j) { return j % columns; },
          [=](std::int64_t j) {
            const T at = element<T>(x, j % columns), d = element<T>(dy, j);
            if (is_zero(at)) return zero_of<T>(is_negative(d));
            const bool flip = is_negative(at) != is_negative(element<T>(y, j / columns));
            return flip ? narrow<T>(-widen(d)) : d;
          }};
}

template <class T>
std::int64_t run(const std::string& op, std::int64_t elements, random_bits& r) {
  std::int64_t done = 0, results = 0, wrong = 0;
  while (done < elements) {
    const auto c = make<T>(r, op);
    wrong += wrong_elements(c);
    done += c.updates;
    results += c.targets;
  }
  std::printf("%-18s %-8s %lld of %lld results wrong, from %lld random elements\n", op.c_str(),
              std::string(name_of(dtype_of<T>)).c_str(), static_cast<long long>(wrong), static_cast<long long>(results),
              static_cast<long long>(done));
  std::fflush(stdout);
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const long long elements = argc > 1 ? std::atoll(argv[1]) : 10000000;
  if (argc > 3 || elements < 1) {
    std::fprintf(stderr,
                 "halfulp_campaign_movement_gradients: the first argument is '%s'; it may be an integer from 1\n",
                 argv[1]);
    return 2;
  }
  random_bits r(argc > 2 ? static_cast<std::uint64_t>(std::atoll(argv[2])) : 1);
  std::int64_t wrong = 0;
  for (const char* op : {"expand_grad", "as_strided_grad", "index_sample_grad", "copysign_x_grad"})
    for (int k = 0; k < dtype_count; ++k)
      visit_dtype(static_cast<dtype>(k), type_list<float16, bfloat16, float, double>{},
                  [&](auto tag) { wrong += run<typename decltype(tag)::type>(op, elements, r); });
  return wrong == 0 ? 0 : 1;
}
