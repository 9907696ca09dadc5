// Times conv2d and its gradients, one call at a time, so that a peer can be timed in between (conv2d_beside_torch.py).
// Reads lines from standard input:
//   case OP DTYPE CONTENT N C H W O K STRIDE PADDING GROUPS   makes the operands of a case; prints "ready"
//   run                                                       computes it once; prints "MICROSECONDS T0 T1 T2 T3"
// OP is conv2d, conv2d_input_grad, conv2d_weight_grad or conv2d_bias_grad; CONTENT one of
//   uniform, cancelling                      any numbers; each second channel takes back the one before it
//   relu                                     any numbers, the negative ones of x replaced by 0
//   integers                                 small integers: ties, and zeros
//   constant                                 images of one grey, any weights
//   flat                                     images of one grey under derivative filters: every sum inside is 0
// MICROSECONDS are those that pass, T0 to T3 the outputs that each tier decided. The first line printed names the
// instruction set in use.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>

#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;

struct operands {
  std::string op;
  tensor x, weight, dy;
  std::int64_t stride = 1, padding = 0, groups = 1;

  call make() const {
    std::map<std::string, argument> named{{"stride", {stride}}, {"padding", {padding}}, {"groups", {groups}}};
    if (op == "conv2d") return {signature_named(op), {{x.view()}, {weight.view()}}, named};
    if (op == "conv2d_bias_grad") return {signature_named(op), {{dy.view()}}, {}};
    const bool of_input = op == "conv2d_input_grad";
    argument::list shape(4);
    for (std::size_t k = 0; k < 4; ++k) shape[k].value = (of_input ? x : weight).shape()[static_cast<int>(k)];
    named[of_input ? "input_shape" : "weight_shape"].value = shape;
    return {signature_named(op), {{dy.view()}, {(of_input ? weight : x).view()}}, named};
  }
};

double element(std::mt19937_64& random, const std::string& content) {
  const double u = static_cast<double>(random() >> 11) * 0x1p-52 - 1;
  return content == "integers" ? std::floor(8 * u) : u;
}

template <class Change>
void for_elements(tensor& t, Change change) {
  visit_dtype(t.type(), type_list<float16, bfloat16, float, double>{}, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::size_t k = 0;
    for (T& v : t.elements<T>()) v = narrow<T>(change(widen(v), k++));
  });
}

tensor filled(dtype type, const extents& shape, std::mt19937_64& random, const std::string& content) {
  tensor t(type, shape);
  visit_dtype(type, type_list<float16, bfloat16, float, double>{}, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (T& v : t.elements<T>()) v = narrow<T>(element(random, content));
  });
  return t;
}

/// The filters of Sobel and Laplace where the kernel is 3 x 3, else differences of neighbours.
double derivative(std::size_t tap, std::size_t filter, std::size_t taps) {
  constexpr double filters[][9] = {
      {-1, 0, 1, -2, 0, 2, -1, 0, 1}, {-1, -2, -1, 0, 0, 0, 1, 2, 1}, {0, 1, 0, 1, -4, 1, 0, 1, 0}};
  if (taps == 9) return filters[filter % 3][tap];
  return tap + 1 == taps && taps % 2 == 1 ? 0 : tap % 2 == 0 ? 1 : -1;
}

void shape_content(operands& o, const std::string& content) {
  const auto taps = static_cast<std::size_t>(o.weight.shape()[2] * o.weight.shape()[3]);
  const auto inputs = static_cast<std::size_t>(o.weight.shape()[1]);
  if (content == "relu") for_elements(o.x, [](double v, std::size_t) { return std::max(v, 0.0); });
  if (content == "constant" || content == "flat") for_elements(o.x, [](double, std::size_t) { return 0.1; });
  if (content == "flat")
    for_elements(o.weight, [&](double, std::size_t k) { return derivative(k % taps, k / taps / inputs, taps); });
}

/// Each second channel of x takes back the one before it, but for one part in a million.
void cancel(operands& o) {
  const auto plane = static_cast<std::size_t>(o.x.shape()[2] * o.x.shape()[3]);
  const auto taps = static_cast<std::size_t>(o.weight.shape()[2] * o.weight.shape()[3]);
  visit_dtype(o.x.type(), type_list<float16, bfloat16, float, double>{}, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto x = o.x.elements<T>(), w = o.weight.elements<T>();
    for (std::size_t k = 0; k < x.size(); ++k)
      if (k / plane % 2 == 1) x[k] = narrow<T>(-widen(x[k - plane]) * (1 + 1e-6));
    for (std::size_t k = 0; k < w.size(); ++k)
      if (k / taps % 2 == 1) w[k] = w[k - taps];
  });
}

operands read_case(std::istream& in) {
  operands o;
  std::string type, content;
  std::int64_t n, c, h, w, outputs, kernel;
  in >> o.op >> type >> content >> n >> c >> h >> w >> outputs >> kernel >> o.stride >> o.padding >> o.groups;
  const auto element_type = dtype_named(type);
  if (!in || !element_type) throw std::runtime_error("a case is OP DTYPE CONTENT N C H W O K STRIDE PADDING GROUPS");
  std::mt19937_64 random(1);
  const auto out = [&](std::int64_t size) { return (size + 2 * o.padding - kernel) / o.stride + 1; };
  o.x = filled(*element_type, {n, c, h, w}, random, content);
  o.weight = filled(*element_type, {outputs, c / o.groups, kernel, kernel}, random, content);
  o.dy = filled(*element_type, {n, outputs, out(h), out(w)}, random, content);
  if (content == "cancelling") cancel(o);
  shape_content(o, content);
  return o;
}

void run(const operands& o) {
  const call c = o.make();
  std::unique_ptr<std::byte[]> memory;
  const auto make = [&memory](const tensor_type& t) {  // as torch makes its result: memory that nobody has written
    const auto bytes = static_cast<std::size_t>(product(t.shape) * size_of(t.type));
    memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
    return tensor_view{memory.get(), t.type, t.shape, row_major_strides(t.shape)};
  };
  const auto before = std::chrono::steady_clock::now();
  const tier_counts decided = kernels::compute(o.op, c, make);
  memory.reset();  // torch's result is given back within its time, too
  const auto after = std::chrono::steady_clock::now();
  std::cout << std::chrono::duration<double, std::micro>(after - before).count();
  for (const std::int64_t count : decided.count) std::cout << ' ' << count;
  std::cout << std::endl;
}

}  // namespace

int main() {
  std::cout << kernels::instruction_set() << std::endl;
  operands o;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string what;
    in >> what;
    try {
      if (what == "case") {
        o = read_case(in);
        std::cout << "ready" << std::endl;
      } else {
        run(o);
      }
    } catch (const std::exception& e) {
      std::cerr << "halfulp_benchmark_conv2d: " << line << ": " << e.what() << '\n';
      return 2;
    }
  }
  return 0;
}
