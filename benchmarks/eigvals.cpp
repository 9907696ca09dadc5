// Times the eigvals kernel: a worker of benchmarks/eigvals_beside_torch.py.

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>

#include "eigenvalue_worker.hpp"

namespace {

struct matrices {
  using op = halfulp::op::eigvals;

  static constexpr auto kind_named = halfulp::gallery::general_kind_named;

  template <class T>
  static std::vector<T> make(halfulp::gallery::general_kind k, int n, std::uint64_t seed) {
    return halfulp::gallery::elements<T>(halfulp::gallery::make<T>(k, n, seed));
  }
};

}  // namespace

int main() {
  return halfulp::benchmarks::eigenvalue_worker<matrices>::main();
}
