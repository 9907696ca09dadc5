#pragma once

#include <map>
#include <optional>
#include <string>

#include <halfulp/oracle/linalg/eigenvalue_discs.hpp>
#include <halfulp/oracle/linalg/integer_polynomial.hpp>

namespace halfulp::linalg {

/// Which part of a complex number.
enum class component { real_part, imaginary_part };

/// The distinct eigenvalues of a matrix of integers, and of its conjugate, as the roots of the square-free part F of its
/// characteristic polynomial (for a complex matrix, of that times its conjugate). Points are in units of the matrix, its
/// exponent included.
class distinct_roots {
 public:
  explicit distinct_roots(const integer_matrix& a)
      : exponent_(a.exponent), f_(characteristic_polynomial(a).square_free()) {}

  int count() const { return f_.degree(); }

  /// A point and how far the nearest root of F is from it at most.
  struct near_root {
    real re, im;
    real radius;
    /// Newton's next point, with `bits` bits.
    real next_re, next_im;
  };
  /// |z - the nearest root| <= deg F |F(z) / F'(z)|, evaluated exactly; none where F'(z) = 0.  [henrici74, 6.4]
  std::optional<near_root> near(const real& re, const real& im, long bits) const;

  /// Whether the disc, which must hold one root of F, holds one whose part `which` is exactly c, with the other part
  /// near `other`: proved by the same bound. Roots of F on the line Re z = c are c + i y with y a real root of the greatest
  /// common divisor of the two parts of F(c + i y), and likewise for Im z = c. The conjugate of y is one, too, so that a y
  /// nearby is real where the disc holds one root. The value is how far its other part is from `other` at most.
  std::optional<real> on_line(component which, const real& c, const real& other, const eigenvalue_disc& disc);

 private:
  const polynomial& line(component which, const real& c);

  long exponent_;
  polynomial f_;
  std::map<std::string, polynomial> lines_;  // by component and c
};

/// Whether each disc of the list, together with those that its mirror image touches, holds one root only.
bool each_holds_one(const std::vector<eigenvalue_disc>& discs, const distinct_roots& roots);

/// Whether the disc around (re, im) lies inside the other one.
bool lies_inside(const real& re, const real& im, const real& radius, const eigenvalue_disc& disc);

}  // namespace halfulp::linalg
