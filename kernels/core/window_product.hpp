// Convolutions and their gradients as one form of sum, for the CUDA kernels: what is summed, and where it lies.
#pragma once

#include <cstdint>

#include <halfulp/oracle/core/index.hpp>
#include <halfulp/oracle/core/run.hpp>

namespace halfulp::kernels {

/// One spatial axis: column j and term t read place j * column_step + t * term_step + origin, where that lies in
/// [0, elements); elsewhere there is padding, which is no term of a sum.
struct product_axis {
  std::int64_t columns, terms, elements, origin, column_step, term_step;
};

/// groups times sums
///   out(i, j) = start(i) + sum over terms k of factor(i, k) * image(k, j),  i < rows, j < columns()
/// with column j = (outer, vertical, horizontal) and term k likewise, both row-major. Steps count elements of T.
template <class T>
struct window_product {
  std::int64_t groups, rows, outer_columns, outer_terms;
  product_axis vertical, horizontal;
  struct {
    const T* data;
    std::int64_t group_step, column_step, term_step, row_step, element_step;
  } image;  // the outer parts of column and term, and both axes
  struct {
    const T* data;
    std::int64_t group_step, row_step, outer_step, vertical_step, horizontal_step;
  } factor;
  const T* start;  // groups * rows elements, or nullptr: none
  struct {
    T* data;
    std::int64_t group_step, row_step, outer_step, vertical_step, horizontal_step;
  } out;

  HALFULP_HOST_DEVICE std::int64_t columns() const { return outer_columns * vertical.columns * horizontal.columns; }
  HALFULP_HOST_DEVICE std::int64_t depth() const { return outer_terms * vertical.terms * horizontal.terms; }
  HALFULP_HOST_DEVICE std::int64_t sums() const { return groups * rows * columns(); }
};

/// A column or a term by its parts.
struct window_index {
  std::int64_t outer, vertical, horizontal;
};

HALFULP_HOST_DEVICE inline window_index parts_of(std::int64_t k, std::int64_t vertical, std::int64_t horizontal) {
  run m("window_product");
  const auto line = split(m, idx<run>{k, {}}, {}, horizontal);
  const auto image = split(m, line.hi, {}, vertical);
  return {image.hi.v, image.lo.v, line.lo.v};
}
template <class T>
HALFULP_HOST_DEVICE window_index column_at(const window_product<T>& p, std::int64_t j) {
  return parts_of(j, p.vertical.columns, p.horizontal.columns);
}
template <class T>
HALFULP_HOST_DEVICE window_index term_at(const window_product<T>& p, std::int64_t k) {
  return parts_of(k, p.vertical.terms, p.horizontal.terms);
}

/// How many elements there are from the first to the last of an operand, whose steps are not negative.
template <class T>
std::int64_t image_elements(const window_product<T>& p) {
  return (p.groups - 1) * p.image.group_step + (p.outer_columns - 1) * p.image.column_step +
         (p.outer_terms - 1) * p.image.term_step + (p.vertical.elements - 1) * p.image.row_step +
         (p.horizontal.elements - 1) * p.image.element_step + 1;
}
template <class T>
std::int64_t factor_elements(const window_product<T>& p) {
  return (p.groups - 1) * p.factor.group_step + (p.rows - 1) * p.factor.row_step +
         (p.outer_terms - 1) * p.factor.outer_step + (p.vertical.terms - 1) * p.factor.vertical_step +
         (p.horizontal.terms - 1) * p.factor.horizontal_step + 1;
}

/// One of the sums.
struct sum_index {
  std::int64_t group, row, column;
};
template <class T>
HALFULP_HOST_DEVICE sum_index sum_at(const window_product<T>& p, std::int64_t i) {
  run m("window_product");
  const auto line = split(m, idx<run>{i, {}}, {}, p.columns());
  const auto group = split(m, line.hi, {}, p.rows);
  return {group.hi.v, group.lo.v, line.lo.v};
}
template <class T>
HALFULP_HOST_DEVICE T& output_of(const window_product<T>& p, const sum_index& s) {
  const window_index c = column_at(p, s.column);
  return p.out.data[s.group * p.out.group_step + s.row * p.out.row_step + c.outer * p.out.outer_step +
                    c.vertical * p.out.vertical_step + c.horizontal * p.out.horizontal_step];
}

/// The terms of an axis that a column reads: the index word `inside`, from the other end where places descend.
HALFULP_HOST_DEVICE inline index_range<run> terms_read(const product_axis& a, std::int64_t column) {
  run m("window_product");
  const std::int64_t base = column * a.column_step + a.origin;
  if (a.term_step >= 0) return inside<run>(m, base, a.term_step > 0 ? a.term_step : 1, a.terms, a.elements);
  const auto r = inside<run>(m, base + (a.terms - 1) * a.term_step, -a.term_step, a.terms, a.elements);
  return {a.terms - r.end, a.terms - r.first};
}

/// The terms of one sum, those in the padding left out. Index: integers that hold where terms lie.
template <class T, class Index = std::int64_t>
class sum_terms {
 public:
  HALFULP_HOST_DEVICE sum_terms(const window_product<T>& p, const sum_index& s) : p_(p) {
    const window_index c = column_at(p, s.column);
    down_ = terms_read(p.vertical, c.vertical);
    across_ = terms_read(p.horizontal, c.horizontal);
    image_ = p.image.data + s.group * p.image.group_step + c.outer * p.image.column_step +
             (c.vertical * p.vertical.column_step + p.vertical.origin) * p.image.row_step +
             (c.horizontal * p.horizontal.column_step + p.horizontal.origin) * p.image.element_step;
    factor_ = p.factor.data + s.group * p.factor.group_step + s.row * p.factor.row_step;
    run m("window_product");
    width_ = across_.count(m);
    lines_ = down_.count(m);
  }

  HALFULP_HOST_DEVICE std::int64_t count() const { return p_.outer_terms * lines_ * width_; }

  /// visit(factor, image element) for every term, one thread after the other.
  template <class Visit>
  HALFULP_HOST_DEVICE void each(Visit visit) const {
    for (std::int64_t outer = 0; outer < p_.outer_terms; ++outer)
      for (std::int64_t v = down_.first; v < down_.end; ++v)
        for (std::int64_t h = across_.first; h < across_.end; ++h) at({outer, v, h}, visit);
  }
  /// The same for terms first, first + step, ... before `end`, `Batch` of them read together.
  template <int Batch, class Visit>
  HALFULP_HOST_DEVICE void each(std::int64_t first, std::int64_t end, std::int64_t step, Visit visit) const {
    if (first >= end) return;
    place at = place_of(parts_of(first, lines_, width_));
    const place by = place_of(parts_of(step < end ? step : 0, lines_, width_));
    const place line = place_of({0, 1, -width_}), plane = place_of({1, -lines_, 0});
    const place corner = place_of({0, down_.first, across_.first});
    const T *const factor = factor_ + corner.factor, *const image = image_ + corner.image;
    for (std::int64_t k = first; k < end;) {
      T factors[Batch], elements[Batch];
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
      for (int i = 0; i < Batch; ++i, k += step) {
        factors[i] = elements[i] = T{};
        if (k >= end) continue;
        factors[i] = factor[at.factor];
        elements[i] = image[at.image];
        advance(at, by, line, plane);
      }
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
      for (int i = 0; i < Batch; ++i)
        if (Batch == 1 || k - (Batch - i) * step < end) visit(factors[i], elements[i]);
    }
  }

 private:
  /// A term, counted from the first one that is read, and where it lies.
  struct place {
    Index vertical, horizontal, factor, image;
  };
  HALFULP_HOST_DEVICE place place_of(const window_index& t) const {
    return {static_cast<Index>(t.vertical), static_cast<Index>(t.horizontal),
            static_cast<Index>(t.outer * p_.factor.outer_step + t.vertical * p_.factor.vertical_step +
                               t.horizontal * p_.factor.horizontal_step),
            static_cast<Index>(t.outer * p_.image.term_step + t.vertical * p_.vertical.term_step * p_.image.row_step +
                               t.horizontal * p_.horizontal.term_step * p_.image.element_step)};
  }
  static HALFULP_HOST_DEVICE void add(place& at, const place& by) {
    at.horizontal += by.horizontal;
    at.vertical += by.vertical;
    at.factor += by.factor;
    at.image += by.image;
  }
  /// at + by: no part of `by` reaches its extent, so that one carry is enough, from the end of a line to the next `line`
  /// and from the end of a plane to the next `plane`.
  HALFULP_HOST_DEVICE void advance(place& at, const place& by, const place& line, const place& plane) const {
    add(at, by);
    if (at.horizontal >= static_cast<Index>(width_)) add(at, line);
    if (at.vertical >= static_cast<Index>(lines_)) add(at, plane);
  }
  template <class Visit>
  HALFULP_HOST_DEVICE void at(const window_index& t, Visit visit) const {
    const place p = place_of(t);
    visit(factor_[p.factor], image_[p.image]);
  }

  const window_product<T>& p_;
  index_range<run> down_, across_;
  const T *image_, *factor_;
  std::int64_t width_, lines_;
};

}  // namespace halfulp::kernels
