#include <halfulp/oracle/ops/eigvals.hpp>

#include <halfulp/kernels/linalg/device_discs.cuh>
#include <halfulp/kernels/linalg/matrix_op.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// Eigenvalue k of a batch to its place, in the order of the spec; NaN where an element is undefined. A matrix of which every
/// eigenvalue is decided is settled by `reached`.
template <class R>
struct place_eigenvalue {
  general_batch b;
  disc_bounds d;
  const R* rounded;
  std::complex<R>* out;
  tier reached;
  tier_counts* decided;

  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n;
    const auto mine = static_cast<int>(k % b.n);
    const bool undefined = b.state[m] == undefined_matrix;
    if (!undefined && (b.state[m] != at_work || d.failed[m] != 0)) return;
    int before = undefined ? mine : 0;
    if (!undefined) {
      const std::complex<R> z = value(m, mine);
      for (int j = lane; j < b.n; j += lanes_of_warp) {
        const std::complex<R> w = value(m, j);
        if (op::eigvals::precedes<R>(w, z) || (j < mine && !op::eigvals::precedes<R>(z, w))) ++before;
      }
      before = __reduce_add_sync(all_lanes, before);
    }
    if (lane != 0) return;
    const R nan = canonical_nan<R>();
    out[m * b.n + before] = undefined ? std::complex<R>(nan, nan) : value(m, mine);
    if (decided != nullptr)
      atomicAdd(reinterpret_cast<unsigned long long*>(
                    &decided->count[static_cast<std::size_t>(undefined ? tier::exact : reached)]),
                2ULL);
  }
  __device__ std::complex<R> value(std::int64_t m, int k) const {
    return {rounded[2 * (m * b.n + k)], rounded[2 * (m * b.n + k) + 1]};
  }
};

/// After place_eigenvalue: what it placed is settled.
struct settle_matrix {
  general_batch b;
  disc_bounds d;
  __device__ void operator()(std::int64_t m) const {
    if (b.state[m] == undefined_matrix || (b.state[m] == at_work && d.failed[m] == 0)) b.state[m] = settled_matrix;
  }
};

/// The matrices of a call, as many at a time as memory is meant to hold.
template <class T>
class settled_batches {
 public:
  using R = op::eigvals::part_t<T>;

  settled_batches(const op::eigvals::args<T>& a, std::complex<R>* out, const cuda_queue& queue)
      : a_(a), out_(out), queue_(queue), n_(a.shape.n) {}

  static constexpr std::int64_t matrices = 6;  // n x n, of each matrix

  void settle(std::int64_t first, std::int64_t count) {
    const auto numbers = static_cast<std::size_t>(count * n_ * (matrices * n_ + 1)) * sizeof(complex_number);
    const std::size_t bounds = numbers, rounded = bounds + disc_bounds::bytes(n_, count),
                      words = rounded + static_cast<std::size_t>(2 * count * n_) * sizeof(R),
                      bytes = words + static_cast<std::size_t>(count * (n_ + 2)) * sizeof(int);
    const workspace memory(queue_, bytes);
    auto* const z = memory.at<complex_number>();
    const std::int64_t size = count * n_ * n_;
    int* const ints = memory.at<int>(words);
    const general_batch b{
        z,    z + size,     z + 2 * size,     z + 6 * size,         {z + 3 * size, z + 4 * size, z + 5 * size},
        ints, ints + count, ints + 2 * count, static_cast<int>(n_), count};
    const disc_bounds d(memory.at<double>(bounds), n_, count);
    load_general<T>(a_, first, b, queue_);
    const auto states = climb(first, b, d, memory.at<R>(rounded));
    std::vector<std::int64_t> left;
    for (std::size_t m = 0; m < states.size(); ++m)
      if (states[m] != settled_matrix) left.push_back(first + static_cast<std::int64_t>(m));
    if (!left.empty()) settle_on_host(left);
  }

 private:
  static constexpr bool narrow_format = format_of<R>.precision <= 24;
  static constexpr std::int64_t most_binary64_n = 256;  // beyond it binary64 decides few matrices as a whole

  /// Tier by tier; waits for the stream after each, to learn whether something is left.
  std::vector<int> climb(std::int64_t first, const general_batch& b, const disc_bounds& d, R* rounded) {
    constexpr std::int64_t few = 2;  // that the library takes sooner one after the other
    if (n_ <= most_schur_n && (n_ <= most_schur_n_in_shared || b.count > few)) {
      find_vectors_by_blocks(b, queue_);
      return run_tiers(first, b, d, rounded);
    }
    if constexpr (narrow_format) {
      find_vectors_by_library(b, !is_complex<T>, library_precision::binary32_refined, queue_);
      const auto states = run_tiers(first, b, d, rounded);
      if (!any_at_work(states)) return states;
    }
    find_vectors_by_library(b, !is_complex<T>, library_precision::binary64, queue_);
    return run_tiers(first, b, d, rounded);
  }

  std::vector<int> run_tiers(std::int64_t first, const general_batch& b, const disc_bounds& d, R* rounded) {
    const dense_libraries by(queue_);
    if (narrow_format && n_ <= most_binary64_n) {
      const auto states = run_tier(by, first, b, d, rounded, tier::binary64);
      if (!any_at_work(states)) return states;
    }
    return run_tier(by, first, b, d, rounded, tier::double_double);
  }
  static bool any_at_work(const std::vector<int>& states) {
    return std::count(states.begin(), states.end(), at_work) > 0;
  }

  std::vector<int> run_tier(const dense_libraries& by, std::int64_t first, const general_batch& b, const disc_bounds& d,
                            R* rounded, tier t) {
    find_discs(by, b, d, t == tier::double_double, queue_);
    for_each_warp(queue_, b.count * n_, decide_eigenvalue<R>{b, d, !is_complex<T>, rounded});
    for_each_warp(queue_, b.count * n_, place_eigenvalue<R>{b, d, rounded, out_ + first * n_, t, queue_.decided});
    for_each_index(queue_, b.count, settle_matrix{b, d});
    std::vector<int> states(static_cast<std::size_t>(b.count));
    check(
        cudaMemcpyAsync(states.data(), b.state, states.size() * sizeof(int), cudaMemcpyDeviceToHost, stream_of(queue_)),
        "cudaMemcpyAsync");
    check(cudaStreamSynchronize(stream_of(queue_)), "cudaStreamSynchronize");
    return states;
  }

  void settle_on_host(const std::vector<std::int64_t>& left) {
    const auto count = static_cast<std::int64_t>(left.size());
    const auto x = rows_to_host(queue_, a_.x.data(), n_ * n_, left);
    run m(op::eigvals::name);
    const std::int64_t shape_of_x[3] = {count, n_, n_};
    const op::eigvals::args<T> some{x, op::eigvals::geometry<run>::of(m, shape<run>::of(m, "x", shape_of_x, 3))};
    compute_rows_on_host<op::eigvals, T>(some, {count, n_}, out_, left, queue_);
  }

  const op::eigvals::args<T>& a_;
  std::complex<R>* out_;
  const cuda_queue& queue_;
  std::int64_t n_;
};

template <class T>
void settle(const op::eigvals::args<T>& a, void* out, const cuda_queue& queue) {
  using batches = settled_batches<T>;
  const std::int64_t n = a.shape.n, all = a.shape.matrices;
  if (n == 0 || all == 0) return;
  batches b(a, static_cast<std::complex<typename batches::R>*>(out), queue);
  for_each_batch(all, batches::matrices * n * n * std::int64_t{sizeof(complex_number)}, all,
                 [&](std::int64_t first, std::int64_t count) { b.settle(first, count); });
}

}  // namespace
}  // namespace cuda

HALFULP_MATRIX_OP(eigvals)

}  // namespace halfulp::kernels
