// y = x, then y[.., index[j], ..] += alpha * value[.., j, ..] for every j along the axis
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/axis.hpp>
#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/reduce.hpp>
#include <halfulp/oracle/core/scatter.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct index_add {
  static constexpr const char* name = "index_add";
  static constexpr const char* schema =
      "index_add(Tensor x|input, Tensor index, int axis|dim, Tensor value|source, any<int|float> alpha=1) -> Tensor";
  static constexpr std::array apis{"paddle.index_add"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", ""}, gradient{"value", "index_add_value_grad"}};
  using element_types = all_storage_types;

  template <class M>
  struct geometry {
    shape<M> x, value;  // (.., d, ..), (.., n, ..)
    shape<M> index;     // (n)
    int axis;

    // Throws unless index has one dimension, and value has the shape of x, but along the axis that of index.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& index, int axis,
                                           const shape<M>& value) {
      const int along = axis_of(m, axis, x.rank);
      m.require(m.truth(index.rank == 1), "index must have 1 dimension", named("rank of index", int_of<M>(index.rank)));
      shape<M> want = x;
      want.dim[along] = index.dim[0];
      require_same(m, "value.shape", value, want, "value must have the shape of x, and along the axis that of index");
      return {x, value, index, along};
    }

    template <class Buffer>
    void check_index(M& m, Buffer& given) const {
      check_axis_index(m, given, x.dim[axis]);
    }

    // The position in index of element j of value.
    HALFULP_HOST_DEVICE idx<M> entry(M& m, idx<M> j) const {
      if (value.rank == 1) return {j.v, m.exact(index.dim[0])};
      idx<M> at[max_rank] = {};
      value.unravel(m, j, at);
      return {at[axis].v, m.exact(index.dim[0])};
    }
    // The element of y that element j of value goes to, given its index.
    HALFULP_HOST_DEVICE idx<M> target(M& m, idx<M> j, int_of<M> given) const {
      if (x.rank == 1) return {given, m.exact(x.dim[0])};
      idx<M> at[max_rank] = {};
      value.unravel(m, j, at);
      return moved_along(m, x, at, axis, given);
    }
  };

  /// x (.., d, ..) of T; index (n) of int32 or int64; value (.., n, ..) of T.
  template <class T>
  struct args {
    std::span<const T> x, value;
    index_elements index;
    geometry<run> shape;
    double alpha;             // of floating-point and complex T
    std::int64_t multiplier;  // alpha of integers
    updates_by_target by_target;
  };

  /// Throws invalid_argument: shapes, axis, dtypes, an index outside [0, d), an alpha that is no integer for integers.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto g =
        geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), shape_of(m, "index.shape", c.tensor("index")),
                          axis_argument(c), shape_of(m, "value.shape", c.tensor("value")));
    args<T> a{elements<T>(c, "x"), elements<T>(c, "value"), indices(c, "index"), g, 1, 1, {}};
    set_alpha(c, a);
    a.index.with_buffer([&](auto given) { g.check_index(m, given); });
    a.by_target = {g.x.numel, g.value.numel, [g, index = a.index](std::int64_t j) { return target_of(g, index, j); }};
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.x)}};
  }

  template <class T>
  static scatter_rule rule(const args<T>& a) {
    return {reduction::add, true, a.alpha};
  }
  template <class T>
  static std::span<const T> self(const args<T>& a) {
    return a.x;
  }
  template <class T>
  static std::int64_t updates(const args<T>& a) {
    return a.shape.value.numel;
  }
  template <class T>
  static std::int64_t target(const args<T>& a, std::int64_t j) {
    return target_of(a.shape, a.index, j);
  }
  template <class T>
  static T update(const args<T>& a, std::int64_t j) {
    const T v = a.value[static_cast<std::size_t>(j)];
    if constexpr (std::is_integral_v<T>) {
      return combine_integers(reduction::mul, v, static_cast<T>(a.multiplier));
    } else {
      return v;
    }
  }

  /// Update j is element j of value, and goes to index[j], where x has one dimension.
  template <class T>
  static straight_updates<T> straight(const args<T>& a) {
    if (a.shape.value.rank != 1) return {};
    return {a.index.narrow, a.index.wide, a.value};
  }

  /// The shape of value, and the element of it that update j is.
  template <class T>
  static extents value_shape(const args<T>& a) {
    return extents_of(a.shape.value);
  }
  template <class T>
  static std::int64_t value_element(const args<T>&, std::int64_t j) {
    return j;
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const int rank = m.pick("rank of x", 0, max_rank), given_axis = axis_input(m, rank);
    m.spec(m.truth(-rank <= given_axis && given_axis < rank));
    const int axis = given_axis < 0 ? given_axis + rank : given_axis;
    int_of<M> xd[max_rank], vd[max_rank];
    const int_of<M> n = m.input("index.shape[0]");
    for (int k = 0; k < rank; ++k) xd[k] = m.input("x.shape", k);
    for (int k = 0; k < rank; ++k) vd[k] = m.input("value.shape", k, m.exact(k == axis ? n : xd[k]));
    spec_shape(m, &n, 1);
    spec_shape(m, xd, rank);
    spec_shape(m, vd, rank);
    for (int k = 0; k < rank; ++k) m.spec(m.exact(vd[k]) == m.exact(k == axis ? n : xd[k]));
    const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", xd, rank), shape<M>::of(m, "index.shape", &n, 1),
                                   given_axis, shape<M>::of(m, "value.shape", vd, rank));
    auto index = m.integers("index", m.exact(n), [&m, d = xd[axis]](int_of<M> v) { return m.all(v >= 0, v < d); });
    const auto y = m.values("y", product_of(m, xd, rank)), value = m.values("value", product_of(m, vd, rank));
    g.check_index(m, index);
    m.each("update", g.value.numel, [&](idx<M> j) {
      m.load(value, j);
      const int_of<M> to = m.load(index, g.entry(m, j));
      const idx<M> t = g.target(m, j, to);
      m.load(y, t);
      claim_moved_along(m, "goes to the position of value, but for the index along the axis", m.exact(t.v), xd,
                        m.exact(j.v), vd, rank, axis, m.exact(to));
    });
    m.accepted();
  }

 private:
  template <class T>
  static void set_alpha(const call& c, args<T>& a) {
    const argument& alpha = c.at("alpha");
    const auto* integer = std::get_if<std::int64_t>(&alpha.value);
    if (integer == nullptr && !std::holds_alternative<double>(alpha.value)) c.refuse("alpha", "must be a number");
    if constexpr (std::is_integral_v<T>) {
      if (integer == nullptr) c.refuse("alpha", "must be an integer where x holds integers or bools");
      a.multiplier = *integer;
    } else {
      a.alpha = integer != nullptr ? exact_double(c, *integer) : std::get<double>(alpha.value);
    }
  }
  static double exact_double(const call& c, std::int64_t n) {
    const auto x = static_cast<double>(n);
    if (static_cast<__int128>(x) != n) c.refuse("alpha", "must be a binary64 number");
    return x;
  }
  static std::int64_t target_of(const geometry<run>& g, const index_elements& index, std::int64_t j) {
    run m(name);
    const idx<run> i{j, {}};
    return g.target(m, i, index[g.entry(m, i).v]).v;
  }
};

}  // namespace halfulp::op
