// A Cholesky factor of at most 32 rows, and its approximate inverse, in shared memory.
#pragma once

#include <halfulp/kernels/linalg/device_factor.cuh>
#include <halfulp/kernels/linalg/settled_column.cuh>

namespace halfulp::kernels::cuda {

/// What a block of threads makes of one factor: the bound of the inverse is inversion_bound (device_factor.cuh).
template <class T>
class small_factor {
 public:
  using E = typename number_of_parts<is_complex<T> ? 2 : 1>::type;

  HALFULP_HOST_DEVICE static std::size_t bytes(std::int64_t n) {
    constexpr std::size_t unit = sizeof(complex_number);
    return (static_cast<std::size_t>(2 * n * stride_for(n) + n) * sizeof(E) + unit - 1) / unit * unit;
  }
  __device__ small_factor(void* memory, int n)
      : l_(static_cast<E*>(memory)), r_(l_ + n * stride_for(n)), reciprocals_(r_ + n * stride_for(n)), n_(n) {}

  /// y: the components of one matrix. For all threads of the block together.
  __device__ inverted_factor<E> load(const component_t<T>* y, bool upper) const {
    const int stride = stride_for(n_);
    int state = 0;
    for (int k = static_cast<int>(threadIdx.x); k < n_ * n_; k += static_cast<int>(blockDim.x)) {
      const int first = k / n_, second = k % n_, row = upper ? second : first, column = upper ? first : second;
      E* const to = &l_[row * stride + column];
      *to = r_[row * stride + column] = E{};
      if (column > row) continue;
      *to = read_element<E>(y + k * parts_of_number<E>, upper, row == column, state);
      if (row == column) reciprocals_[row] = reciprocal(*to);
    }
    state = __syncthreads_or(state & undefined_factor) != 0 ? undefined_factor
            : __syncthreads_or(state) != 0                  ? factor_out_of_range
                                                            : 0;
    if (state == 0 && static_cast<int>(threadIdx.x) < n_) invert_row(static_cast<int>(threadIdx.x));
    __syncthreads();
    return {l_, r_, stride, state};
  }

 private:
  HALFULP_HOST_DEVICE static constexpr int stride_for(std::int64_t n) {
    return static_cast<int>(n | 1);
  }  // for the banks

  /// r_i L = e_i, from the right: what is left of e_i stands where r_i is to be. Each term is n roundings at most on its way.
  __device__ void invert_row(int i) const {
    const int stride = stride_for(n_);
    E* const r = r_ + i * stride;
    set_part(r[i], 0, 1);
    for (int j = i; j >= 0; --j) {
      const E v = multiply_add(r[j], reciprocals_[j], E{}), minus_v = negated(v);
      const E* const l = l_ + j * stride;
      r[j] = v;
#pragma unroll 4
      for (int k = 0; k < j; ++k) r[k] = multiply_add(minus_v, l[k], r[k]);
    }
  }

  E *l_, *r_, *reciprocals_;
  int n_;
};

}  // namespace halfulp::kernels::cuda
