// values = the slices of x along an axis, or its elements, that differ from the one before them
#pragma once

#include <halfulp/oracle/ops/unique.hpp>

namespace halfulp::op {

struct unique_consecutive {
  static constexpr const char* name = "unique_consecutive";
  static constexpr const char* schema =
      "unique_consecutive(Tensor x|input, bool return_inverse=False, bool return_counts=False, any<int?> axis|dim=None, str "
      "dtype=\"int64\") -> Tensor[]";
  static constexpr std::array apis{"paddle.unique_consecutive", "torch.unique_consecutive"};
  static constexpr const char* element_argument = "x";
  using element_types = unique::element_types;

  template <class M>
  using geometry = unique::geometry<M>;
  template <class T>
  using args = unique::args<T>;

  template <class T>
  static args<T> bind(const call& c) {
    args<T> a = unique::bind_to<T>(run(name), c);
    a.consecutive = true;
    return a;
  }
  template <class T>
  static std::vector<truth> truth_of(const args<T>& a) {
    return unique::truth_of(a);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    unique::drive_as<Geometry>(m);
  }
};

}  // namespace halfulp::op
