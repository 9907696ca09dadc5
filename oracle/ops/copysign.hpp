// z = x with the sign of y, broadcast
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/broadcast_drive.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct copysign {
  static constexpr const char* name = "copysign";
  static constexpr const char* schema = "copysign(Tensor x|input, Tensor y|other) -> Tensor";
  static constexpr std::array apis{"paddle.copysign"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "copysign_x_grad"}, gradient{"y", "copysign_y_grad"}};
  using element_types = type_list<bool, std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16,
                                  bfloat16, float, double>;

  template <class M>
  struct geometry {
    shape<M> x, y, z;

    // Throws unless x and y can be broadcast.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& y) {
      return {x, y, broadcast<M>::of(m, x, y)};
    }
    // The elements of x and of y that give element i of z.
    struct pair {
      idx<M> x, y;
    };
    HALFULP_HOST_DEVICE pair source(M& m, idx<M> i) const {
      idx<M> at[max_rank] = {};
      z.unravel(m, i, at);
      return {broadcast<M>::source(m, x, at, z.rank), broadcast<M>::source(m, y, at, z.rank)};
    }
  };

  /// x and y of T, of shapes that can be broadcast.
  template <class T>
  struct args {
    std::span<const T> x, y;
    geometry<run> shape;
  };

  /// Throws invalid_argument: dtypes that differ, shapes that cannot be broadcast; for signed integers the least one
  /// in x where y is not negative, since its magnitude is no integer of that width.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto g = geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), shape_of(m, "y.shape", c.tensor("y")));
    const args<T> a{elements<T>(c, "x"), elements<T>(c, "y"), g};
    if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) check_magnitudes(a);
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.z)}};
  }

  /// The bits of x but for the sign bit, which is y's: NaNs keep their payload.  [ieee754, 5.5.1]
  /// Integers: |x| or -|x|; 0 is not negative, nor is anything unsigned.
  template <class T>
  HALFULP_HOST_DEVICE static constexpr T sign_copied(T x, T y) {
    if constexpr (!std::is_integral_v<T>) {
      return signed_bits<T>(is_negative(y), static_cast<bits_t<T>>(to_bits(x) & encoding<T>::magnitude));
    } else if constexpr (std::is_unsigned_v<T>) {
      return x;
    } else {
      using bits = std::make_unsigned_t<T>;  // -x of the least integer is itself
      return (x < 0) == (y < 0) ? x : static_cast<T>(static_cast<bits>(bits{0} - static_cast<bits>(x)));
    }
  }

  template <class T>
  HALFULP_HOST_DEVICE static T value(const args<T>& a, std::int64_t i) {
    run m(name);
    const auto s = a.shape.source(m, idx<run>{i, {}});
    return sign_copied(a.x[static_cast<std::size_t>(s.x.v)], a.y[static_cast<std::size_t>(s.y.v)]);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const auto in = broadcast_inputs<M>::of(m);
    const auto g = Geometry<M>::of(m, in.x(m), in.y(m));
    m.claim("rank of z", [&] { return m.truth(g.z.rank == in.zr); });
    for (int k = 0; k < in.zr; ++k) m.claim("shape of z", [&] { return g.z.dim[k] == in.zd[k]; });
    const auto from_x = m.values("x", in.x_elements(m)), from_y = m.values("y", in.y_elements(m));
    auto z = m.output("z", in.z_elements(m));
    m.map(z, g.z.numel, [&](idx<M> i) {
      const auto s = g.source(m, i);
      m.load(from_x, s.x);
      m.load(from_y, s.y);
      in.claim_positions(m, s.x, s.y, i);
    });
    m.accepted();
  }

 private:
  template <class T>
  static void check_magnitudes(const args<T>& a) {
    constexpr T least = std::numeric_limits<T>::min();
    if (std::find(a.x.begin(), a.x.end(), least) == a.x.end()) return;
    run m(name);
    for (std::int64_t i = 0; i < a.shape.z.numel; ++i) {
      const auto s = a.shape.source(m, idx<run>{i, {}});
      const T y = a.y[static_cast<std::size_t>(s.y.v)];
      if (a.x[static_cast<std::size_t>(s.x.v)] == least && y >= 0)
        throw invalid_argument(
            name,
            "the least " + std::string(name_of(dtype_of<T>)) + " has no positive counterpart: there y must be negative",
            {{"x", std::to_string(least)}, {"its position", std::to_string(s.x.v)}, {"y", std::to_string(y)}});
    }
  }
};

}  // namespace halfulp::op
