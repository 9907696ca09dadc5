#include <halfulp/kernels/linalg/device_factor.cuh>

#include <algorithm>

namespace halfulp::kernels::cuda {
namespace {

constexpr int width = lanes_of_warp;  // columns that a block of threads finds at a time
constexpr int group = 8;              // rows of R that it finds: one a warp in the end
constexpr int warps = 8;

template <class E>
struct inversion_memory {
  static constexpr int staged = 128 / parts_of_number<E>;  // elements of each row
  E rows[staged][group];
  E sums[warps][group][width];
  E block[width][width + 1];
  E reciprocals[width];
};

/// Rows first .. first + 7 of R from r_i L = e_i, by substitution from the right.
template <class E>
class row_group {
 public:
  __device__ row_group(const factor_batch<E>& f, std::int64_t m, int first, inversion_memory<E>& memory)
      : l_(f.factor(m)),
        r_(f.r + m * f.n * f.n),
        n_(f.n),
        first_(first),
        end_(min(first + group, f.n)),
        warp_(static_cast<int>(threadIdx.x) / width),
        lane_(static_cast<int>(threadIdx.x) % width),
        memory_(memory) {}

  __device__ void solve() {
    for (int column = (end_ - 1) / width * width; column >= 0; column -= width) {
      sum_products(column);
      load_block(column);
      __syncthreads();
      substitute(column);
      __syncthreads();
    }
  }

 private:
  __device__ std::int64_t at(int row, int column) const { return std::int64_t{row} * n_ + column; }

  /// sums[w][q][c] = what warp w finds of the sum over k >= column + 32 of r_qk l_k,column+c
  __device__ void sum_products(int column) {
    constexpr int staged = inversion_memory<E>::staged;
    E s[group] = {};
    for (int k = column + width; k < end_; k += staged) {
      for (int t = static_cast<int>(threadIdx.x); t < staged * group; t += warps * width) {
        const int row = first_ + t / staged, place = t % staged;
        memory_.rows[place][t / staged] = row < n_ && k + place <= row ? r_[at(row, k + place)] : E{};
      }
      __syncthreads();
#pragma unroll 4
      for (int place = warp_; place < min(staged, end_ - k); place += warps) {
        const E l = l_[at(k + place, column + lane_)];
        for (int q = 0; q < group; ++q) s[q] = multiply_add(memory_.rows[place][q], l, s[q]);
      }
      __syncthreads();
    }
    for (int q = 0; q < group; ++q) memory_.sums[warp_][q][lane_] = s[q];
  }

  /// The block of the diagonal, rows and columns column .. column + 31.
  __device__ void load_block(int column) {
    for (int c = warp_; c < width && column + c < n_; c += warps) {
      const E l = lane_ <= c ? l_[at(column + c, column + lane_)] : E{};
      memory_.block[c][lane_] = l;
      if (lane_ == c) memory_.reciprocals[c] = reciprocal(l);
    }
  }

  /// One row a warp, one column a lane.
  __device__ void substitute(int column) {
    const int row = first_ + warp_, last = min(width - 1, row - column);
    if (row >= n_ || last < 0) return;
    E s{};
    for (int w = 0; w < warps; ++w) s = sum(s, negated(memory_.sums[w][warp_][lane_]));
    if (lane_ == row - column) set_part(s, 0, 1);
    const E own = lane_ <= last ? memory_.reciprocals[lane_] : E{};
    E found{};
#pragma unroll 4
    for (int c = last; c >= 0; --c) {
      const E v = broadcast(multiply_add(s, own, E{}), c);
      if (lane_ == c) found = v;
      if (lane_ < c) s = multiply_add(negated(v), memory_.block[c][lane_], s);
    }
    if (lane_ <= last) r_[at(row, column + lane_)] = found;
  }

  const E* l_;
  E* r_;
  int n_, first_, end_, warp_, lane_;
  inversion_memory<E>& memory_;
};

template <class E>
__global__ void __launch_bounds__(warps* width) invert_factors_kernel(factor_batch<E> f) {
  extern __shared__ __align__(16) unsigned char bytes[];
  auto& memory = *reinterpret_cast<inversion_memory<E>*>(bytes);
  const std::int64_t groups = (f.n + group - 1) / group;
  for (std::int64_t work = blockIdx.x; work < f.count * groups; work += gridDim.x) {
    const std::int64_t m = work / groups;
    if (f.state[m] != 0) continue;
    row_group<E>(f, m, static_cast<int>(groups - 1 - work % groups) * group, memory).solve();  // the longest ones first
  }
}

}  // namespace

template <class E>
void invert_factors(const factor_batch<E>& f, const cuda_queue& queue) {
  constexpr std::size_t bytes = sizeof(inversion_memory<E>);
  check(cudaFuncSetAttribute(invert_factors_kernel<E>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  const std::int64_t groups = f.count * ((f.n + group - 1) / group);
  launch(queue, static_cast<unsigned>(std::min(groups, most_blocks)), warps * width, bytes, invert_factors_kernel<E>,
         f);
}

template void invert_factors(const factor_batch<double>&, const cuda_queue&);
template void invert_factors(const factor_batch<complex_number>&, const cuda_queue&);

}  // namespace halfulp::kernels::cuda
