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
  if constexpr (requires { a.x.data(); }) f(a.x);
  if constexpr (requires { a.y.data(); }) f(a.y);
  if constexpr (requires { a.weight.data(); }) f(a.weight);
  if constexpr (requires { a.bias.data(); }) f(a.bias);
  if constexpr (requires { a.value.data(); }) f(a.value);
  if constexpr (requires { a.values.data(); }) f(a.values);
  if constexpr (requires { a.dy.data(); }) f(a.dy);
  if constexpr (requires { a.dz.data(); }) f(a.dz);
  if constexpr (requires { a.dw.data(); }) f(a.dw);
  if constexpr (requires { a.dout.data(); }) f(a.dout);
  if constexpr (requires { a.index.narrow; }) for_each_span(a.index, f);
  if constexpr (requires { a.indices.elements(0); })
    for (int k = 0; k < a.indices.size(); ++k) for_each_span(a.indices.elements(k), f);
  if constexpr (requires { a.forward.shape; }) for_each_span(a.forward, f);
}

}  // namespace halfulp::kernels
