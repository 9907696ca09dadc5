// The vectors that one right side of a Cholesky factor is solved with, and the sums that go through them.
#pragma once

#include <halfulp/kernels/linalg/device_number.hpp>

namespace halfulp::kernels::cuda {

/// The vectors of one right side.
template <class E>
struct solution_vectors {
  E *b, *x, *x_low, *r, *y, *t, *t_low;
  double *rho, *w, *g, *h, *p, *q;
  int *done, *flags;  // components that are decided, as bits; one flag a block of the team

  HALFULP_HOST_DEVICE static std::size_t bytes(std::int64_t n) {
    constexpr std::size_t most_blocks_of_team = 16, unit = sizeof(complex_number);
    const std::size_t all = static_cast<std::size_t>(n) * (7 * sizeof(E) + 6 * sizeof(double) + sizeof(int)) +
                            most_blocks_of_team * sizeof(int);
    return (all + unit - 1) / unit * unit;
  }
  // member by member: a loop over their addresses would keep them in local memory, and what they point to unknown
  __device__ solution_vectors(void* memory, int n)
      : b(static_cast<E*>(memory)),
        x(b + n),
        x_low(x + n),
        r(x_low + n),
        y(r + n),
        t(y + n),
        t_low(t + n),
        rho(reinterpret_cast<double*>(t_low + n)),
        w(rho + n),
        g(w + n),
        h(g + n),
        p(h + n),
        q(p + n),
        done(reinterpret_cast<int*>(q + n)),
        flags(done + n) {}
};

/// Sums of the products of one row or column of a matrix.
template <class E>
struct product_sums {
  E value;
  double magnitude, other;
  __device__ void merge(const product_sums& o) {
    value = sum(value, o.value);
    magnitude += o.magnitude;
    other += o.other;
  }
};
/// The same in compensated arithmetic, beside the sum of other magnitudes.
template <class E>
struct accurate_products {
  compensated_sum<E> value;
  double magnitude, other;
  __device__ void merge(const accurate_products& o) {
    value.merge(o.value);
    magnitude += o.magnitude;
    other += o.other;
  }
};
template <class E>
struct accurate_sums {
  compensated_sum<E> value;
  double magnitude;
  __device__ void merge(const accurate_sums& o) {
    value.merge(o.value);
    magnitude += o.magnitude;
  }
};

}  // namespace halfulp::kernels::cuda
