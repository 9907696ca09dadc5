#include <catch2/catch.hpp>

#include <limits>
#include <regex>
#include <set>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/markdown.hpp>
#include <halfulp/analysis/report/page.hpp>

#include "report_results.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using namespace halfulp::tests;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
const std::string hostile = "</pre><script>alert('1 & \"2\"')</script>|`*_[x](javascript:y)\n\x01\x7f";

report_model hostile_report() {
  report_model m;
  m.runs = {a_run(hostile, 1)};
  m.runs[0].made_on.processor = hostile;
  m.backends = {{hostile, true, hostile, {{hostile, hostile}}, ""}, {hostile + "2", false, "", {}, hostile}};
  auto r = result_of(hostile, hostile, hostile, {{1, one_plus(100)}, {1, not_a_number}});
  r.format = r.name = r.origin = hostile;
  m.add(r);
  auto failed = failed_result(hostile, hostile, hostile + hostile, outcome::crashed, hostile);
  failed.format = failed.name = hostile;
  m.add(failed);
  return m;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Opening tags that are not closed in the right order; elements without content left out.
std::string unbalanced(const std::string& html) {
  static const std::set<std::string> empty{"meta", "br", "line", "rect/", "circle/"};
  static const std::regex tag(R"re(<(/?)([a-z][a-z0-9]*)([^<>]*?)(/?)>)re");
  std::vector<std::string> open;
  for (std::sregex_iterator it(html.begin(), html.end(), tag), end; it != end; ++it) {
    const std::smatch& t = *it;
    if (t[4].length() > 0 || empty.contains(t[2])) continue;
    if (t[1].length() == 0) {
      open.push_back(t[2]);
    } else {
      if (open.empty() || open.back() != t[2])
        return "</" + t[2].str() + "> after " + (open.empty() ? "" : open.back());
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + ">";
}

/// Every link within the page that leads nowhere.
std::vector<std::string> broken_links(const std::string& html) {
  static const std::regex link(R"re(href="#([^"]*)")re");
  std::vector<std::string> broken;
  for (std::sregex_iterator it(html.begin(), html.end(), link), end; it != end; ++it)
    if (html.find("id=\"" + (*it)[1].str() + "\"") == std::string::npos) broken.push_back((*it)[1]);
  return broken;
}

void check_page(const std::string& html) {
  CHECK(unbalanced(html.substr(html.find("<html"))).empty());
  CHECK(broken_links(html) == std::vector<std::string>{});
  CHECK(count_of(html, "<script") == 0);
  CHECK(count_of(html, "http:") + count_of(html, "https:") + count_of(html, "url(") + count_of(html, "@import") == 0);
}

}  // namespace

TEST_CASE("escape: nothing in a text is markup in HTML") {
  CHECK(escape_html("<a b=\"c\" d='e'>&\n\x01") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\n␁");
}

TEST_CASE("escape: nothing in a text is markup in Markdown, and a table cell stays one cell") {
  CHECK(escape_markdown("a|b*c_`<d>\n[e](f)") == "a\\|b\\*c\\_\\`\\<d\\> \\[e\\]\\(f\\)");
  CHECK(markdown_code("a`b``c|d", true) == "```a`b``c\\|d```");
  CHECK(markdown_code("a|b", false) == "`a|b`");
  CHECK(markdown_code("`a`", false) == "`` `a` ``");
}

TEST_CASE("escape: a text is cut between characters, never within one") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("a×b", 2) == "a …");
  CHECK(shortened("a×b", 3) == "a× …");
}

TEST_CASE("page: hostile texts stay texts") {
  const std::string html = html_page(hostile_report());
  check_page(html);
  CHECK(count_of(html, "&lt;script&gt;") > 5);
}

TEST_CASE("page: an id or a link never breaks out of its attribute") {
  CHECK(page::anchor("op", "conv2d") == "op-conv2d");
  CHECK(page::anchor("op", "a b\"><") == "op-a.20b.22.3e.3c");
}

TEST_CASE("Markdown: hostile texts add no row and no column to the table") {
  const std::string text = markdown(hostile_report());
  const auto begin = text.find("| op | format | implementation | cases");
  REQUIRE(begin != std::string::npos);
  const std::string table = text.substr(begin, text.find("\n\n", begin) - begin);
  CHECK(count_of(table, "\n") == 2);  // head, rule, one row
  std::set<std::size_t> columns;
  for (std::size_t at = 0; at < table.size();) {
    const auto end = std::min(table.find('\n', at), table.size());
    const std::string line = table.substr(at, end - at);
    columns.insert(count_of(line, "|") - count_of(line, "\\|"));
    at = end + 1;
  }
  CHECK(columns.size() == 1);
}

TEST_CASE("page: a report without cases is a page that says so") {
  report_model m;
  m.runs = {a_run("1", 0)};
  const std::string html = html_page(m);
  check_page(html);
  CHECK_THAT(html, Catch::Contains("Nothing to report") && Catch::Contains("0 cases"));
  CHECK_THAT(markdown(m), Catch::Contains("0 cases"));
}

TEST_CASE("page: outputs that are all NaN have no quantile, and wrong ones are beyond") {
  report_model m;
  m.runs = {a_run("1", 1)};
  m.add(result_of("conv2d", "torch", "a",
                  {{not_a_number, not_a_number}, {not_a_number, not_a_number}, {not_a_number, 1}}));
  const std::string html = html_page(m);
  check_page(html);
  CHECK(m.total(verdict::beyond) == 1);
  CHECK(m.total(verdict::correct) == 2);
  CHECK_THAT(html, Catch::Contains("torch: conv2d in float32 returns a number for NaN"));
  CHECK(html.find(">nan<") == std::string::npos);
}

TEST_CASE("page: a missing backend is named with how to get it") {
  report_model m;
  m.runs = {a_run("1", 1)};
  m.backends = {{"pytorch", false, "", {}, "make peers installs it"},
                {"cuda", false, "", {}, "no GPU"},
                {"cudnn", false, "", {}, "no GPU"}};
  check_page(html_page(m));
  for (const std::string& text : {html_page(m), markdown(m)}) {
    CHECK_THAT(text, Catch::Contains("pytorch could not be compared: make peers installs it"));
    CHECK_THAT(text, Catch::Contains("cuda, cudnn could not be compared: no GPU"));
  }
}

TEST_CASE("page: undecided roundings and interrupted runs are said, and count for nothing") {
  report_model m;
  m.runs = {a_run("1", 3)};
  m.runs[0].cases_done = 2;
  auto r = result_of("conv2d", "torch", "a", {{1, 1}, {1, 1}});
  r.scored.by_verdict = {1, 0, 0, 0, 1};
  m.add(r);
  m.add(failed_result("conv2d", "torch", "b", outcome::unknown));
  const std::string html = html_page(m);
  CHECK_THAT(html, Catch::Contains("Interrupted: 2 of 3 cases were run.") &&
                       Catch::Contains("The exact rounding of 1 number stayed undecided; none counts as right.") &&
                       Catch::Contains("For 1 comparison the oracle has no answer") && Catch::Contains("50.0%"));
}

TEST_CASE("page: plots mark each verdict by a shape of its own") {
  report_model m;
  m.runs = {a_run("1", 3)};
  for (const int e : {1, 5, 20})
    m.add(result_of("conv2d", "torch", "case " + std::to_string(e), {{1, 1}, {1, one_plus(e)}}));
  const std::string html = html_page(m);
  check_page(html);
  CHECK(count_of(html, "<circle class=\"dot explained\" cx") == 1);
  CHECK_THAT(html, Catch::Contains("1 explained, 1 avoidable, 1 beyond"));
  CHECK_THAT(html, Catch::Contains("1 number: error from"));
}
