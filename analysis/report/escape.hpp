#pragma once

#include <string>
#include <string_view>

namespace halfulp::analysis {

/// Text as it stands in HTML, in an element or in a quoted attribute. Control characters become their pictures.
std::string escape_html(std::string_view text);

/// Text as it stands in a cell of a Markdown table or in a paragraph: nothing in it is markup, no line ends in it.
std::string escape_markdown(std::string_view text);

/// At most `most` bytes of UTF-8 text, cut between characters, with an ellipsis where something is left out.
std::string shortened(std::string_view text, std::size_t most);

/// A span of code in Markdown that holds `text` whatever backquotes are in it; in a table cell bars are escaped too.
std::string markdown_code(std::string_view text, bool in_table);

}  // namespace halfulp::analysis
