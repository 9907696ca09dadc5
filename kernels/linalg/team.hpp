// Threads that work on one matrix together. What they run is a template over the team, so that the code of a GPU's block is
// run and tested on the host, too, by a team of one.
#pragma once

#include <cmath>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp::kernels::linalg {

/// The team of one: what every team offers.
///
/// `rank` of `size` threads; each belongs to a lane of a warp of `lanes` threads.
struct lone_team {
  static constexpr int lanes = 1;
  int rank = 0, size = 1;

  int lane() const { return 0; }
  int warp() const { return 0; }
  int warps() const { return 1; }
  /// What any thread wrote before is read by all after.
  void sync() const {}
  /// The same within a warp.
  void sync_warp() const {}
  /// f(0) + ... + f(m - 1), the same bits in every thread of the warp; each term goes through at most sum_depth(m) roundings.
  template <class F>
  double sum(int m, F f) const {
    double s = 0;
    for (int i = 0; i < m; ++i) s += f(i);
    return s;
  }
  int sum_depth(int m) const { return m; }
  /// The same for one number of each lane.
  double sum_lanes(double x) const { return x; }
  /// The largest of the threads' numbers x >= 0, a NaN being larger than all; synchronises.
  double largest(double x) const { return x; }
};

/// How a team shares out an m x m matrix: `columns` side by side, and the rows of each among `groups` threads.
struct team_grid {
  int columns, groups;

  template <class Team>
  HALFULP_HOST_DEVICE static team_grid of(const Team& team, int m) {
    const int rounded = (m + Team::lanes - 1) / Team::lanes * Team::lanes;
    const int columns = rounded < team.size ? rounded : team.size;
    return {columns, team.size / columns};
  }
};

}  // namespace halfulp::kernels::linalg
