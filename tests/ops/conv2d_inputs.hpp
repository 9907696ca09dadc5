#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/conv2d_reference.hpp"

namespace halfulp::tests {

/// What the elements of an input look like.
enum class content { uniform, integers, wide, subnormal, overflow, specials, any_bits, zeros };
inline constexpr content every_content[] = {content::uniform,  content::integers, content::wide,     content::subnormal,
                                            content::overflow, content::specials, content::any_bits, content::zeros};

template <class T>
T random_element(random_source& r, content kind) {
  constexpr format f = format_of<T>;
  const double u = r.uniform();
  switch (kind) {
    case content::uniform:
      return narrow<T>(u);
    // Up to 2^(p/2): products of p bits, so that their sums are often ties, or exactly 0.
    case content::integers:
      return narrow<T>(std::floor(std::ldexp(u, (f.precision + 1) / 2)));
    case content::wide:
      return narrow<T>(std::ldexp(u, static_cast<int>(r.between(f.e_min / 3, f.e_max / 3))));
    case content::subnormal:
      return narrow<T>(std::ldexp(u, f.e_min / 2 - static_cast<int>(r.between(0, f.precision))));
    // Sums of a few halves of the largest number, which often cancel on the way down.
    case content::overflow:
      return narrow<T>(std::ldexp(std::floor(2 * u) + .5, (f.e_max + 1) / 2));
    case content::specials: {
      const double special[] = {0., -0., INFINITY, -INFINITY, NAN, 1., -1.};
      return r.between(0, 30) == 0 ? narrow<T>(special[r.between(0, 6)]) : narrow<T>(u);
    }
    case content::any_bits:
      return r.any<T>();
    // Of both signs, and a few numbers.
    case content::zeros:
      return narrow<T>(r.between(0, 200) == 0 ? u : std::copysign(0, u));
  }
  return {};
}

template <class T>
tensor random_tensor(random_source& r, content kind, const extents& shape) {
  tensor t(dtype_of<T>, shape);
  for (T& x : t.elements<T>()) x = random_element<T>(r, kind);
  return t;
}

/// Images and filters of kinds that are hard as a whole.
struct hard_case {
  std::string name;
  tensor x, weight;
};

/// Every second channel repeats the one before it with its weights negated but for a relative difference of `left`:
/// what remains of each pair of products.
template <class T>
hard_case cancelling(random_source& r, double left, std::int64_t pairs, std::int64_t outputs, std::int64_t size) {
  hard_case c{"cancellation " + std::to_string(left), tensor(dtype_of<T>, {1, 2 * pairs, size, size}),
              tensor(dtype_of<T>, {outputs, 2 * pairs, 1, 1})};
  const auto x = c.x.elements<T>(), w = c.weight.elements<T>();
  const auto plane = static_cast<std::size_t>(size * size);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const bool repeats = k / plane % 2 == 1;
    x[k] = narrow<T>(repeats ? -widen(x[k - plane]) * (1 + left * r.uniform()) : r.uniform());
  }
  for (std::size_t k = 0; k < w.size(); ++k) w[k] = k % 2 == 1 ? w[k - 1] : narrow<T>(r.uniform());
  return c;
}

/// One level of grey under derivative filters: every sum inside the image is exactly 0.
template <class T>
hard_case flat(random_source& r, std::int64_t size) {
  hard_case c{"flat image", tensor(dtype_of<T>, {1, 1, size, size}), tensor(dtype_of<T>, {3, 1, 3, 3})};
  const T grey = narrow<T>(r.uniform());
  for (T& x : c.x.elements<T>()) x = grey;
  const double filters[] = {-1, 0, 1, -2, 0, 2, -1, 0, 1, -1, -2, -1, 0, 0, 0, 1, 2, 1, 0, 1, 0, 1, -4, 1, 0, 1, 0};
  for (std::size_t k = 0; k < std::size(filters); ++k) c.weight.elements<T>()[k] = narrow<T>(filters[k]);
  return c;
}

/// A call and the tensors that it reads.
struct kept_call {
  std::string name;
  std::vector<tensor> tensors;
  named_arguments named;

  call operator*() const {
    argument::list positional;
    for (const tensor& t : tensors) positional.push_back({t.view()});
    return call_of("conv2d", positional, named);
  }
};

template <class T>
kept_call hard_call(const hard_case& c, std::int64_t padding = 0) {
  return {c.name, {c.x, c.weight}, {{"padding", {padding}}}};
}

/// A call of each hard kind.
template <class T>
std::vector<kept_call> hard_calls(random_source& r, std::int64_t size) {
  std::vector<kept_call> calls;
  for (const double left : {1e-6, 1e-12}) calls.push_back(hard_call<T>(cancelling<T>(r, left, 20, 9, size)));
  for (const std::int64_t padding : {0, 2}) calls.push_back(hard_call<T>(flat<T>(r, size), padding));
  for (const content kind : every_content)
    calls.push_back({"depthwise, content " + std::to_string(static_cast<int>(kind)),
                     {random_tensor<T>(r, kind, {1, 3, size, size}), random_tensor<T>(r, kind, {3, 1, 3, 3})},
                     {{"padding", {std::int64_t{1}}}, {"groups", {std::int64_t{3}}}}});
  for (const content kind : every_content)
    calls.push_back({"content " + std::to_string(static_cast<int>(kind)),
                     {random_tensor<T>(r, kind, {1, 7, size, size}), random_tensor<T>(r, kind, {5, 7, 3, 3}),
                      random_tensor<T>(r, kind, {5})},
                     {{"padding", {std::int64_t{1}}}}});
  for (const content kind : every_content)  // in pairs of windows, the last of an odd line alone
    calls.push_back({"three wide, content " + std::to_string(static_cast<int>(kind)),
                     {random_tensor<T>(r, kind, {2, 17, size / 4, size / 2 + 1}),
                      random_tensor<T>(r, kind, {19, 17, 2, 3}), random_tensor<T>(r, kind, {19})},
                     {{"padding", {std::int64_t{1}}}}});
  return calls;
}

}  // namespace halfulp::tests
