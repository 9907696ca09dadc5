#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <halfulp/oracle/core/exact_sum.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {

/// Dot products of numbers of format T whose exact values lie at a chosen distance from the midpoint of two neighbours,
/// built in integers: every product is a multiple of 2^unit. Random products come first; what is missing to the target
/// is written in base 2^p and each digit becomes a product with a power of two.
template <class T>
class midpoint_builder {
 public:
  /// `products` random terms a dot product; distances from the midpoint are d 2^unit with 1 <= d <= 2^most_log.
  midpoint_builder(random_source& r, std::int64_t products, int most_log) : r_(r), most_log_(most_log) {
    for (std::int64_t k = 0; k < products; ++k) shared_.push_back(factor());
    for (int k = 0; k < digit_count; ++k) shared_.push_back(narrow<T>(std::ldexp(1.0, place(k) - digit_place(k))));
    order_.resize(shared_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (std::size_t k = order_.size() - 1; k > 0; --k)
      std::swap(order_[k], order_[static_cast<std::size_t>(r_.between(0, static_cast<std::int64_t>(k)))]);
  }

  static constexpr format f = format_of<T>;
  /// Distances up to 2^log_within_60 units are within 2^-60 of the target, relatively.
  static constexpr int unit = f.precision == 11 ? -48 : f.precision == 53 ? -110 : -80;
  static constexpr int least_exponent = f.precision == 11 ? 12 : -3;  // of the targets
  static constexpr int log_within_60 = least_exponent - 60 - unit, most_log = log_within_60 < 16 ? log_within_60 : 16;

  std::int64_t length() const { return static_cast<std::int64_t>(shared_.size()); }
  /// The factors that all the dot products share.
  std::vector<T> shared() const { return permuted(shared_); }

  struct dot {
    std::vector<T> factors;  ///< the other factors
    T rounded;               ///< what the exact value rounds to
  };
  /// side -1, 0, 1: below the midpoint in magnitude, on it, above.
  dot build(int side) {
    const int exponent = static_cast<int>(r_.between(least_exponent, least_exponent + 2));
    const std::uint64_t hidden = std::uint64_t{1} << (f.precision - 1);
    const std::uint64_t significand = hidden + r_.bits() % (hidden - 1);  // the one above has the same exponent
    const int shift = exponent - f.precision + 1 - unit;
    const auto q = static_cast<__int128>(significand) << shift, half = static_cast<__int128>(1) << (shift - 1);
    const auto distance = static_cast<__int128>(1 + r_.bits() % (std::uint64_t{1} << r_.between(0, most_log_)));
    const bool negative = r_.between(0, 1) == 1, away = side > 0 || (side == 0 && significand % 2 == 1);
    const __int128 target = q + half + side * distance;
    dot d{factors_for(negative ? -target : target),
          narrow<T>(std::ldexp(static_cast<double>(significand + (away ? 1 : 0)), exponent - f.precision + 1))};
    if (negative) d.rounded = from_bits<T>(static_cast<bits_t<T>>(to_bits(d.rounded) | encoding<T>::sign));
    verify(d, narrow<T>(std::ldexp(static_cast<double>(significand), exponent - f.precision + 1)),
           narrow<T>(std::ldexp(1.0, exponent - f.precision)), negative, side);
    return d;
  }

 private:
  static constexpr int digit_count = (126 + f.precision - 1) / f.precision - (f.precision == 11 ? 5 : 0);

  static int place(int k) { return unit + f.precision * k; }
  /// Digits of binary16 must stay below 65504.
  static int digit_place(int k) {
    const int half = static_cast<int>(std::floor(place(k) / 2.0));
    return f.precision == 11 ? std::min(half, 4) : half;
  }

  T factor() {
    const int low = f.precision == 11 ? -13 : f.precision == 8 ? -12 : f.precision == 24 ? -3 : -1;
    return narrow<T>(std::ldexp(r_.uniform() < 0 ? -1 : 1, static_cast<int>(r_.between(low, low + 2))) *
                     (1 + std::abs(r_.uniform()) * (1 - 0x1p-7)));
  }

  static __int128 product(T a, T b) {
    if (is_zero(a) || is_zero(b)) return 0;
    const binary_real x = decompose(a), y = decompose(b);
    const auto p = static_cast<__int128>(static_cast<unsigned __int128>(x.significand) * y.significand);
    const __int128 shifted = p << (x.exponent + y.exponent - unit);
    return x.negative != y.negative ? -shifted : shifted;
  }

  std::vector<T> factors_for(__int128 target) {
    std::vector<T> x;
    __int128 missing = target;
    for (std::size_t k = 0; k + digit_count < shared_.size(); ++k) {
      x.push_back(factor());
      missing -= product(x[k], shared_[k]);
    }
    const double sign = missing < 0 ? -1 : 1;
    auto rest = static_cast<unsigned __int128>(missing < 0 ? -missing : missing);
    for (int k = 0; k < digit_count; ++k, rest >>= f.precision) {
      const auto digit =
          static_cast<double>(static_cast<std::uint64_t>(rest) & ((std::uint64_t{1} << f.precision) - 1));
      x.push_back(narrow<T>(sign * std::ldexp(digit, digit_place(k))));
    }
    if (rest != 0) throw std::logic_error("midpoint_builder: the digits do not reach the target");
    return permuted(x);
  }

  /// By the exact accumulator: the sum less both the lower neighbour and half a unit has the sign that was asked for.
  void verify(const dot& d, T below, T half, bool negative, int side) const {
    exact_sum<T> s;
    const std::vector<T> other = shared();
    for (std::size_t k = 0; k < other.size(); ++k) s.add_product(d.factors[k], other[k]);
    if (negative) {
      s.add(below);
      s.add(half);
    } else {
      s.subtract(below);
      s.subtract(half);
    }
    if (s.sign() != (negative ? -side : side)) throw std::logic_error("midpoint_builder: on the wrong side");
  }

  std::vector<T> permuted(const std::vector<T>& x) const {
    std::vector<T> y;
    for (const std::size_t k : order_) y.push_back(x[k]);
    return y;
  }

  random_source& r_;
  int most_log_;
  std::vector<T> shared_;
  std::vector<std::size_t> order_;
};

/// A 1 x 1 convolution, or a transposed one, each output of which is such a dot product: over its positions (the shared
/// factors are the weights) or over its output channels (they are the pixel).
struct midpoint_outcome {
  std::int64_t outputs = 0, wrong = 0;
};
template <class T>
midpoint_outcome midpoint_convolution(random_source& r, std::int64_t products, int most_log, std::int64_t count,
                                      bool by_position, bool transposed = false) {
  midpoint_builder<T> builder(r, products, most_log);
  const std::int64_t k = builder.length(), outputs = by_position ? 1 : count;
  tensor x(dtype_of<T>, by_position ? extents{1, k, 1, count} : extents{1, k, 1, 1});
  tensor w(dtype_of<T>, transposed ? extents{k, outputs, 1, 1} : extents{outputs, k, 1, 1});
  const std::vector<T> shared = builder.shared();
  std::copy(shared.begin(), shared.end(), (by_position ? w : x).elements<T>().begin());
  std::vector<T> want;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto d = builder.build(static_cast<int>(i % 3) - 1);
    for (std::int64_t c = 0; c < k; ++c)
      (by_position ? x : w)
          .elements<T>()[static_cast<std::size_t>(by_position || transposed ? c * count + i : i * k + c)] =
          d.factors[static_cast<std::size_t>(c)];
    want.push_back(d.rounded);
  }
  const std::string_view op = transposed ? "conv2d_transpose" : "conv2d";
  const tensor y = kernels::compute(op, call_of(op, {{x.view()}, {w.view()}})).outputs.at(0);
  midpoint_outcome o{count, 0};
  for (std::size_t i = 0; i < want.size(); ++i) o.wrong += to_bits(y.elements<T>()[i]) != to_bits(want[i]);
  return o;
}

/// The same in windows three wide, over `count` output channels at one position of a line: the image is shared.
template <class T>
midpoint_outcome midpoint_windows(random_source& r, std::int64_t products, int most_log, std::int64_t count,
                                  bool transposed) {
  midpoint_builder<T> builder(r, products, most_log);
  const std::int64_t taps = 3, channels = (builder.length() + taps - 1) / taps, line = r.between(130, 137);
  const std::int64_t at = r.between(transposed ? taps - 1 : 0, transposed ? line - 1 : line - taps);  // of the output
  tensor x(dtype_of<T>, {1, channels, 1, line});
  tensor w(dtype_of<T>, transposed ? extents{channels, count, 1, taps} : extents{count, channels, 1, taps});
  const auto image = x.elements<T>(), weights = w.elements<T>();
  for (T& v : image) v = narrow<T>(r.uniform());
  const std::vector<T> shared = builder.shared();
  const auto place = [&](std::int64_t k) { return k / taps * line + (transposed ? at - k % taps : at + k % taps); };
  for (std::int64_t k = 0; k < taps * channels; ++k)
    image[static_cast<std::size_t>(place(k))] =
        k < builder.length() ? shared[static_cast<std::size_t>(k)] : narrow<T>(0.);
  std::vector<T> want;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto d = builder.build(static_cast<int>(i % 3) - 1);
    for (std::int64_t k = 0; k < builder.length(); ++k)
      weights[static_cast<std::size_t>(transposed ? (k / taps * count + i) * taps + k % taps
                                                  : i * taps * channels + k)] = d.factors[static_cast<std::size_t>(k)];
    want.push_back(d.rounded);
  }
  const std::string_view op = transposed ? "conv2d_transpose" : "conv2d";
  const tensor y = kernels::compute(op, call_of(op, {{x.view()}, {w.view()}})).outputs.at(0);
  const std::int64_t width = y.shape()[3];
  midpoint_outcome o{count, 0};
  for (std::int64_t i = 0; i < count; ++i)
    o.wrong += to_bits(y.elements<T>()[static_cast<std::size_t>(i * width + at)]) !=
               to_bits(want[static_cast<std::size_t>(i)]);
  return o;
}

}  // namespace halfulp::tests
