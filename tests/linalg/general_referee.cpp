#include "general_referee.hpp"

#include <algorithm>

#include "arb_balls.hpp"

namespace halfulp::tests {

std::vector<complex_enclosure> arb_general_eigenvalues(const linalg::square_matrix& a, long bits,
                                                       arb_certificate which) {
  arb_vector values(a.n);
  if (!certified_eigenvalues(a, bits, which, values)) return {};
  std::vector<complex_enclosure> balls;
  for (int k = 0; k < a.n; ++k)
    balls.push_back(
        {ends_of(acb_realref(values.get() + k), bits + 64), ends_of(acb_imagref(values.get() + k), bits + 64)});
  return balls;
}

namespace {

/// Whether the balls can be given to the rectangles one to one, by augmenting paths.
class matching {
 public:
  matching(const std::vector<complex_enclosure>& balls, const std::vector<complex_enclosure>& ours)
      : balls_(balls), ours_(ours), taker_(ours.size(), -1) {}

  bool is_perfect() {
    for (std::size_t k = 0; k < balls_.size(); ++k) {
      std::vector<bool> seen(ours_.size(), false);
      if (!place(static_cast<int>(k), seen)) return false;
    }
    return true;
  }

 private:
  bool place(int ball, std::vector<bool>& seen) {
    const complex_enclosure& b = balls_[static_cast<std::size_t>(ball)];
    for (std::size_t k = 0; k < ours_.size(); ++k) {
      if (seen[k] || !fits(b.re, ours_[k].re) || !fits(b.im, ours_[k].im)) continue;
      seen[k] = true;
      if (taker_[k] >= 0 && !place(taker_[k], seen)) continue;
      taker_[k] = ball;
      return true;
    }
    return false;
  }

  const std::vector<complex_enclosure>& balls_;
  const std::vector<complex_enclosure>& ours_;
  std::vector<int> taker_;
};

}  // namespace

referee_verdict compare_general_with_arb(const linalg::square_matrix& a, const std::vector<complex_enclosure>& ours) {
  constexpr long most_bits = 2048;
  for (long bits = 128; bits <= most_bits; bits *= 2) {
    const auto balls = arb_general_eigenvalues(a, bits);
    if (balls.size() != ours.size()) continue;
    const auto meets = [](const complex_enclosure& x, const complex_enclosure& y) {
      return !apart(x.re, y.re) && !apart(x.im, y.im);
    };
    for (const auto& ball : balls)
      if (std::none_of(ours.begin(), ours.end(), [&](const auto& e) { return meets(ball, e); }))
        return referee_verdict::disagrees;
    if (matching(balls, ours).is_perfect()) return referee_verdict::agrees;
  }
  return referee_verdict::gave_up;
}

}  // namespace halfulp::tests
