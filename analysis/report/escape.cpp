#include <halfulp/analysis/report/escape.hpp>

#include <algorithm>

namespace halfulp::analysis {
namespace {

bool is_control(char c) {
  return (c >= 0 && c < 0x20) || c == 0x7f;
}

/// U+2400 and following: a visible stand-in for a control character.
std::string control_picture(char c) {
  const int code = c == 0x7f ? 0x2421 : 0x2400 + c;
  return {static_cast<char>(0xe2), static_cast<char>(0x80 | ((code >> 6) & 0x3f)),
          static_cast<char>(0x80 | (code & 0x3f))};
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      case '\n':
        safe += '\n';
        break;
      default:
        safe += is_control(c) ? control_picture(c) : std::string(1, c);
    }
  }
  return safe;
}

std::string escape_markdown(std::string_view text) {
  static constexpr std::string_view markup = "\\`*_{}[]<>()#|!~&";
  std::string safe;
  for (const char c : text) {
    if (c == '\n') {
      safe += ' ';
    } else if (is_control(c)) {
      safe += control_picture(c);
    } else {
      if (markup.find(c) != std::string_view::npos) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return std::string(text.substr(0, most)) + " …";
}

std::string markdown_code(std::string_view text, bool in_table) {
  std::size_t longest = 0;
  std::size_t run = 0;
  std::string safe;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    if (in_table && c == '|') safe += '\\';
    safe += c == '\n' ? std::string(" ") : is_control(c) ? control_picture(c) : std::string(1, c);
  }
  const std::string fence(longest + 1, '`');
  const bool pad = safe.empty() || safe.front() == '`' || safe.back() == '`';
  return fence + (pad ? " " : "") + safe + (pad ? " " : "") + fence;
}

}  // namespace halfulp::analysis
