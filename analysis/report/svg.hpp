#pragma once

#include <string>
#include <utility>
#include <vector>

namespace halfulp::analysis {

/// A logarithmic axis: numbers x > 0 between pixels, and what no logarithm has (0 and infinity) in gutters beside them.
class log_axis {
 public:
  /// lo and hi: powers of 2 at the pixels `from` and `to`; lo < hi. The gutters reach `gutter` pixels further out.
  log_axis(double lo, double hi, double from, double to, double gutter);

  double at(double x) const;
  /// Powers of ten with room between their labels, at most `most`: pixel and label.
  std::vector<std::pair<double, std::string>> ticks(int most) const;
  double from() const { return from_; }
  double to() const { return to_; }
  double before() const { return from_ - step_; }  ///< the pixel of 0
  double behind() const { return to_ + step_; }    ///< the pixel of infinity

 private:
  double lo_, hi_, from_, to_, step_;
};

/// The range of powers of 2 that numbers span: zeros and infinities change nothing; at least `least` wide.
struct binade_span {
  double lo = 0, hi = 0;
  bool empty = true, zero = false, infinite = false;
  void take(double x);
  void widen(double least);
};

namespace svg {

std::string line(double x1, double y1, double x2, double y2, const char* css);
std::string text(double x, double y, const std::string& words, const char* css);
std::string rect(double x, double y, double width, double height, const char* css, const std::string& tip);
/// An <svg> element of that size in user units, as wide as its container, with a text that stands in for it.
std::string figure(double width, double height, const std::string& label, const std::string& content);

}  // namespace svg

}  // namespace halfulp::analysis
