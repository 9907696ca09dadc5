#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include <halfulp/kernels/linalg/lane_team.cuh>
#include <halfulp/kernels/linalg/matrix_op.cuh>
#include <halfulp/kernels/linalg/settled_column.cuh>
#include <halfulp/kernels/linalg/small_factor.cuh>
#include <halfulp/kernels/linalg/solution_shape.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

constexpr int small_threads = 128;
constexpr std::int64_t small_columns = 16;  // of a block

HALFULP_HOST_DEVICE std::int64_t groups_of_columns(std::int64_t k) {
  return (k + small_columns - 1) / small_columns;
}

/// `blocks_of_team` blocks a right side; `vectors` of each team are in device memory, or in shared memory where it is nullptr.
template <class T, class E>
__global__ void __launch_bounds__(most_team_threads)
    settle_columns(const __grid_constant__ solve_call<T> c, const factor_batch<E> f, int blocks_of_team,
                   std::byte* vectors) {
  extern __shared__ __align__(16) unsigned char shared[];
  const team t(blocks_of_team, shared);
  const std::int64_t teams = gridDim.x / blocks_of_team, mine = blockIdx.x / blocks_of_team;
  const auto v = vectors_of_team<E>(vectors, mine, shared, f.n);
  for (std::int64_t k = mine; k < c.shape.matrices * c.shape.k; k += teams) {
    const std::int64_t matrix = k / c.shape.k;
    const auto from = c.source(matrix);
    const inverted_factor<E> factor{f.factor(from.y), f.inverse(from.y), f.n, f.state[from.y]};
    settled_column<T, team>(c, t, factor, matrix, from.x, k % c.shape.k).settle(v);
    t.meet();
  }
}

/// Matrices of at most Width rows: a block for 16 right sides of a matrix, Width lanes for each in turn, everything in shared memory.
template <class T, int Width>
__global__ void __launch_bounds__(small_threads)
    settle_small(const __grid_constant__ solve_call<T> c, const component_t<T>* y) {
  using E = typename solve_call<T>::E;
  extern __shared__ __align__(16) unsigned char shared[];
  const lane_team<Width> t;
  const small_factor<T> factor(shared, c.n);
  const solution_vectors<E> v(shared + small_factor<T>::bytes(c.n) + t.rank() * solution_vectors<E>::bytes(c.n), c.n);
  const std::int64_t groups = groups_of_columns(c.shape.k);
  for (std::int64_t k = blockIdx.x; k < c.shape.matrices * groups; k += gridDim.x) {
    const std::int64_t matrix = groups == 1 ? k : k / groups, first = (k - matrix * groups) * small_columns;
    const auto from = c.source(matrix);
    const inverted_factor<E> f = factor.load(y + from.y * c.n * c.n * solve_call<T>::parts, c.shape.upper);
    for (std::int64_t column = first + t.rank(); column < min(c.shape.k, first + small_columns); column += t.teams()) {
      settled_column<T, lane_team<Width>>(c, t, f, matrix, from.x, column).settle(v);
      t.meet();
    }
    __syncthreads();
  }
}

/// What was decided of matrices of which nothing is left.
struct sum_decided {
  tier_counts* decided;
  solution_notes notes;
  __device__ void operator()(std::int64_t m) const {
    for (int t = 0; notes.is_left[m] == 0 && t < 4; ++t)
      if (notes.decided[m * 4 + t] > 0)
        atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<std::size_t>(t)]),
                  notes.decided[m * 4 + t]);
  }
};

/// Matrices of which something is left, by the kernel of the CPU.
template <class T>
void solve_on_host(const op::cholesky_solve::args<T>& a, T* out, const std::vector<std::int64_t>& left,
                   const cuda_queue& queue) {
  const std::int64_t n = a.shape.n, k = a.shape.k, count = static_cast<std::int64_t>(left.size());
  run m(op::cholesky_solve::name);
  std::vector<std::int64_t> of_x, of_y;
  for (const std::int64_t matrix : left) {
    const auto from = a.shape.source(m, {matrix, {}});
    of_x.push_back(from.x.v);
    of_y.push_back(from.y.v);
  }
  const auto x = rows_to_host(queue, a.x.data(), n * k, of_x), y = rows_to_host(queue, a.y.data(), n * n, of_y);
  const std::int64_t x_shape[3] = {count, n, k}, y_shape[3] = {count, n, n};
  const op::cholesky_solve::args<T> some{
      x, y,
      op::cholesky_solve::geometry<run>::of(m, shape<run>::of(m, "x", x_shape, 3), shape<run>::of(m, "y", y_shape, 3),
                                            a.shape.upper)};
  compute_rows_on_host<op::cholesky_solve, T>(some, {count, n, k}, out, left, queue);
}

/// The parts of a call's workspace, one after the other.
template <class E>
struct solve_memory {
  std::size_t l, r, vectors, decided, left, state, is_left, bytes = 0;

  solve_memory(std::int64_t n, std::int64_t factors, std::int64_t matrices, const team_shape& teams) {
    const auto place = [this](std::size_t size) {
      const std::size_t at = bytes;
      bytes += (size + 15) / 16 * 16;
      return at;
    };
    const auto count = [](std::int64_t of, std::size_t size) { return static_cast<std::size_t>(of) * size; };
    l = place(count(factors * n * n, sizeof(E)));
    r = place(count(factors * n * n, sizeof(E)));
    vectors = place(count(teams.teams, teams.vector_bytes));
    left = place(left_list_bytes(matrices));
    decided = place(count(matrices * 4, sizeof(unsigned long long)));
    is_left = place(count(matrices, sizeof(int)));
    state = place(count(factors, sizeof(int)));
  }
};

/// Factors of more than 32 rows.
template <class T, class E>
void solve_large(const op::cholesky_solve::args<T>& a, const solve_call<T>& c, const team_shape& teams,
                 const factor_batch<E>& f, std::byte* vectors, const cuda_queue& queue) {
  load_factors<T>(a, f, queue);
  invert_factors(f, queue);
  allow_shared(settle_columns<T, E>, teams.shared_bytes);
  launch(queue, manner{false, static_cast<unsigned>(teams.blocks)}, static_cast<unsigned>(teams.teams * teams.blocks),
         static_cast<unsigned>(teams.threads), teams.shared_bytes, settle_columns<T, E>, c, f, teams.blocks,
         teams.vector_bytes == 0 ? nullptr : vectors);
}

template <class T, int Width>
void solve_small(const op::cholesky_solve::args<T>& a, const solve_call<T>& c, const cuda_queue& queue) {
  const std::int64_t most_teams = small_threads / Width, teams_of_warp = lanes_of_warp / Width;
  const std::int64_t warps = (std::min(a.shape.k, most_teams) + teams_of_warp - 1) / teams_of_warp;
  const std::size_t bytes = small_factor<T>::bytes(c.n) + static_cast<std::size_t>(warps * teams_of_warp) *
                                                              solution_vectors<typename solve_call<T>::E>::bytes(c.n);
  allow_shared(settle_small<T, Width>, bytes);
  launch(queue, static_cast<unsigned>(std::min(a.shape.matrices * groups_of_columns(a.shape.k), most_blocks)),
         static_cast<unsigned>(warps * lanes_of_warp), bytes, settle_small<T, Width>, c,
         reinterpret_cast<const component_t<T>*>(a.y.data()));
}

template <class T>
void settle(const op::cholesky_solve::args<T>& a, void* out, const cuda_queue& queue) {
  using E = typename solve_call<T>::E;
  const std::int64_t n = a.shape.n, matrices = a.shape.matrices, columns = matrices * a.shape.k;
  if (columns == 0 || n == 0) return;
  const bool small = n <= lanes_of_warp;
  const std::int64_t factors = small ? 0 : a.shape.y.numel / (n * n);
  const team_shape teams = small ? team_shape{0, lanes_of_warp, 0, 0, 0} : shape_of_teams<E>(n, columns);
  const solve_memory<E> at(n, factors, matrices, teams);
  const workspace memory(queue, at.bytes);
  const solution_notes notes{empty_list(queue, memory.at<void>(at.left)), memory.at<int>(at.is_left),
                             queue.decided != nullptr ? memory.at<unsigned long long>(at.decided) : nullptr};
  check(cudaMemsetAsync(memory.at<void>(at.decided), 0, at.bytes - at.decided, stream_of(queue)), "cudaMemsetAsync");
  const solve_call<T> c{a.shape,
                        reinterpret_cast<const component_t<T>*>(a.x.data()),
                        static_cast<component_t<T>*>(out),
                        static_cast<int>(n),
                        a.shape.x.numel != matrices * n * a.shape.k || a.shape.y.numel != matrices * n * n,
                        bounds_of<E>(n, teams.threads),
                        notes};
  if (n <= lanes_of_warp / 2)
    solve_small<T, lanes_of_warp / 2>(a, c, queue);
  else if (small)
    solve_small<T, lanes_of_warp>(a, c, queue);
  else
    solve_large(a, c, teams,
                factor_batch<E>{memory.at<E>(at.l), memory.at<E>(at.r), memory.at<int>(at.state), c.n, factors},
                memory.at<std::byte>(at.vectors), queue);
  if (queue.decided != nullptr) for_each_index(queue, matrices, sum_decided{queue.decided, notes});
  if (const auto left = read(queue, notes.left); !left.empty()) solve_on_host(a, static_cast<T*>(out), left, queue);
}

}  // namespace
}  // namespace cuda

HALFULP_MATRIX_OP(cholesky_solve)

}  // namespace halfulp::kernels
