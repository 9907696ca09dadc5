// Times the eigvalsh kernel: a worker of benchmarks/eigvalsh_beside_torch.py.

#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>

#include "eigenvalue_worker.hpp"

namespace {

struct matrices {
  using op = halfulp::op::eigvalsh;

  static constexpr auto kind_named = halfulp::gallery::kind_named;

  template <class T>
  static std::vector<T> make(halfulp::gallery::kind k, int n, std::uint64_t seed) {
    return halfulp::gallery::elements<T>(halfulp::gallery::make<T>(k, n, seed));
  }
};

}  // namespace

int main() {
  return halfulp::benchmarks::eigenvalue_worker<matrices>::main();
}
