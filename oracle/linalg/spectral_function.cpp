#include <halfulp/oracle/linalg/spectral_function.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// A Gaussian integer times 2^exponent.
struct gaussian {
  integer re, im;
  long exponent = 0;
};

gaussian entry(const integer_matrix& a, int i, int j) {
  return {a.real[a.at(i, j)], a.is_complex() ? a.imaginary[a.at(i, j)] : integer(), a.exponent};
}

gaussian product(const gaussian& x, const gaussian& y) {
  return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re, x.exponent + y.exponent};
}

gaussian difference(gaussian x, gaussian y) {
  const long least = std::min(x.exponent, y.exponent);
  for (gaussian* z : {&x, &y})
    for (integer* part : {&z->re, &z->im})
      mpz_mul_2exp(raw(*part), raw(*part), static_cast<mp_bitcnt_t>(z->exponent - least));
  return {x.re - y.re, x.im - y.im, least};
}

/// At least 2^by |z|.
upper_bound at_least(const gaussian& z, long by = 0) {
  real r = make_real(64);
  mpfr_hypot(raw(r), raw(to_real(z.re, z.exponent)), raw(to_real(z.im, z.exponent)), MPFR_RNDU);
  mpfr_mul_2si(raw(r), raw(r), by, MPFR_RNDU);
  return upper_bound::of(r);
}

/// At most |z|.
real at_most(const gaussian& z) {
  real r = make_real(64);
  mpfr_hypot(raw(r), raw(to_real(z.re, z.exponent)), raw(to_real(z.im, z.exponent)), MPFR_RNDD);
  return r;
}

real minimum(const real& x, const real& y) {
  return mpfr_less_p(raw(x), raw(y)) != 0 ? x : y;
}

/// z / w, each part to a multiple of 2^exponent.
gaussian quotient(const gaussian& z, const gaussian& w, long exponent) {
  const gaussian top = product(z, {w.re, -w.im, w.exponent});
  integer square = w.re * w.re + w.im * w.im;
  const long up = top.exponent - 2 * w.exponent - exponent;
  if (up < 0) mpz_mul_2exp(raw(square), raw(square), static_cast<mp_bitcnt_t>(-up));
  const auto part = [&](integer k) {
    if (up > 0) mpz_mul_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(up));
    mpz_fdiv_q(raw(k), raw(k), raw(square));
    return k;
  };
  return {part(top.re), part(top.im), exponent};
}

/// The pencil Y (B - l I) X of a basis, and everything that is proved of it.
class function_enclosure {
 public:
  function_enclosure(const integer_matrix& b, const spectral_basis& basis, const weighted_spectrum& spectrum)
      : n_(b.n),
        basis_(basis),
        spectrum_(spectrum),
        s_(adjoint_product(adjoint(basis.y), basis.x, false)),
        h_(adjoint_product(adjoint(basis.y), adjoint_product(adjoint(as_complex(b)), basis.x, false), false)) {}

  std::optional<spectral_function> find() {
    if (!place_centres()) return std::nullopt;
    assign_weights();
    gap_ = gap_between(weight_);
    if (mpfr_regular_p(raw(gap_)) == 0) return std::nullopt;  // 0, or infinite: no column was taken for some weight
    scale_triangles();
    find_norms();
    if (!(defect_ < upper_bound(0.5)) || !is_wide(gap_) || !boxes_confirm(weight_, weight_of_box()))
      return std::nullopt;
    spectral_function f = enclosed();
    f.separates_boxes = is_wide(gap_between(basis_.box)) && boxes_confirm(basis_.box, each_box());
    return f;
  }

 private:
  bool place_centres() {
    const long exponent = centre_exponent();
    for (int k = 0; k < n_; ++k) {
      const gaussian s = entry(s_, k, k);
      if (s.re == 0 && s.im == 0) return false;
      centres_.push_back(quotient(entry(h_, k, k), s, exponent));
    }
    return true;
  }

  /// 2 bits below the largest part of an entry of Y B X, and no multiple of that above the unit of B.
  long centre_exponent() const {
    std::size_t bits = 1;
    for (const auto* part : {&h_.real, &h_.imaginary})
      for (const integer& k : *part) bits = std::max(bits, mpz_sizeinbase(raw(k), 2));
    const long unit = h_.exponent - s_.exponent;
    return std::min(unit, h_.exponent + static_cast<long>(bits) + 2 * basis_.x.exponent) - 32;
  }

  bool is_wide(const real& gap) const { return upper_bound(6) * off_ < upper_bound::of(gap); }

  std::vector<int> weight_of_box() const {
    std::vector<int> weights;
    for (const eigenvalue_box& box : spectrum_.boxes) weights.push_back(box.weight);
    return weights;
  }
  std::vector<int> each_box() const {
    std::vector<int> boxes(spectrum_.boxes.size());
    std::iota(boxes.begin(), boxes.end(), 0);
    return boxes;
  }

  /// The weight of the box that a column was taken for; `boxes_confirm` proves it.
  void assign_weights() {
    for (int k = 0; k < n_; ++k) weight_.push_back(spectrum_.boxes[size(basis_.box[size(k)])].weight);
  }

  /// At most the distance of two centres of different classes.
  real gap_between(const std::vector<int>& class_of) const {
    real gap = make_real(64);
    mpfr_set_inf(raw(gap), 1);
    for (int j = 0; j < n_; ++j)
      for (int i = 0; i < j; ++i)
        if (class_of[size(i)] != class_of[size(j)])
          gap = minimum(gap, at_most(difference(centres_[size(i)], centres_[size(j)])));
    return gap;
  }

  /// Powers of two for the columns of each box of several, so that the entries above its diagonal become at most about
  /// gap / (16 count).
  void scale_triangles() {
    shift_.assign(size(n_), 0);
    for (std::size_t box = 0; box < spectrum_.boxes.size(); ++box) {
      std::vector<int> columns;
      for (int k = 0; k < n_; ++k)
        if (basis_.box[size(k)] == static_cast<int>(box)) columns.push_back(k);
      upper_bound largest;
      for (std::size_t l = 0; l < columns.size(); ++l)
        for (std::size_t k = 0; k < l; ++k)
          if (const auto b = at_least(entry(h_, columns[k], columns[l])); largest < b) largest = b;
      if (mpfr_zero_p(raw(largest.value())) != 0) continue;
      const long step = exponent_of(largest.value()) - exponent_of(gap_) + 6 +
                        static_cast<long>(std::ceil(std::log2(static_cast<double>(columns.size()))));
      for (std::size_t k = 0; step > 0 && k < columns.size(); ++k)
        shift_[size(columns[k])] = step * static_cast<long>(k);
    }
  }

  /// ||I - Y X||, ||Z|| and ||Z'||; Z = R + ((Y X)^-1 - I) R, R = Y B X - Y X C.
  void find_norms() {
    upper_bound defect, all, between;
    for (int j = 0; j < n_; ++j)
      for (int i = 0; i < n_; ++i) {
        const long by = shift_[size(i)] - shift_[size(j)];
        const gaussian s = entry(s_, i, j);
        const upper_bound f = at_least(i == j ? difference({1, 0, 0}, s) : s, by);
        const upper_bound r = at_least(difference(entry(h_, i, j), product(s, centres_[size(j)])), by);
        defect = defect + f * f;
        all = all + r * r;
        if (weight_[size(i)] != weight_[size(j)]) between = between + r * r;
      }
    defect_ = root(defect);
    left_ = make_real(64);
    mpfr_ui_sub(raw(left_), 1, raw(defect_.value()), MPFR_RNDD);
    if (mpfr_sgn(raw(left_)) <= 0) return;
    const upper_bound by_inverse = defect_ * root(all) / left_;
    off_ = root(all) + by_inverse;
    between_ = root(between) + by_inverse;
  }

  /// Whether the disc of radius ||Z|| around each centre meets boxes of its own class only, and at least one.
  bool boxes_confirm(const std::vector<int>& class_of_column, const std::vector<int>& class_of_box) const {
    const auto meets = [&](const integer& x, long exponent, const enclosure& e) {
      const real at = to_real(x, exponent);
      const enclosure reach = enclosure::around(at, off_.value(), mpfr_get_prec(raw(at)) + 64);
      return mpfr_lessequal_p(raw(reach.lo), raw(e.hi)) != 0 && mpfr_lessequal_p(raw(e.lo), raw(reach.hi)) != 0;
    };
    for (int k = 0; k < n_; ++k) {
      const gaussian& c = centres_[size(k)];
      bool found = false;
      for (std::size_t at = 0; at < spectrum_.boxes.size(); ++at) {
        const eigenvalue_box& box = spectrum_.boxes[at];
        if (!meets(c.re, c.exponent, box.re) || !meets(c.im, c.exponent, box.im)) continue;
        if (class_of_box[at] != class_of_column[size(k)]) return false;
        found = true;
      }
      if (!found) return false;
    }
    return true;
  }

  /// The weights as multiples of 2^exponent_, each part within one.
  std::vector<gaussian> fixed_point_weights() {
    long largest = std::numeric_limits<long>::min();
    for (const complex_mean& m : spectrum_.weights)
      for (const integer* part : {&m.re, &m.im})
        if (*part != 0) largest = std::max(largest, static_cast<long>(mpz_sizeinbase(raw(*part), 2)));
    if (largest == std::numeric_limits<long>::min()) largest = 0;
    exponent_ = spectrum_.exponent + largest + 2 * basis_.x.exponent - 32;
    std::vector<gaussian> units;
    for (const complex_mean& m : spectrum_.weights) {
      const auto unit = [&](integer k) {
        const long up = spectrum_.exponent - exponent_;
        if (up >= 0) {
          mpz_mul_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(up));
        } else {
          mpz_fdiv_q_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(-up));
        }
        integer q;
        mpz_fdiv_q_ui(raw(q), raw(k), static_cast<unsigned long>(m.count));
        return q;
      };
      units.push_back({unit(m.re), unit(m.im), exponent_});
    }
    return units;
  }

  spectral_function enclosed() {
    const std::vector<gaussian> m = fixed_point_weights();
    upper_bound largest;
    for (const gaussian& w : m)
      if (const auto b = at_least(w); largest < b) largest = b;
    integer_matrix xm(n_, basis_.x.exponent + exponent_, true);
    for (int j = 0; j < n_; ++j)
      for (int i = 0; i < n_; ++i) {
        const gaussian z = product(entry(basis_.x, i, j), m[size(weight_[size(j)])]);
        xm.real[xm.at(i, j)] = z.re;
        xm.imaginary[xm.at(i, j)] = z.im;
      }
    spectral_function f{adjoint_product(adjoint(xm), basis_.y, false), {}, {}, factor(largest), false};
    for (int i = 0; i < n_; ++i) {
      upper_bound row, column;
      for (int k = 0; k < n_; ++k) {
        const upper_bound x = at_least(entry(basis_.x, i, k), -shift_[size(k)]);
        const upper_bound y = at_least(entry(basis_.y, k, i), shift_[size(k)]);
        row = row + x * x;
        column = column + y * y;
      }
      f.rows.push_back(root(row));
      f.columns.push_back(root(column));
    }
    return f;
  }

  /// (2 max|m| k / (1 - k) + max|m| ||F||) / (1 - ||F||), and 4 units for the rounding of the weights.
  upper_bound factor(const upper_bound& largest) const {
    real delta = make_real(64), unit = make_real(2);
    mpfr_mul_ui(raw(delta), raw(off_.value()), 2, MPFR_RNDU);
    mpfr_sub(raw(delta), raw(gap_), raw(delta), MPFR_RNDD);
    const upper_bound k = upper_bound(2) * between_ / delta;
    real left = make_real(64);
    mpfr_ui_sub(raw(left), 1, raw(k.value()), MPFR_RNDD);
    mpfr_set_ui_2exp(raw(unit), 4, exponent_, MPFR_RNDU);
    const upper_bound weight = largest + upper_bound::of(unit);
    return (upper_bound(2) * weight * k / left + weight * defect_) / left_ + upper_bound::of(unit);
  }

  int n_;
  const spectral_basis& basis_;
  const weighted_spectrum& spectrum_;
  integer_matrix s_, h_;
  std::vector<gaussian> centres_;
  std::vector<int> weight_;
  std::vector<long> shift_;
  real gap_, left_;
  upper_bound defect_, off_, between_;
  long exponent_ = 0;
};

}  // namespace

std::optional<spectral_function> enclose_function(const integer_matrix& b, const spectral_basis& basis,
                                                  const weighted_spectrum& spectrum) {
  return function_enclosure(b, basis, spectrum).find();
}

}  // namespace halfulp::linalg
