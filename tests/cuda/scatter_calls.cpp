#include "cuda/scatter_calls.hpp"

#include <cmath>

#include <halfulp/oracle/core/part.hpp>

namespace halfulp::tests {
namespace {

template <class R>
R drawn_number(random_source& r, kind k) {
  switch (k) {
    case kind::any:
      return r.any<R>();
    case kind::uniform:
      return narrow<R>(r.uniform());
    case kind::small:
      return narrow<R>(static_cast<double>(r.between(-3, 3)));
    default: {
      constexpr format f = format_of<R>;
      return narrow<R>(
          std::ldexp(1 + r.uniform() / 2, static_cast<int>(r.between(f.e_min - f.precision, f.e_max - 4))) *
          (r.between(0, 1) == 0 ? -1 : 1));
    }
  }
}

template <class T>
void draw(random_source& r, const tensor& t, kind k) {
  if constexpr (std::is_same_v<T, bool>) {
    for (bool& x : t.elements<bool>()) x = r.between(0, 1) == 1;
  } else if constexpr (std::is_integral_v<T>) {
    for (T& x : t.elements<T>())
      x = static_cast<T>(k == kind::any ? r.bits() : static_cast<std::uint64_t>(r.between(-3, 3)));
  } else {
    for (component_t<T>& x : components_of<T>(t.view())) x = drawn_number<component_t<T>>(r, k);
  }
}

}  // namespace

tensor drawn_tensor(random_source& r, dtype type, const extents& shape, kind k) {
  tensor t(type, shape);
  visit_dtype(type, [&](auto tag) { draw<typename decltype(tag)::type>(r, t, k); });
  return t;
}

tensor drawn_index(random_source& r, const extents& shape, std::int64_t low, std::int64_t high) {
  const bool wide = r.between(0, 1) == 1;
  tensor t(wide ? dtype::int64 : dtype::int32, shape);
  for (std::int64_t i = 0; i < t.numel(); ++i) {
    const std::int64_t v = r.between(low, high);
    const auto k = static_cast<std::size_t>(i);
    wide ? t.elements<std::int64_t>()[k] = v : t.elements<std::int32_t>()[k] = static_cast<std::int32_t>(v);
  }
  return t;
}

tensor index_below(random_source& r, const extents& shape, std::int64_t end) {
  tensor t(dtype::int64, shape);
  for (std::int64_t& i : t.elements<std::int64_t>()) i = r.between(0, end - 1);
  return t;
}

std::vector<std::int64_t> sizes_of(const extents& e) {
  return {e.begin(), e.end()};
}

extents random_extents(random_source& r, int least, int most, std::int64_t size) {
  extents e;
  for (std::int64_t k = r.between(least, most); k > 0; --k) e.push_back(r.between(0, 15) == 0 ? 0 : r.between(1, size));
  return e;
}

extents narrower_extents(random_source& r, const extents& to) {
  extents e;
  for (int k = static_cast<int>(r.between(0, to.rank)); k < to.rank; ++k) e.push_back(r.between(0, 2) == 0 ? 1 : to[k]);
  return e;
}

index_add_call::index_add_call(random_source& r, dtype type, kind k) {
  extents x = random_extents(r, 1, 4, 6);
  const auto axis = static_cast<int>(r.between(0, x.rank - 1));
  if (x[axis] == 0) x[axis] = 1;
  extents value = x;
  value[axis] = r.between(0, 9);
  const tensor index = drawn_index(r, {value[axis]}, 0, x[axis] - 1);
  keep_ = {drawn_tensor(r, type, x, k), index, drawn_tensor(r, type, value, k)};
  dy_ = drawn_tensor(r, type, x, k);
  given_ = {{keep_[0].view()}, {index.view()}, {std::int64_t{axis}}, {keep_[2].view()}};
  constexpr double factors[] = {0.1, -2, 0x1p-1060, 1e300, 0, -0.0, INFINITY};
  if (r.between(0, 1) == 1) return;
  if (is_floating(type) || is_complex_dtype(type))
    named_["alpha"] = {factors[r.between(0, 6)]};
  else
    named_["alpha"] = {r.between(-3, 3)};
}

index_put_call::index_put_call(random_source& r, dtype type, kind k) {
  extents x = random_extents(r, 1, 4, 5);
  argument::list indices;
  const extents common = random_extents(r, 0, 2, 5);
  bool any = false;
  for (int d = 0; d < x.rank; ++d) {
    if (any && r.between(0, 1) == 0) {
      indices.push_back({});
      continue;
    }
    if (!any && d + 1 < x.rank && r.between(0, 2) == 0) {
      indices.push_back({});
      continue;
    }
    any = true;
    if (x[d] == 0) x[d] = 2;
    keep_.push_back(drawn_index(r, narrower_extents(r, common), -x[d], x[d] - 1));
    indices.push_back({keep_.back().view()});
  }
  keep_.push_back(drawn_tensor(r, type, x, k));
  dy_ = drawn_tensor(r, type, x, k);
  const argument self{keep_.back().view()};
  named_["accumulate"] = {r.between(0, 1) == 1};
  const tensor alike(dtype::boolean, x), one(dtype::boolean, {});
  const auto a = op::index_put::bind<bool>(call_for<op::index_put>({{alike.view()}, {indices}, {one.view()}}));
  keep_.push_back(drawn_tensor(r, type, narrower_extents(r, extents_of(a.shape.at.updates)), k));
  given_ = {self, {indices}, {keep_.back().view()}};
}

put_along_axis_call::put_along_axis_call(random_source& r, dtype type, kind k) {
  extents x = random_extents(r, 1, 3, 6);
  const auto axis = static_cast<int>(r.between(0, x.rank - 1));
  if (x[axis] == 0) x[axis] = 1;
  const bool broadcast = r.between(0, 1) == 1;
  extents index = x, values = x;
  for (int d = 0; d < x.rank; ++d)
    if (d != axis && r.between(0, 3) == 0) index[d] = broadcast ? 1 : r.between(0, x[d]);
  index[axis] = r.between(0, 9);
  for (int d = 0; d < x.rank; ++d) {
    const std::int64_t updates = d == axis || !broadcast ? index[d] : x[d];
    values[d] = !broadcast ? updates + r.between(0, 1) : r.between(0, 3) == 0 ? 1 : updates;
  }
  constexpr const char* reductions[] = {"assign", "add", "mul", "mean", "amin", "amax"};
  auto how = static_cast<int>(r.between(0, 5));
  if (is_complex_dtype(type) && how != 3) how = std::min(how, 1);
  if (type == dtype::boolean && how == 3) how = 4;
  const tensor at = drawn_index(r, index, 0, x[axis] - 1);
  keep_ = {drawn_tensor(r, type, x, k), at, drawn_tensor(r, type, values, k)};
  dy_ = drawn_tensor(r, type, x, k);
  given_ = {{keep_[0].view()}, {at.view()}, {keep_[2].view()}, {std::int64_t{axis}}};
  named_ = {
      {"reduce", {std::string(reductions[how])}}, {"include_self", {r.between(0, 1) == 1}}, {"broadcast", {broadcast}}};
}

}  // namespace halfulp::tests
