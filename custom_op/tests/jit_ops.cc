// Operators for test_jit.py: each uses one thing that a custom operator of Paddle may use.
#include <cmath>
#include <numeric>

#include "paddle/extension.h"

namespace {

using paddle::DataType;
using paddle::Tensor;
using shape = std::vector<int64_t>;

// Every type of attribute: one number of each, as float64.
std::vector<Tensor> attributes(const Tensor& x, bool b, int i, float f, int64_t l, const std::string& s,
                               const std::vector<int>& is, const std::vector<float>& fs, const shape& ls,
                               const std::vector<std::string>& ss, double d) {
  const double spelled = std::accumulate(s.begin(), s.end(), 0.0);
  double lengths = 0;
  for (const std::string& one : ss) lengths = 10 * lengths + static_cast<double>(one.size());
  const std::vector<double> numbers = {double(b),
                                       double(i),
                                       double(f),
                                       double(l),
                                       spelled,
                                       std::accumulate(is.begin(), is.end(), 0.0),
                                       std::accumulate(fs.begin(), fs.end(), 0.0),
                                       std::accumulate(ls.begin(), ls.end(), 0.0),
                                       lengths,
                                       d};
  auto y = paddle::empty({static_cast<int64_t>(numbers.size())}, DataType::FLOAT64, x.place());
  std::copy(numbers.begin(), numbers.end(), y.data<double>());
  return {y};
}

// Dispatch by dtype: x + 1.
std::vector<Tensor> increment_integers(const Tensor& x) {
  auto y = paddle::empty_like(x);
  PD_DISPATCH_INTEGRAL_TYPES(x.dtype(), "increment_integers", ([&] {
                               for (int64_t i = 0; i < x.numel(); ++i) y.data<data_t>()[i] = x.data<data_t>()[i] + 1;
                             }));
  return {y};
}

std::vector<Tensor> increment_floats(const Tensor& x) {
  auto y = paddle::empty_like(x);
  PD_DISPATCH_FLOATING_AND_COMPLEX_TYPES(x.dtype(), "increment_floats", ([&] {
                                           for (int64_t i = 0; i < x.numel(); ++i)
                                             y.data<data_t>()[i] = x.data<data_t>()[i] + data_t(1);
                                         }));
  return {y};
}

// Tensors made of a place alone, and of a place and a shape, which get their dtype as they are written.
std::vector<Tensor> copies(const Tensor& x) {
  Tensor first(x.place(), x.shape()), second(x.place());
  second.reshape(x.shape());
  for (Tensor* y : {&first, &second}) std::copy_n(x.data<double>(), x.numel(), y->mutable_data<double>());
  return {first, second};
}

std::vector<shape> twice_the_shape(const shape& x) { return {x, x}; }
std::vector<DataType> twice_the_dtype(const DataType& x) { return {x, x}; }

// A list of tensors: one after the other along the first axis, float32; and the gradient, a list too.
std::vector<Tensor> concat(const std::vector<Tensor>& xs) {
  shape extents = xs.at(0).shape();
  extents[0] = 0;
  for (const Tensor& x : xs) extents[0] += x.shape()[0];
  auto y = paddle::empty(extents, xs[0].dtype(), xs[0].place());
  float* to = y.data<float>();
  for (const Tensor& x : xs) to = std::copy_n(x.data<float>(), x.numel(), to);
  return {y};
}

std::vector<Tensor> concat_grad(const std::vector<Tensor>& xs, const Tensor& dy) {
  std::vector<Tensor> dxs;
  const float* from = dy.data<float>();
  for (const Tensor& x : xs) {
    dxs.push_back(paddle::empty_like(x));
    std::copy_n(from, x.numel(), dxs.back().data<float>());
    from += x.numel();
  }
  return dxs;
}

std::vector<shape> concat_shape(const std::vector<shape>& xs) {
  shape extents = xs.at(0);
  for (size_t k = 1; k < xs.size(); ++k) extents[0] = extents[0] < 0 || xs[k][0] < 0 ? -1 : extents[0] + xs[k][0];
  return {extents};
}
std::vector<DataType> concat_dtype(const std::vector<DataType>& xs) { return {xs.at(0)}; }

// Complex numbers.
std::vector<Tensor> conj(const Tensor& x) {
  using complex = phi::dtype::complex<float>;
  PD_CHECK(x.dtype() == DataType::COMPLEX64, "test_conj: x must be complex64");
  auto y = paddle::empty_like(x);
  for (int64_t i = 0; i < x.numel(); ++i) {
    const complex z = x.data<complex>()[i];
    y.data<complex>()[i] = complex(z.real, -z.imag);
  }
  return {y};
}

// A result that shares the input's memory.
std::vector<Tensor> slice(const Tensor& x, int64_t begin, int64_t end) { return {x.slice(begin, end)}; }

// A gradient of the gradient: y = tanh x, dx = dy (1 - y^2).
template <class F>
Tensor each(const Tensor& like, F value) {
  auto result = paddle::empty_like(like);
  for (int64_t i = 0; i < like.numel(); ++i) result.data<double>()[i] = value(i);
  return result;
}

std::vector<Tensor> forward_tanh(const Tensor& x) {
  return {each(x, [&](int64_t i) { return std::tanh(x.data<double>()[i]); })};
}

std::vector<Tensor> tanh_grad(const Tensor& y, const Tensor& dy) {
  const double *v = y.data<double>(), *g = dy.data<double>();
  return {each(y, [=](int64_t i) { return g[i] * (1 - v[i] * v[i]); })};
}

std::vector<Tensor> tanh_double_grad(const Tensor& y, const Tensor& ddx, const Tensor& dy) {
  const double *v = y.data<double>(), *g = dy.data<double>(), *h = ddx.data<double>();
  return {each(y, [=](int64_t i) { return -2 * v[i] * g[i] * h[i]; }),
          each(y, [=](int64_t i) { return h[i] * (1 - v[i] * v[i]); })};
}

std::vector<shape> first_shape(const shape& y, const shape&) { return {y}; }
std::vector<shape> both_shapes(const shape& y, const shape&, const shape&) { return {y, y}; }

// An output whose dtype an attribute says.
std::vector<DataType> cast_dtype(const DataType&, const std::string& to) {
  PD_CHECK(to == "float32" || to == "float64", "test_cast: to must be float32 or float64, it is ", to);
  return {to == "float32" ? DataType::FLOAT32 : DataType::FLOAT64};
}

std::vector<Tensor> cast(const Tensor& x, const std::string& to) {
  auto y = paddle::empty(x.shape(), cast_dtype(x.dtype(), to)[0], x.place());
  PD_DISPATCH_FLOATING_TYPES(x.dtype(), "cast", ([&] {
                               const data_t* from = x.data<data_t>();
                               if (to == "float32") std::copy_n(from, x.numel(), y.data<float>());
                               if (to == "float64") std::copy_n(from, x.numel(), y.data<double>());
                             }));
  return {y};
}

std::vector<shape> cast_shape(const shape& x, const std::string&) { return {x}; }

}  // namespace

PD_BUILD_OP(test_attributes)
    .Inputs({"X"})
    .Outputs({"Y"})
    .Attrs({"b: bool", "i: int", "f: float", "l: int64_t", "s: std::string", "is: std::vector<int>",
            "fs: std::vector<float>", "ls: std::vector<int64_t>", "ss: std::vector<std::string>", "d: double"})
    .SetKernelFn(PD_KERNEL(attributes));
PD_BUILD_OP(test_increment_integers).Inputs({"X"}).Outputs({"Y"}).SetKernelFn(PD_KERNEL(increment_integers));
PD_BUILD_OP(test_increment_floats).Inputs({"X"}).Outputs({"Y"}).SetKernelFn(PD_KERNEL(increment_floats));
PD_BUILD_OP(test_copies)
    .Inputs({"X"})
    .Outputs({"First", "Second"})
    .SetKernelFn(PD_KERNEL(copies))
    .SetInferShapeFn(PD_INFER_SHAPE(twice_the_shape))
    .SetInferDtypeFn(PD_INFER_DTYPE(twice_the_dtype));
PD_BUILD_OP(test_concat)
    .Inputs({paddle::Vec("X")})
    .Outputs({"Y"})
    .SetKernelFn(PD_KERNEL(concat))
    .SetInferShapeFn(PD_INFER_SHAPE(concat_shape))
    .SetInferDtypeFn(PD_INFER_DTYPE(concat_dtype));
PD_BUILD_GRAD_OP(test_concat)
    .Inputs({paddle::Vec("X"), paddle::Grad("Y")})
    .Outputs({paddle::Grad(paddle::Vec("X"))})
    .SetKernelFn(PD_KERNEL(concat_grad));
PD_BUILD_OP(test_conj).Inputs({"X"}).Outputs({"Y"}).SetKernelFn(PD_KERNEL(conj));
PD_BUILD_OP(test_slice)
    .Inputs({"X"})
    .Outputs({"Y"})
    .Attrs({"begin: int64_t", "end: int64_t"})
    .SetKernelFn(PD_KERNEL(slice));
PD_BUILD_OP(test_tanh).Inputs({"X"}).Outputs({"Y"}).SetKernelFn(PD_KERNEL(forward_tanh));
PD_BUILD_GRAD_OP(test_tanh)
    .Inputs({"Y", paddle::Grad("Y")})
    .Outputs({paddle::Grad("X")})
    .SetKernelFn(PD_KERNEL(tanh_grad))
    .SetInferShapeFn(PD_INFER_SHAPE(first_shape));
PD_BUILD_DOUBLE_GRAD_OP(test_tanh)
    .Inputs({"Y", paddle::Grad(paddle::Grad("X")), paddle::Grad("Y")})
    .Outputs({paddle::New(paddle::Grad("Y")), paddle::Grad(paddle::Grad("Y"))})
    .SetKernelFn(PD_KERNEL(tanh_double_grad))
    .SetInferShapeFn(PD_INFER_SHAPE(both_shapes));
PD_BUILD_OP(test_cast)
    .Inputs({"X"})
    .Outputs({"Y"})
    .Attrs({"to: std::string"})
    .SetKernelFn(PD_KERNEL(cast))
    .SetInferShapeFn(PD_INFER_SHAPE(cast_shape))
    .SetInferDtypeFn(PD_INFER_DTYPE(cast_dtype));
