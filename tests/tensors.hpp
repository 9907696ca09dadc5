#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace halfulp::tests {

/// A tensor of these elements, row-major.
template <class T>
tensor make_tensor(const extents& shape, const std::vector<T>& values) {
  tensor t(dtype_of<T>, shape);
  std::copy(values.begin(), values.end(), t.elements<T>().begin());
  return t;
}
/// The same from binary64, each rounded once to T.
template <class T>
tensor rounded_tensor(const extents& shape, const std::vector<double>& values) {
  tensor t(dtype_of<T>, shape);
  std::transform(values.begin(), values.end(), t.elements<T>().begin(), [](double x) { return narrow<T>(x); });
  return t;
}

/// A list of integers, as an argument.
inline argument list_of(const std::vector<std::int64_t>& numbers) {
  argument::list items;
  for (const std::int64_t n : numbers) items.push_back({n});
  return {items};
}

using named_arguments = std::map<std::string, argument>;

inline call call_of(std::string_view op, const argument::list& positional, const named_arguments& named = {}) {
  return {signature_named(op), positional, named};
}

template <class T>
std::vector<T> values_of(const tensor& t) {
  const auto e = t.elements<T>();
  return {e.begin(), e.end()};
}

/// The bits of the first output of the kernel; the oracle must say the same.
template <class T>
std::vector<bits_t<T>> bits_of_output(std::string_view op, const call& c) {
  const tensor got = kernels::compute(op, c).outputs.at(0);
  const tensor want = evaluate(op, c).at(0).rounded;
  std::vector<bits_t<T>> got_bits;
  for (const T x : got.elements<T>()) got_bits.push_back(to_bits(x));
  std::vector<bits_t<T>> want_bits;
  for (const T x : want.elements<T>()) want_bits.push_back(to_bits(x));
  CHECK(got_bits == want_bits);
  return got_bits;
}

/// The first output of the kernel; the oracle must say the same, bit for bit.
inline tensor output_of(std::string_view op, const call& c) {
  const tensor got = kernels::compute(op, c).outputs.at(0), want = evaluate(op, c).at(0).rounded;
  CHECK(got.type() == want.type());
  CHECK(got.shape() == want.shape());
  CHECK(std::equal(got.bytes().begin(), got.bytes().end(), want.bytes().begin(), want.bytes().end()));
  return got;
}

inline tensor output_of(std::string_view op, const argument::list& positional, const named_arguments& named = {}) {
  return output_of(op, call_of(op, positional, named));
}

/// The message with which an op refuses a call, from its kernel and its oracle alike; empty if it is taken.
inline std::string refusal_of(std::string_view op, const argument::list& positional,
                              const named_arguments& named = {}) {
  const auto message = [&](auto f) -> std::string {
    try {
      f(op, call_of(op, positional, named));
    } catch (const invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  const std::string of_kernel = message([](auto name, const call& c) { (void)kernels::compute(name, c); });
  const std::string of_oracle = message([](auto name, const call& c) { (void)evaluate(name, c); });
  CHECK(of_kernel == of_oracle);
  return of_kernel;
}

}  // namespace halfulp::tests
