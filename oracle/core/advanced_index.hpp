// x[indices] as NumPy has it: integer indices for some dimensions of x, broadcast against each other; the other
// dimensions whole. The broadcast dimensions stand where the indexed ones stood if those are adjacent, else first.
#pragma once

#include <memory>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/broadcast.hpp>

namespace halfulp {

// Which dimensions of x are indexed, and the shape of each index.
template <class M>
struct indexed_axes {
  int axes = 0;  // of x, indexed or whole, from the first; those after are whole
  bool indexed[max_rank] = {};
  shape<M> index[max_rank];  // where indexed
};

template <class M>
struct advanced_index {
  shape<M> x;
  indexed_axes<M> by;
  shape<M> common;   // of all indices, broadcast
  shape<M> updates;  // of x[indices]
  int first = 0;     // where the dimensions of `common` stand in `updates`

  // Throws unless an axis is indexed, x has as many, and the shapes of the indices can be broadcast.
  HALFULP_HOST_DEVICE static advanced_index of(M& m, const shape<M>& x, const indexed_axes<M>& by) {
    m.require(m.truth(by.axes <= x.rank), "indices must be for at most as many dimensions as x has",
              named("the number of indexed dimensions", int_of<M>(by.axes)), named("rank of x", int_of<M>(x.rank)));
    advanced_index a{x, by, {}, {}, 0};
    a.set_common(m);
    a.set_updates(m);
    return a;
  }

  // The element of the index of dimension k of x for update j.
  HALFULP_HOST_DEVICE idx<M> entry(M& m, idx<M> j, int k) const {
    idx<M> at[max_rank] = {};
    updates.unravel(m, j, at);
    return broadcast<M>::source(m, by.index[k], at + first, common.rank);
  }
  // The element of x that update j goes to, given its index for each indexed dimension; negative ones count from the
  // end.
  HALFULP_HOST_DEVICE idx<M> target(M& m, idx<M> j, const int_of<M>* given) const {
    idx<M> at[max_rank] = {}, there[max_rank] = {};
    updates.unravel(m, j, at);
    int whole = 0;
    for (int k = 0; k < x.rank; ++k) {
      if (k < by.axes && by.indexed[k]) {
        there[k] = {m.select(given[k] < 0, given[k] + x.dim[k], given[k]), m.exact(x.dim[k])};
      } else {
        there[k] = {at[place(whole++)].v, m.exact(x.dim[k])};
      }
    }
    return x.ravel(m, there);
  }
  // Throws unless every index for dimension k of x lies in [-d, d).
  template <class Buffer>
  void check_index(M& m, Buffer& given, int k) const {
    m.check_all(
        "index", given, [&m, d = x.dim[k]](int_of<M> v) { return m.all(v >= int_of<M>(0) - d, v < d); },
        "every index must lie in -d .. d - 1, where d is the size of its dimension of x");
  }

 private:
  // Where the n-th whole dimension stands in `updates`.
  HALFULP_HOST_DEVICE int place(int n) const { return n < first ? n : n + common.rank; }

  HALFULP_HOST_DEVICE void set_common(M& m) {
    bool any = false;
    for (int k = 0; k < by.axes; ++k) {
      if (!by.indexed[k]) continue;
      common = any ? broadcast<M>::of(m, common, by.index[k],
                                      {"the shape of the indices before", "of the next",
                                       "indices, aligned at the right, must have dimensions that are equal or 1"})
                   : by.index[k];
      any = true;
    }
    m.require(m.truth(any), "indices must hold at least one tensor", named("the number of tensors", int_of<M>(0)));
  }
  HALFULP_HOST_DEVICE void set_updates(M& m) {
    int before = 0, last = -1, count = 0;
    for (int k = 0; k < by.axes; ++k) {
      if (!by.indexed[k]) continue;
      if (count++ == 0) before = k;
      last = k;
    }
    first = last - before + 1 == count ? before : 0;
    const int rank = x.rank - count + common.rank;
    m.require(m.truth(rank <= max_rank), "x[indices] has at most 8 dimensions", named("its rank", int_of<M>(rank)));
    int_of<M> dims[max_rank] = {};
    for (int k = 0; k < common.rank; ++k) dims[first + k] = common.dim[k];
    int whole = 0;
    for (int k = 0; k < x.rank; ++k)
      if (k >= by.axes || !by.indexed[k]) dims[place(whole++)] = x.dim[k];
    updates = shape<M>::of(m, "x[indices].shape", dims, rank);
  }
};

/// The `indices` of a call: a list of int32 and int64 tensors, of bool masks, and of None for a whole dimension; or one
/// tensor. A mask of k dimensions stands for k indices: the positions of its true elements, in row-major order.
class index_list {
 public:
  /// Throws invalid_argument: another dtype, too many indices.
  static index_list of(const call& c, std::string_view name) {
    index_list l;
    const argument& given = c.at(name);
    if (std::holds_alternative<tensor_view>(given.value)) {
      l.add(c, name, std::get<tensor_view>(given.value));
      return l;
    }
    const auto* list = std::get_if<argument::list>(&given.value);
    if (list == nullptr) c.refuse(name, "must be a tensor or a list of tensors");
    for (const argument& item : *list) {
      if (item.is_none()) {
        l.push(c, name, {});
      } else if (const auto* t = std::get_if<tensor_view>(&item.value)) {
        l.add(c, name, *t);
      } else {
        c.refuse(name, "must hold tensors or None");
      }
    }
    return l;
  }

  indexed_axes<run> axes(run& m) const {
    indexed_axes<run> by;
    by.axes = static_cast<int>(items_.size());
    for (const item& i : items_) {
      const auto k = &i - items_.data();
      by.indexed[k] = i.indexed;
      if (i.indexed) by.index[k] = shape<run>::of(m, "the shape of an index", i.shape.begin(), i.shape.rank);
    }
    return by;
  }
  /// Throws invalid_argument: a mask of another shape than the dimensions it stands for, an index out of range.
  void check(run& m, const advanced_index<run>& at) const {
    for (std::size_t k = 0; k < items_.size(); ++k) {
      const item& i = items_[k];
      if (!i.indexed) continue;
      if (i.mask_size >= 0)
        m.require(i.mask_size == at.x.dim[k], "a mask must have the dimensions of x that it stands for",
                  named("its dimension", i.mask_size), named("x.shape", static_cast<int>(k), at.x.dim[k]));
      i.elements.with_buffer([&](auto given) { at.check_index(m, given, static_cast<int>(k)); });
    }
  }
  /// How many dimensions of x the list is for, and the elements of the index for dimension k: none where it is whole.
  int size() const { return static_cast<int>(items_.size()); }
  index_elements& elements(int k) { return items_[static_cast<std::size_t>(k)].elements; }
  const index_elements& elements(int k) const { return items_[static_cast<std::size_t>(k)].elements; }
  /// The element of x that update j goes to.
  std::int64_t target(const advanced_index<run>& at, std::int64_t j) const {
    run m("index");
    std::int64_t given[max_rank] = {};
    const idx<run> i{j, {}};
    for (std::size_t k = 0; k < items_.size(); ++k)
      if (items_[k].indexed) given[k] = items_[k].elements[at.entry(m, i, static_cast<int>(k)).v];
    return at.target(m, i, given).v;
  }

 private:
  struct item {
    bool indexed = false;
    extents shape;
    index_elements elements;
    std::int64_t mask_size = -1;                      // the dimension of the mask that it comes from
    std::shared_ptr<std::vector<std::int64_t>> keep;  // the positions, where it comes from a mask
  };

  void push(const call& c, std::string_view name, item i) {
    if (items_.size() == static_cast<std::size_t>(max_rank)) c.refuse(name, "must be for at most 8 dimensions");
    items_.push_back(std::move(i));
  }
  void add(const call& c, std::string_view name, const tensor_view& t) {
    if (t.on_cuda || !t.is_contiguous()) c.refuse(name, "must hold contiguous tensors in host memory");
    switch (t.type) {
      case dtype::int32:
        return push(c, name, {true, t.shape, {t.elements<const std::int32_t>(), {}}, -1, {}});
      case dtype::int64:
        return push(c, name, {true, t.shape, {{}, t.elements<const std::int64_t>()}, -1, {}});
      case dtype::boolean:
        return add_mask(c, name, t);
      default:
        c.refuse(name, "must hold tensors of dtype int32, int64 or bool");
    }
  }
  void add_mask(const call& c, std::string_view name, const tensor_view& t) {
    if (t.rank() == 0) c.refuse(name, "must hold masks of at least 1 dimension");
    const auto mask = t.elements<const bool>();
    for (int k = 0; k < t.rank(); ++k) {
      std::int64_t inner = 1;
      for (int l = k + 1; l < t.rank(); ++l) inner *= t.size(l);
      const auto at = std::make_shared<std::vector<std::int64_t>>();
      for (std::size_t i = 0; i < mask.size(); ++i)
        if (mask[i]) at->push_back(static_cast<std::int64_t>(i) / inner % t.size(k));
      push(c, name, {true, {static_cast<std::int64_t>(at->size())}, {{}, *at}, t.size(k), at});
    }
  }

  std::vector<item> items_;
};

}  // namespace halfulp
