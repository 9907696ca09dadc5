// How the right sides of a Cholesky factor are spread over the device, and the bounds that follow.
#pragma once

#include <algorithm>
#include <bit>

#include <halfulp/kernels/linalg/device_solution.cuh>

namespace halfulp::kernels::cuda {

inline constexpr int most_team_threads = 512;

/// How the right sides are spread over the device.
struct team_shape {
  int blocks, threads;
  std::int64_t teams;
  std::size_t shared_bytes, vector_bytes;  // vector_bytes: in device memory, of each team
};

/// `most`: blocks of a team.
template <class E>
team_shape shape_of_teams(std::int64_t n, std::int64_t columns, int most = 8) {
  constexpr std::size_t most_shared = 96 << 10;
  constexpr std::int64_t most_teams = 1024;
  team_shape s{};
  s.threads = static_cast<int>(
      std::clamp<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(n)) * 4, 64, most_team_threads));
  s.blocks = std::min(most, n <= 64 ? 1 : n <= 128 ? 2 : n <= 256 ? 4 : 8);
  while (s.blocks > 1 && columns * s.blocks > 2 * multiprocessors()) s.blocks /= 2;
  const std::size_t bytes = solution_vectors<E>::bytes(n),
                    room = static_cast<std::size_t>(s.threads) * team::room_bytes;
  const bool in_shared = s.blocks == 1 && bytes + room <= most_shared;
  s.shared_bytes = room + (in_shared ? bytes : 0);
  s.vector_bytes = in_shared ? 0 : bytes;
  s.teams = std::min(columns, in_shared ? most_blocks : most_teams);
  return s;
}

/// r = b - L L^H (x + x_low) of refined_solution: |r - exact| <= residual (|b| + |L| |L^H| |x|) + 2 u |r|. Both sums lose
/// compensated_bound of what they add up, the first one in its double-double as well, and so does the last difference, of two
/// roundings of what is at most gamma_(depth + 4) of that.
template <class E>
solution_bounds bounds_of(std::int64_t n, int threads) {
  const std::int64_t parts = parts_of_number<E>, warps = threads / lanes_of_warp;
  const std::int64_t depth = std::max(n / lanes_of_warp + 8, n / warps + warps + 2);
  return {gamma(parts * depth, unit_roundoff), inversion_bound(n, static_cast<int>(parts)),
          up(3 * compensated_bound(parts * depth)), 1 + 8 * static_cast<double>(n + 64) * unit_roundoff};
}

/// The vectors of team `k` of a kernel that is launched so: in device memory at `vectors`, or where that is nullptr in shared memory
/// behind the team's room.
template <class E>
__device__ solution_vectors<E> vectors_of_team(std::byte* vectors, std::int64_t k, unsigned char* shared, int n) {
  void* const memory = vectors != nullptr ? static_cast<void*>(vectors + k * solution_vectors<E>::bytes(n))
                                          : shared + blockDim.x * team::room_bytes;
  return solution_vectors<E>(memory, n);
}

template <class Kernel>
void allow_shared(Kernel* kernel, std::size_t bytes) {
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
        "cudaFuncSetAttribute");
}

}  // namespace halfulp::kernels::cuda
