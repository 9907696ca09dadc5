// Planted faults of cholesky_solve and its gradients.
#include <halfulp/oracle/ops/cholesky_solve_x_grad.hpp>
#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;

namespace {

using op::cholesky_solve;
constexpr long small_shapes = 40000;

template <class M>
struct other_triangle_of_factor : cholesky_solve::geometry<M> {
  using base = cholesky_solve::geometry<M>;
  static other_triangle_of_factor of(M& m, const shape<M>& x, const shape<M>& y, bool upper) {
    return {base::of(m, x, y, upper)};
  }
  cholesky_solve::entry<M> factor_entry(M& m, idx<M> matrix, idx<M> row, idx<M> column) const {
    return base::factor_entry(m, matrix, column, row);
  }
};

template <class M>
struct unrepeated_factor : cholesky_solve::geometry<M> {
  using base = cholesky_solve::geometry<M>;
  static unrepeated_factor of(M& m, const shape<M>& x, const shape<M>& y, bool upper) {
    return {base::of(m, x, y, upper)};
  }
  typename base::pair source(M& m, idx<M> matrix) const {
    typename base::pair s = base::source(m, matrix);
    s.y = matrix;  // as if y had the batch of the result
    return s;
  }
};

template <class M>
struct columns_by_rows : cholesky_solve::geometry<M> {
  using base = cholesky_solve::geometry<M>;
  static columns_by_rows of(M& m, const shape<M>& x, const shape<M>& y, bool upper) {
    return {base::of(m, x, y, upper)};
  }
  idx<M> element(M& m, const cholesky_solve::position<M>& p) const {
    return join(m, join(m, p.matrix, p.row, this->n), p.column, this->n);
  }
};

template <class M>
struct batch_of_x_alone : cholesky_solve::geometry<M> {
  using base = cholesky_solve::geometry<M>;
  static batch_of_x_alone of(M& m, const shape<M>& x, const shape<M>& y, bool upper) {
    batch_of_x_alone g{base::of(m, x, y, upper)};
    if (x.rank == 3 && y.rank == 3) g.out.dim[0] = x.dim[0];
    return g;
  }
};

}  // namespace

TEST_CASE("fault: cholesky_solve reads the other triangle") {
  check_fault<with<cholesky_solve, other_triangle_of_factor>>(small_shapes);
}
TEST_CASE("fault: cholesky_solve does not repeat a factor") {
  check_fault<with<cholesky_solve, unrepeated_factor>>(small_shapes);
}
TEST_CASE("fault: cholesky_solve steps over rows of n elements, not k") {
  check_fault<with<cholesky_solve, columns_by_rows>>(small_shapes);
}
TEST_CASE("fault: cholesky_solve's result has the batch of x alone") {
  check_fault<with<cholesky_solve, batch_of_x_alone>>(small_shapes);
}
TEST_CASE("fault: cholesky_solve without one of its checks") {
  check_rule_is_needed<cholesky_solve>("the factors must be square", small_shapes);
  check_rule_is_needed<cholesky_solve>("x must have as many rows as y", small_shapes);
  check_rule_is_needed<cholesky_solve>("dimensions of x and y, aligned at the right, must be equal or one of them 1",
                                       small_shapes);
}
TEST_CASE("fault: a gradient of cholesky_solve without the check of dout's shape") {
  check_rule_is_needed<op::cholesky_solve_x_grad>("dout must have the shape of cholesky_solve's result", small_shapes);
  check_rule_is_needed<op::cholesky_solve_y_grad>("dout must have the shape of cholesky_solve's result", small_shapes);
}
