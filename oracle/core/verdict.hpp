// The answer of an analysis or a proof. Unknown never counts as holds.
#pragma once

namespace halfulp {

enum class [[nodiscard]] verdict{holds, fails, unknown};

// Both: fails if one fails, holds if both hold.
constexpr verdict both(verdict a, verdict b) {
  if (a == verdict::fails || b == verdict::fails) return verdict::fails;
  return a == verdict::holds && b == verdict::holds ? verdict::holds : verdict::unknown;
}

constexpr const char* name_of(verdict v) {
  return v == verdict::holds ? "holds" : v == verdict::fails ? "fails" : "unknown";
}

}  // namespace halfulp
