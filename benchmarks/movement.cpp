// Times ops that move elements, and memcpy, on one thread: a worker of benchmarks/movement_beside_torch.py.
// Reads lines "<task> <calls>" and answers each with one line of JSON: the microseconds of each call. Outputs are made
// beforehand, but for unique's, whose shapes are not known.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/expand.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;

using task = std::function<void()>;
constexpr std::int64_t rows = 1024, columns = 16384;  // of each float32 output: 64 MiB

argument list(const std::vector<std::int64_t>& numbers) {
  argument::list items;
  for (const std::int64_t n : numbers) items.push_back({n});
  return {items};
}

tensor random_floats(const extents& shape) {
  static std::mt19937_64 engine(1);
  tensor t(dtype::float32, shape);
  for (auto& x : t.elements<float>()) x = static_cast<float>(static_cast<std::int64_t>(engine())) * 0x1p-63F;
  return t;
}

/// The kernel of Op alone, on bound arguments. The arguments keep views of tensors, which `keep` owns.
template <class Op>
task kernel_of(const std::vector<tensor>& keep, const argument::list& given) {
  const auto args = Op::template bind<float>(call(signature_named(Op::name), given, {}));
  const tensor_type type = Op::outputs(args)[0];
  const tensor out(type.type, type.shape);
  return [keep, args, out] {
    const tensor_view view = out.view();
    (void)kernels::compute<Op, float>(args, {&view, 1});
  };
}

task memcpy_of_output() {
  const tensor from = random_floats({rows, columns}), to(dtype::float32, {rows, columns});
  return [from, to] { std::memcpy(to.bytes().data(), from.bytes().data(), to.bytes().size()); };
}
task expand(const extents& shape) {
  const tensor x = random_floats(shape);
  return kernel_of<op::expand>({x}, {{x.view()}, list({rows, columns})});
}
task as_strided(const std::vector<std::int64_t>& stride, std::int64_t elements) {
  const tensor x = random_floats({elements});
  return kernel_of<op::as_strided>({x}, {{x.view()}, list({rows, columns}), list(stride)});
}
task copysign(const extents& y_shape) {
  const tensor x = random_floats({rows, columns}), y = random_floats(y_shape);
  return kernel_of<op::copysign>({x, y}, {{x.view()}, {y.view()}});
}
/// A million elements of `values` different numbers.
task unique(dtype type, std::int64_t values) {
  std::mt19937_64 engine(2);
  tensor x(type, {1000000});
  visit_dtype(type, type_list<float, std::int64_t>{}, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (auto& v : x.template elements<T>())
      v = static_cast<T>(static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(values)));
  });
  const call c(signature_named("unique"), {{x.view()}}, {{"return_inverse", {true}}});
  return [x, c] { (void)kernels::compute("unique", c); };
}

const std::map<std::string, std::function<task()>> tasks{
    {"memcpy", memcpy_of_output},
    {"expand_rows",
     [] {
       return expand({1, columns});
     }},
    {"expand_columns",
     [] {
       return expand({rows, 1});
     }},
    {"expand_none",
     [] {
       return expand({rows, columns});
     }},
    {"as_strided_windows",
     [] {
       return as_strided({64, 1}, columns + 64 * rows);
     }},
    {"as_strided_every_second",
     [] {
       return as_strided({2 * columns, 2}, 2 * rows * columns);
     }},
    {"as_strided_transposed",
     [] {
       return as_strided({1, rows}, rows * columns);
     }},
    {"copysign",
     [] {
       return copysign({rows, columns});
     }},
    {"copysign_broadcast",
     [] {
       return copysign({rows, 1});
     }},
    {"unique_int64_many", [] { return unique(dtype::int64, std::int64_t{1} << 62); }},
    {"unique_int64_few", [] { return unique(dtype::int64, 1000); }},
    {"unique_float32_many", [] { return unique(dtype::float32, 1 << 24); }},
};

bool answer(const std::string& line) {
  std::istringstream words(line);
  std::string name;
  int calls = 0;
  words >> name >> calls;
  const auto made = tasks.find(name);
  if (!words || calls < 1 || made == tasks.end()) return false;
  const task run = made->second();
  run();  // pages of the output
  std::string times;
  for (int k = 0; k < calls; ++k) {
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
    times += (k > 0 ? ", " : "") + std::to_string(spent.count());
  }
  std::printf("[%s]\n", times.c_str());
  std::fflush(stdout);
  return true;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (answer(line)) continue;
    std::string known;
    for (const auto& [name, make] : tasks) known += (known.empty() ? "" : ", ") + name;
    std::fprintf(stderr, "halfulp_benchmark_movement: the line is '%s'; it may be <task> <calls>, the task one of %s\n",
                 line.c_str(), known.c_str());
    return 2;
  }
  return 0;
}
