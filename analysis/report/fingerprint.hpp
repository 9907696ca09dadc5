#pragma once

#include <cstdint>
#include <string_view>

namespace halfulp::analysis {

/// 64-bit FNV-1a: names texts and files, where nobody means to make two of one name.
constexpr std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

}  // namespace halfulp::analysis
