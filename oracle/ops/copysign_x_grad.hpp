// dx[k] = sum over the elements i of z that read x[k] of dz[i] * s
//   s = 1 where x[k] and its y have the same sign, else -1; 0 where x[k] is 0, NaN where it is NaN
#pragma once

#include <halfulp/oracle/core/moved_back.hpp>
#include <halfulp/oracle/ops/copysign.hpp>

namespace halfulp::op {

/// Shapes of copysign's gradients: dz has that of z.
template <class M>
struct copysign_grad_geometry {
  copysign::geometry<M> forward;

  // Throws unless x and y can be broadcast, and dz has the broadcast shape.
  HALFULP_HOST_DEVICE static copysign_grad_geometry of(M& m, const shape<M>& x, const shape<M>& y, const shape<M>& dz) {
    const copysign_grad_geometry g{copysign::geometry<M>::of(m, x, y)};
    require_same(m, "dz.shape", dz, g.forward.z, "dz must have the shape of copysign's output");
    return g;
  }
  static copysign_grad_geometry of(run& m, const call& c) {
    return of(m, shape_of(m, "x.shape", c.tensor("x")), shape_of(m, "y.shape", c.tensor("y")),
              shape_of(m, "dz.shape", c.tensor("dz")));
  }
};

// The shape of dz as a drive sees it: valid if and only if it is that of z.
template <class M>
shape<M> copysign_grad_dz(M& m, const broadcast_inputs<M>& in) {
  const int rank = m.pick("rank of dz", 0, 1) == 0 ? in.zr : in.zr == 0 ? 1 : in.zr - 1;
  int_of<M> d[max_rank];
  m.spec(m.truth(rank == in.zr));
  for (int k = 0; k < rank; ++k) {
    d[k] = m.input("dz.shape", k, m.exact(in.zd[k]));
    m.spec(m.exact(d[k]) == m.exact(in.zd[k]));
  }
  spec_shape(m, d, rank);
  return shape<M>::of(m, "dz.shape", d, rank);
}

struct copysign_x_grad {
  static constexpr const char* name = "copysign_x_grad";
  static constexpr const char* schema = "copysign_x_grad(Tensor x, Tensor y, Tensor dz) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "x";
  using element_types = type_list<float16, bfloat16, float, double>;

  template <class M>
  using geometry = copysign_grad_geometry<M>;

  /// x, y and dz of T; dx has the shape of x.
  template <class T>
  struct args {
    std::span<const T> x, y, dz;
    geometry<run> shape;
    updates_by_target by_target;

    copysign::geometry<run>::pair source(std::int64_t j) const {
      run m(name);
      return shape.forward.source(m, idx<run>{j, {}});
    }
  };

  /// Throws invalid_argument: dtypes that differ, shapes that cannot be broadcast, a dz of another shape than z.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    args<T> a{elements<T>(c, "x"), elements<T>(c, "y"), elements<T>(c, "dz"), geometry<run>::of(m, c), {}};
    a.by_target = {a.shape.forward.x.numel, a.shape.forward.z.numel, [a](std::int64_t j) { return a.source(j).x.v; }};
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.x)}};
  }

  /// dz * s, exactly: the sign of a product, 0 times a zero x, NaN where x is NaN or an infinity meets a zero x.
  template <class T>
  static constexpr T term(T x, T y, T dz) {
    if (is_nan(x) || is_nan(dz) || (is_zero(x) && is_infinite(dz))) return canonical_nan<T>();
    if (is_zero(x)) return zero_of<T>(is_negative(dz));
    const bool flip = is_negative(x) != is_negative(y);
    return from_bits<T>(static_cast<bits_t<T>>(to_bits(dz) ^ (flip ? encoding<T>::sign : bits_t<T>{0})));
  }

  template <class T>
  static scatter_rule rule(const args<T>&) {
    return {reduction::add, false, 1};
  }
  template <class T>
  static std::span<const T> self(const args<T>&) {
    return {};
  }
  template <class T>
  static std::int64_t updates(const args<T>& a) {
    return a.shape.forward.z.numel;
  }
  template <class T>
  static std::int64_t target(const args<T>& a, std::int64_t j) {
    return a.source(j).x.v;
  }
  template <class T>
  static T update(const args<T>& a, std::int64_t j) {
    const auto s = a.source(j);
    return term(a.x[static_cast<std::size_t>(s.x.v)], a.y[static_cast<std::size_t>(s.y.v)],
                a.dz[static_cast<std::size_t>(j)]);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const auto in = broadcast_inputs<M>::of(m);
    const auto dz_shape = copysign_grad_dz(m, in);
    const auto g = Geometry<M>::of(m, in.x(m), in.y(m), dz_shape);
    const auto x = m.values("x", in.x_elements(m)), y = m.values("y", in.y_elements(m));
    const auto dz = m.values("dz", in.z_elements(m)), dx = m.values("dx", in.x_elements(m));
    m.claim("every element of dz is added once", [&] { return m.exact(g.forward.z.numel) == dz.size; });
    m.each("update", g.forward.z.numel, [&](idx<M> j) {
      const auto s = g.forward.source(m, j);
      m.load(dz, j);
      m.load(x, s.x);
      m.load(y, s.y);
      m.load(dx, s.x);
      in.claim_positions(m, s.x, s.y, j);
    });
    m.accepted();
  }
};

}  // namespace halfulp::op
