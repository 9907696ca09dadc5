#pragma once

#include <optional>

#include <halfulp/oracle/core/error.hpp>
#include <halfulp/oracle/real/real.hpp>

namespace halfulp {

/// Two reals lo <= hi that certainly hold the exact result. An infinite or undefined result is lo = hi = +-inf or NaN.
struct enclosure {
  real lo;
  real hi;

  /// The one point x; an exact result.
  static enclosure point(const real& x) { return {x, x}; }
  /// [middle - radius, middle + radius], rounded outward at `bits` bits; radius >= 0.
  static enclosure around(const real& middle, const real& radius, mpfr_prec_t bits);

  bool is_point() const { return mpfr_equal_p(raw(lo), raw(hi)) != 0 || mpfr_nan_p(raw(lo)) != 0; }
  bool contains(const real& x) const { return mpfr_lessequal_p(raw(lo), raw(x)) && mpfr_lessequal_p(raw(x), raw(hi)); }
  bool contains(const enclosure& e) const { return contains(e.lo) && contains(e.hi); }
  /// Whether 0 lies in it; then the sign of a rounded zero is not known from it.
  bool contains_zero() const { return mpfr_sgn(raw(lo)) <= 0 && mpfr_sgn(raw(hi)) >= 0; }
};

/// The rounding of an enclosed real: known, or undecided. A caller cannot take an undecided number by mistake.
template <class T>
class [[nodiscard]] decision {
 public:
  decision() = default;
  explicit decision(T rounded) : rounded_(rounded) {}

  bool decided() const { return rounded_.has_value(); }
  /// Throws `undecided` where the rounding is not known.
  T value() const {
    if (!rounded_) throw undecided("rounding", "the enclosure holds a rounding boundary");
    return *rounded_;
  }

 private:
  std::optional<T> rounded_;
};

/// RN_F of every real in e, if all have the same bits. A zero at a point keeps the sign of that zero; an enclosure of
/// more than one point that holds 0 is undecided, since the sign of its zero is not proved.
template <class T>
decision<T> decide(const enclosure& e) {
  const T lo = round_to_nearest<T>(e.lo);
  if (e.is_point()) return decision<T>(lo);
  if (e.contains_zero() || lo != round_to_nearest<T>(e.hi)) return {};
  return decision<T>(lo);
}

}  // namespace halfulp
