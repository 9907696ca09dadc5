// The only program that links LibTorch: reads cases on standard input and answers each on a line (docs/eval.md).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <numeric>
#include <sstream>
#include <utility>

#include <ATen/Parallel.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <halfulp/analysis/backends/libtorch_movement.hpp>
#include <halfulp/analysis/backends/libtorch_scatter.hpp>
#include <halfulp/analysis/backends/libtorch_tensor.hpp>
#include <halfulp/analysis/backends/replies.hpp>
#include <halfulp/analysis/backends/serve.hpp>

namespace halfulp::analysis {
namespace {

/// What a convolution has beside its tensors. Padding that is not the same on both sides is laid around x first, as
/// torch's users do; "SAME" is Paddle's: the output has ceil(in / stride) positions, dilation is 1.
struct conv_arguments {
  std::vector<std::int64_t> stride, dilation, padding{0, 0}, around{0, 0, 0, 0};  // around: left, right, top, bottom
  std::int64_t groups;
  bool nhwc;

  /// Throws c10::Error for what torch would not get to see, or takes in a sense of its own: images without a batch.
  conv_arguments(const call& k, at::IntArrayRef image, at::IntArrayRef weight)
      : stride(pair(k, "stride")), dilation(pair(k, "dilation")), groups(k.integer("groups")), nhwc(is_nhwc(k)) {
    TORCH_CHECK(image.size() == 4 && weight.size() == 4, "x and weight need four dimensions");
    const argument& p = k.at("padding");
    if (const auto* text = std::get_if<std::string>(&p.value)) {
      set_named(*text, image, weight);
    } else {
      set_numbers(p);
    }
  }

  static bool is_nhwc(const call& k) {
    const std::string& format = k.text("data_format");
    TORCH_CHECK(format == "NCHW" || format == "NHWC", "data_format must be NCHW or NHWC");
    return format == "NHWC";
  }
  bool is_padded() const { return around != std::vector<std::int64_t>{0, 0, 0, 0}; }

  static std::vector<std::int64_t> pair(const call& k, const char* name) {
    const auto p = k.pair(name);
    return {p[0], p[1]};
  }
  static void flatten(const argument& a, std::vector<std::int64_t>& n) {
    if (const auto* one = std::get_if<std::int64_t>(&a.value)) n.push_back(*one);
    if (const auto* list = std::get_if<argument::list>(&a.value))
      for (const argument& item : *list) flatten(item, n);
  }

 private:
  void set_numbers(const argument& p) {
    std::vector<std::int64_t> n;
    flatten(p, n);
    if (n.size() == 8) n = nhwc ? std::vector(n.begin() + 2, n.begin() + 6) : std::vector(n.begin() + 4, n.end());
    if (n.size() == 1) n = {n[0], n[0]};
    if (n.size() == 4 && n[0] == n[1] && n[2] == n[3]) n = {n[0], n[2]};
    if (n.size() == 4) {
      around = {n[2], n[3], n[0], n[1]};
    } else {
      padding = n;
    }
  }
  void set_named(const std::string& kind, at::IntArrayRef image, at::IntArrayRef weight) {
    if (kind == "VALID" || kind == "valid") return;
    TORCH_CHECK(kind == "SAME" || kind == "same", "padding must be SAME or VALID");
    dilation = {1, 1};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t in = image.at(2 + axis);
      const std::int64_t steps = (in + stride[axis] - 1) / stride[axis] - 1;
      const std::int64_t total = std::max<std::int64_t>(steps * stride[axis] + weight.at(2 + axis) - in, 0);
      around[2 - 2 * axis] = total / 2;
      around[3 - 2 * axis] = total - total / 2;
    }
  }
};

/// Channels first, as torch has it, and back.
at::Tensor channels_first(const at::Tensor& t, bool nhwc) {
  TORCH_CHECK(t.dim() == 4, "images need four dimensions");
  return nhwc ? t.permute({0, 3, 1, 2}).contiguous() : t;
}
at::Tensor in_layout(const at::Tensor& t, bool nhwc) {
  return nhwc ? t.permute({0, 2, 3, 1}).contiguous() : t;
}
at::Tensor padded(const at::Tensor& x, const conv_arguments& c) {
  return c.is_padded() ? at::constant_pad_nd(x, c.around, 0) : x;
}

at::Tensor conv2d(const call& k) {
  const at::Tensor x = channels_first(torch_tensor(k.tensor("x")), conv_arguments::is_nhwc(k));
  const at::Tensor weight = torch_tensor(k.tensor("weight"));
  const conv_arguments c(k, x.sizes(), weight.sizes());
  c10::optional<at::Tensor> bias;
  if (const tensor_view* b = k.optional_tensor("bias")) bias = torch_tensor(*b);
  return in_layout(at::conv2d(padded(x, c), weight, bias, c.stride, c.padding, c.dilation, c.groups), c.nhwc);
}

/// at::convolution_backward for one of its three results.
at::Tensor conv2d_grad(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight, const conv_arguments& c,
                       std::size_t which) {
  const std::array<bool, 3> wanted{which == 0, which == 1, which == 2};
  const std::vector<std::int64_t> channels{weight.size(0)};
  const auto all = at::convolution_backward(dy, x, weight, at::IntArrayRef(channels), c.stride, c.padding, c.dilation,
                                            false, {0, 0}, c.groups, wanted);
  return which == 0 ? std::get<0>(all) : which == 1 ? std::get<1>(all) : std::get<2>(all);
}

at::Tensor conv2d_input_grad(const call& k) {
  const at::Tensor weight = torch_tensor(k.tensor("weight"));
  const bool nhwc = conv_arguments::is_nhwc(k);
  const at::Tensor x = channels_first(at::zeros(k.integers("input_shape"), weight.options()), nhwc);
  const conv_arguments c(k, x.sizes(), weight.sizes());
  at::Tensor dx = conv2d_grad(channels_first(torch_tensor(k.tensor("dy")), nhwc), padded(x, c), weight, c, 0);
  dx = dx.narrow(2, c.around[2], x.size(2)).narrow(3, c.around[0], x.size(3));
  return in_layout(dx.contiguous(), nhwc);
}

at::Tensor conv2d_weight_grad(const call& k) {
  const bool nhwc = conv_arguments::is_nhwc(k);
  const at::Tensor x = channels_first(torch_tensor(k.tensor("x")), nhwc);
  const at::Tensor weight = at::zeros(k.integers("weight_shape"), x.options());
  const conv_arguments c(k, x.sizes(), weight.sizes());
  return conv2d_grad(channels_first(torch_tensor(k.tensor("dy")), nhwc), padded(x, c), weight, c, 1);
}

/// The same of a transposed convolution. Padding that is not the same on both sides is cut off a result without any, as
/// torch's users do; where output_padding is greater, zeros are laid on. Gradients get the reverse.
struct transpose_arguments : conv_arguments {
  std::vector<std::int64_t> more{0, 0}, cut{0, 0, 0, 0};  // output_padding; left, right, top, bottom, negative

  transpose_arguments(const call& k, at::IntArrayRef image, at::IntArrayRef weight) : conv_arguments(k, image, weight) {
    const std::vector<std::int64_t> size = output_size(k);
    more = pair(k, "output_padding");
    for (std::size_t axis = 0; axis < 2 && !size.empty(); ++axis) {
      const std::int64_t all = 2 * padding.at(axis) + around[2 - 2 * axis] + around[3 - 2 * axis];
      more[axis] =
          size[axis] - (image.at(2 + axis) - 1) * stride[axis] - dilation[axis] * (weight.at(2 + axis) - 1) - 1 + all;
    }
    for (std::size_t axis = 0; axis < 2; ++axis)
      TORCH_CHECK(more[axis] >= 0 && more[axis] < std::max(stride[axis], size.empty() ? dilation[axis] : 0),
                  "output padding is out of range");
    if (!is_padded()) return;
    cut = {-around[0], more[1] - around[1], -around[2], more[0] - around[3]};
    more = {0, 0};
  }

  /// dy as a result without padding had it.
  at::Tensor uncut(const at::Tensor& dy) const {
    const std::vector<std::int64_t> back{-cut[0], -cut[1], -cut[2], -cut[3]};
    return is_padded() ? at::constant_pad_nd(dy, back, 0) : dy;
  }

 private:
  /// For both axes; empty where it is None.
  static std::vector<std::int64_t> output_size(const call& k) {
    std::vector<std::int64_t> n;
    flatten(k.at("output_size"), n);
    if (const auto* t = std::get_if<tensor_view>(&k.at("output_size").value)) {
      const at::Tensor values = torch_tensor(*t).to(at::kLong);
      n.assign(values.data_ptr<std::int64_t>(), values.data_ptr<std::int64_t>() + values.numel());
    }
    if (n.size() == 1) n.push_back(n[0]);
    TORCH_CHECK(k.at("output_size").is_none() || n.size() == 2, "output_size needs one number or two");
    return n;
  }
};

at::Tensor conv2d_transpose(const call& k) {
  const at::Tensor x = channels_first(torch_tensor(k.tensor("x")), conv_arguments::is_nhwc(k));
  const at::Tensor weight = torch_tensor(k.tensor("weight"));
  const transpose_arguments c(k, x.sizes(), weight.sizes());
  c10::optional<at::Tensor> bias, none;
  if (const tensor_view* b = k.optional_tensor("bias")) bias = torch_tensor(*b);
  at::Tensor y =
      at::conv_transpose2d(x, weight, c.is_padded() ? none : bias, c.stride, c.padding, c.more, c.groups, c.dilation);
  if (c.is_padded()) {
    y = at::constant_pad_nd(y, c.cut, 0);
    if (bias) y = y + bias->view({1, -1, 1, 1});
  }
  return in_layout(y, c.nhwc);
}

at::Tensor conv2d_transpose_grad(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight,
                                 const transpose_arguments& c, bool of_input) {
  const std::vector<std::int64_t> channels{dy.size(1)};
  const auto all = at::convolution_backward(c.uncut(dy), x, weight, at::IntArrayRef(channels), c.stride, c.padding,
                                            c.dilation, true, c.more, c.groups, {of_input, !of_input, false});
  return of_input ? std::get<0>(all) : std::get<1>(all);
}

at::Tensor conv2d_transpose_input_grad(const call& k) {
  const at::Tensor weight = torch_tensor(k.tensor("weight"));
  const bool nhwc = conv_arguments::is_nhwc(k);
  const at::Tensor x = channels_first(at::zeros(k.integers("input_shape"), weight.options()), nhwc);
  const transpose_arguments c(k, x.sizes(), weight.sizes());
  return in_layout(conv2d_transpose_grad(channels_first(torch_tensor(k.tensor("dy")), nhwc), x, weight, c, true), nhwc);
}

at::Tensor conv2d_transpose_weight_grad(const call& k) {
  const bool nhwc = conv_arguments::is_nhwc(k);
  const at::Tensor x = channels_first(torch_tensor(k.tensor("x")), nhwc);
  const at::Tensor weight = at::zeros(k.integers("weight_shape"), x.options());
  const transpose_arguments c(k, x.sizes(), weight.sizes());
  return conv2d_transpose_grad(channels_first(torch_tensor(k.tensor("dy")), nhwc), x, weight, c, false);
}

at::Tensor conv2d_bias_grad(const call& k) {
  return channels_first(torch_tensor(k.tensor("dy")), conv_arguments::is_nhwc(k)).sum({0, 2, 3});
}

at::Tensor eigvalsh(const call& k) {
  return at::linalg_eigvalsh(torch_tensor(k.tensor("x")), k.text("UPLO"));
}

at::Tensor eigvals(const call& k) {
  return at::linalg_eigvals(torch_tensor(k.tensor("x")));
}

at::Tensor cholesky_solve(const call& k) {
  return at::cholesky_solve(torch_tensor(k.tensor("x")), torch_tensor(k.tensor("y")), k.boolean("upper"));
}

/// By torch's own differentiation.
at::Tensor cholesky_solve_x_grad(const call& k) {
  const c10::InferenceMode with_gradients(false);
  const at::Tensor dout = torch_tensor(k.tensor("dout")).clone(), y = torch_tensor(k.tensor("y")).clone();
  const at::Tensor x = at::zeros(k.integers("x_shape"), dout.options()).requires_grad_(true);
  const at::Tensor out = at::cholesky_solve(x, y, k.boolean("upper"));
  TORCH_CHECK(out.sizes() == dout.sizes(), "dout must be like the result");
  return torch::autograd::grad({out}, {x}, {dout})[0];
}

/// The triangle that is read; what torch leaves in the other one means nothing.
at::Tensor cholesky_solve_y_grad(const call& k) {
  const c10::InferenceMode with_gradients(false);
  const bool upper = k.boolean("upper");
  const at::Tensor dout = torch_tensor(k.tensor("dout")).clone(), x = torch_tensor(k.tensor("x")).clone();
  const at::Tensor y = torch_tensor(k.tensor("y")).clone().requires_grad_(true);
  const at::Tensor out = at::cholesky_solve(x, y, upper);
  TORCH_CHECK(out.sizes() == dout.sizes(), "dout must be like the result");
  const at::Tensor dy = torch::autograd::grad({out}, {y}, {dout})[0];
  return upper ? at::triu(dy) : at::tril(dy);
}

/// By torch's own differentiation. Its gradient knows nothing of equal eigenvalues: it has whatever vectors come out.
at::Tensor eigvalsh_grad(const call& k) {
  const c10::InferenceMode with_gradients(false);
  const at::Tensor x = torch_tensor(k.tensor("x")).clone().requires_grad_(true);
  const at::Tensor dw = torch_tensor(k.tensor("dw")).clone();
  const at::Tensor w = at::linalg_eigvalsh(x, k.text("UPLO"));
  TORCH_CHECK(w.sizes() == dw.sizes() && w.scalar_type() == dw.scalar_type(), "dw must be like the eigenvalues");
  return torch::autograd::grad({w}, {x}, {dw})[0];
}

/// How much parts of eigenvalues may differ and still count as equal: rounding errors decide no order.
double indistinct(const at::Tensor& w, const c10::complex<double>* z, std::int64_t n) {
  double largest = 0;
  for (std::int64_t k = 0; k < n; ++k) largest = std::max(largest, std::abs(z[k]));
  return 64 * static_cast<double>(n) * (w.scalar_type() == at::kComplexDouble ? 0x1p-53 : 0x1p-24) * largest;
}

using indices = std::vector<std::int64_t>::iterator;

/// Sorts by `key`, and says where keys that follow each other differ by no more than `near`.
template <class F>
std::vector<std::pair<indices, indices>> sorted_runs(std::pair<indices, indices> range, double near, F key) {
  std::stable_sort(range.first, range.second, [&](auto x, auto y) { return key(x) < key(y); });
  std::vector<std::pair<indices, indices>> runs;
  for (auto k = range.first; k != range.second; ++k) {
    if (runs.empty() || key(*k) - key(*(k - 1)) > near) runs.emplace_back(k, k);
    runs.back().second = k + 1;
  }
  return runs;
}

/// dw, given in the order of eigvals (by the real part, the magnitude of the imaginary one, +im first), in that of torch's
/// own eigenvalues w; parts that nearly agree count as equal.
at::Tensor in_the_order_of(const at::Tensor& w, const at::Tensor& dw) {
  if (w.numel() == 0) return dw;
  const std::int64_t n = w.size(-1);
  const at::Tensor values = w.detach().to(at::kComplexDouble).reshape({-1, n}).contiguous();
  const auto* z = values.data_ptr<c10::complex<double>>();
  at::Tensor order = at::empty({values.size(0), n}, at::kLong);
  for (std::int64_t m = 0; m < values.size(0); ++m) {
    std::vector<std::int64_t> by_value(static_cast<std::size_t>(n));
    std::iota(by_value.begin(), by_value.end(), std::int64_t{0});
    const auto value = [&](std::int64_t k) { return z[m * n + k]; };
    const double near = indistinct(w, z + m * n, n);
    const auto all = std::pair(by_value.begin(), by_value.end());
    for (const auto& run : sorted_runs(all, near, [&](auto k) { return value(k).real(); }))
      for (const auto& pair : sorted_runs(run, near, [&](auto k) { return std::abs(value(k).imag()); }))
        sorted_runs(pair, 0, [&](auto k) { return -value(k).imag(); });
    for (std::int64_t k = 0; k < n; ++k)
      order.data_ptr<std::int64_t>()[m * n + by_value[static_cast<std::size_t>(k)]] = k;
  }
  return dw.gather(-1, order.reshape(w.sizes()));
}

/// By torch's own differentiation.
at::Tensor eigvals_grad(const call& k) {
  const c10::InferenceMode with_gradients(false);
  const at::Tensor x = torch_tensor(k.tensor("x")).clone().requires_grad_(true);
  const at::Tensor dw = torch_tensor(k.tensor("dw")).clone();
  const at::Tensor w = at::linalg_eigvals(x);
  TORCH_CHECK(w.sizes() == dw.sizes() && w.scalar_type() == dw.scalar_type(), "dw must be like the eigenvalues");
  return torch::autograd::grad({w}, {x}, {in_the_order_of(w, dw)})[0];
}

/// An op with one output.
template <at::Tensor (*F)(const call&)>
std::vector<at::Tensor> one(const call& k) {
  return {F(k)};
}

using torch_op = std::vector<at::Tensor> (*)(const call&);
constexpr std::pair<std::string_view, torch_op> ops[] = {
    {"index_sample", one<libtorch::index_sample>},
    {"index_sample_grad", one<libtorch::index_sample_grad>},
    {"copysign", one<libtorch::copysign>},
    {"copysign_x_grad", one<libtorch::copysign_x_grad>},
    {"copysign_y_grad", one<libtorch::copysign_y_grad>},
    {"conv2d", one<conv2d>},
    {"conv2d_input_grad", one<conv2d_input_grad>},
    {"conv2d_weight_grad", one<conv2d_weight_grad>},
    {"conv2d_bias_grad", one<conv2d_bias_grad>},
    {"conv2d_transpose", one<conv2d_transpose>},
    {"conv2d_transpose_input_grad", one<conv2d_transpose_input_grad>},
    {"conv2d_transpose_weight_grad", one<conv2d_transpose_weight_grad>},
    {"eigvalsh", one<eigvalsh>},
    {"eigvalsh_grad", one<eigvalsh_grad>},
    {"eigvals", one<eigvals>},
    {"eigvals_grad", one<eigvals_grad>},
    {"cholesky_solve", one<cholesky_solve>},
    {"cholesky_solve_x_grad", one<cholesky_solve_x_grad>},
    {"cholesky_solve_y_grad", one<cholesky_solve_y_grad>},
    {"index_add", one<libtorch::index_add>},
    {"index_add_value_grad", one<libtorch::index_add_value_grad>},
    {"put_along_axis", one<libtorch::put_along_axis>},
    {"put_along_axis_x_grad", one<libtorch::put_along_axis_x_grad>},
    {"put_along_axis_values_grad", one<libtorch::put_along_axis_values_grad>},
    {"index_put", one<libtorch::index_put>},
    {"index_put_x_grad", one<libtorch::index_put_x_grad>},
    {"index_put_value_grad", one<libtorch::index_put_value_grad>},
    {"expand", one<libtorch::expand>},
    {"expand_grad", one<libtorch::expand_grad>},
    {"as_strided", one<libtorch::as_strided>},
    {"as_strided_grad", one<libtorch::as_strided_grad>},
    {"unique", libtorch::unique},
    {"unique_consecutive", libtorch::unique_consecutive},
};

/// torch says in words that it lacks a dtype.
answer refusal(const std::string& message) {
  for (const char* words : {"not implemented for", "Low precision dtypes not supported"})
    if (message.find(words) != std::string::npos) return answer::of(failure::unsupported, message);
  return answer::of(failure::refused, message);
}

/// What torch says it was built with, without the compiler's flags.
nlohmann::json configuration() {
  constexpr std::string_view build = "Build settings: ";
  nlohmann::json settings{{"libraries", nlohmann::json::array()}};
  std::istringstream lines(at::show_config());
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, std::min(line.find_first_not_of(" -"), line.size()));
    const auto colon = line.find(": ");
    if (line.starts_with(build)) {
      for (const char* name : {"BLAS_INFO", "LAPACK_INFO", "USE_MKL", "USE_MKLDNN", "USE_OPENMP"})
        if (const auto at = line.find(std::string(name) + "="); at != std::string::npos)
          settings[name] = line.substr(at + std::strlen(name) + 1, line.find(',', at) - at - std::strlen(name) - 1);
    } else if (colon != std::string::npos) {
      settings[line.substr(0, colon)] = line.substr(colon + 2);
    } else if (!line.empty() && !line.starts_with("PyTorch built with")) {
      settings["libraries"].push_back(line);
    }
  }
  return settings;
}

class libtorch_backend : public backend {
 public:
  nlohmann::json describe() override {
    return {{"name", "torch"},
            {"version", TORCH_VERSION},
            {"threads", at::get_num_threads()},
            {"settings", configuration()}};
  }
  answer run(const test_case& c) override {
    return answer_with(c, [](const std::string& name, const call& k) {
      for (const auto& [op, compute] : ops)
        if (op == name) return result(compute, k);
      throw unsupported("no " + name);
    });
  }

 private:
  static answer result(torch_op compute, const call& k) {
    const c10::InferenceMode without_gradients;
    try {
      answer a;
      for (const at::Tensor& t : compute(k)) a.outputs.push_back(our_tensor(t));
      return a;
    } catch (const c10::Error& e) {
      return refusal(e.what_without_backtrace());
    } catch (const invalid_argument&) {
      throw;
    } catch (const unsupported&) {
      throw;
    } catch (const std::exception& e) {  // oneDNN's errors are not torch's
      return refusal(e.what());
    }
  }
};

}  // namespace
}  // namespace halfulp::analysis

int main() {
  try {
    halfulp::analysis::libtorch_backend torch;
    halfulp::analysis::reply_stream out;
    halfulp::analysis::serve(torch, std::cin, "standard input", out, {halfulp::analysis::element_notation::bits, true});
  } catch (const std::exception& e) {
    std::cerr << "halfulp_libtorch_worker: " << e.what() << '\n';
    return 2;
  }
}
