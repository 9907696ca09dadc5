// Times index_add and put_along_axis, one call at a time, so that a peer can be timed in between
// (scatter_beside_torch.py). Reads lines from standard input:
//   case OP REDUCE DTYPE UPDATES BINS   makes random operands, all along one axis; prints "ready"
//   run                                 computes it once, arguments checked; prints "MICROSECONDS T0 T1 T2 T3"
// OP is index_add or put_along_axis. MICROSECONDS are CPU time of this process, T0 to T3 the outputs that each tier
// decided.

#include <ctime>
#include <iostream>
#include <random>
#include <sstream>
#include <string>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace {

using namespace halfulp;

struct operands {
  std::string op, reduce;
  tensor x, index, values;

  call make() const {
    const argument axis{std::int64_t{0}};
    if (op == "index_add") return {signature_named(op), {{x.view()}, {index.view()}, axis, {values.view()}}, {}};
    return {signature_named(op), {{x.view()}, {index.view()}, {values.view()}, axis, {reduce}}, {}};
  }
};

tensor uniform(dtype type, std::int64_t n, std::mt19937_64& random) {
  const tensor t(type, {n});
  visit_dtype(type, type_list<float16, bfloat16, float, double>{}, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (T& v : t.elements<T>()) v = narrow<T>(static_cast<double>(random() >> 11) * 0x1p-52 - 1);
  });
  return t;
}

operands read_case(std::istream& in) {
  operands o;
  std::string type;
  std::int64_t updates, bins;
  in >> o.op >> o.reduce >> type >> updates >> bins;
  const auto element_type = dtype_named(type);
  if (!in || !element_type) throw std::runtime_error("a case is OP REDUCE DTYPE UPDATES BINS");
  std::mt19937_64 random(1);
  o.x = uniform(*element_type, bins, random);
  o.values = uniform(*element_type, updates, random);
  o.index = tensor(dtype::int64, {updates});
  for (auto& i : o.index.elements<std::int64_t>())
    i = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bins));
  return o;
}

void run(const operands& o) {
  const call c = o.make();
  timespec before{}, after{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  const kernels::result r = kernels::compute(o.op, c);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  std::cout << static_cast<double>(after.tv_sec - before.tv_sec) * 1e6 +
                   static_cast<double>(after.tv_nsec - before.tv_nsec) / 1e3;
  for (const std::int64_t count : r.decided.count) std::cout << ' ' << count;
  std::cout << std::endl;
}

}  // namespace

int main() {
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
      std::cerr << "halfulp_benchmark_scatter: " << line << ": " << e.what() << '\n';
      return 2;
    }
  }
  return 0;
}
