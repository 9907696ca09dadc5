#pragma once

#include <halfulp/oracle/core/exact_sum.hpp>

namespace halfulp {

/// sum / n for a finite sum that is not zero and 1 <= n <= 2^62: 64 leading bits of the quotient by long division, base
/// 2^32, and whether anything lies below them. The sum is at least one unit, so that 4 digits after the last of the
/// sum hold 64 bits.
template <class T>
HALFULP_HOST_DEVICE binary_real quotient(const exact_sum<T>& sum, std::int64_t n) {
  constexpr int after = 4, digits = exact_sum<T>::digits;
  const auto divisor = static_cast<unsigned __int128>(n);
  const auto dividend = sum.magnitude();
  std::uint64_t bits = 0;  // leading bits, as many as `found`
  int found = 0;
  bool sticky = false;
  long exponent = 0;  // of the last bit found
  unsigned __int128 rest = 0;
  for (int k = digits - 1; k >= -after; --k) {
    rest = rest << 32 | (k < 0 ? 0 : static_cast<std::uint64_t>(dividend[static_cast<std::size_t>(k)]));
    const auto digit = static_cast<std::uint64_t>(rest / divisor);
    rest %= divisor;
    const int room = 64 - found;
    const int width = found == 0 ? 64 - std::countl_zero(digit) : 32;
    const int kept = width < room ? width : room;
    if (kept > 0) {
      bits = kept == 64 ? digit : bits << kept | digit >> (width - kept);
      exponent = exact_sum<T>::lowest + 32L * k + (width - kept);
    }
    sticky = sticky || (kept < width && (digit & ((std::uint64_t{1} << (width - kept)) - 1)) != 0);
    found += kept;
  }
  return {sum.sign() < 0, bits, exponent, sticky || rest != 0};
}

/// RN(sum / n), 1 <= n <= 2^62; the sum's NaNs, infinities and zeros as they are.
template <class Out, class T>
HALFULP_HOST_DEVICE Out rounded_quotient(const exact_sum<T>& sum, std::int64_t n) {
  if (sum.is_nan_sum() || sum.is_infinite_sum() || sum.sign() == 0) return sum.template round<Out>();
  return round_to_nearest<Out>(quotient(sum, n));
}

}  // namespace halfulp
