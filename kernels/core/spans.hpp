#pragma once

#include <span>

#include <halfulp/oracle/core/bind.hpp>

/// Every place in arguments that refers to elements, so that they can be copied elsewhere.
namespace halfulp::kernels {

template <class F>
void for_each_span(index_elements& i, F& f) {
  f(i.narrow);
  f(i.wide);
}

/// f(span) for every std::span<const U> among the arguments of a spec, those that arguments hold included.
template <class Args, class F>
void for_each_span(Args& a, F& f) {
  if constexpr (requires { a.x.size_bytes(); }) f(a.x);
  if constexpr (requires { a.y.size_bytes(); }) f(a.y);
  if constexpr (requires { a.weight.size_bytes(); }) f(a.weight);
  if constexpr (requires { a.bias.size_bytes(); }) f(a.bias);
  if constexpr (requires { a.value.size_bytes(); }) f(a.value);
  if constexpr (requires { a.values.size_bytes(); }) f(a.values);
  if constexpr (requires { a.dy.size_bytes(); }) f(a.dy);
  if constexpr (requires { a.dz.size_bytes(); }) f(a.dz);
  if constexpr (requires { a.dw.size_bytes(); }) f(a.dw);
  if constexpr (requires { a.dout.size_bytes(); }) f(a.dout);
  if constexpr (requires { a.index.narrow; }) for_each_span(a.index, f);
  if constexpr (requires { a.indices.elements(0); })
    for (int k = 0; k < a.indices.size(); ++k) for_each_span(a.indices.elements(k), f);
  if constexpr (requires { a.forward.shape; }) for_each_span(a.forward, f);
}

}  // namespace halfulp::kernels
