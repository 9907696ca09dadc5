#include <halfulp/analysis/report/overview.hpp>

namespace halfulp::analysis {
namespace {

void add(overview_row& row, const report_cell& cell) {
  const score& s = cell.scored;
  for (std::size_t k = 0; k < s.by_class.size(); ++k) {
    if (static_cast<component_class>(k) == component_class::zero) continue;
    row.numbers += s.by_class[k];
    row.right += s.by_class[k] - s.wrong_by_class[k];
  }
  row.right -= s.undecided();
  const auto judged = [&](verdict v) { return s.by_verdict[static_cast<std::size_t>(v)]; };
  row.explained += judged(verdict::explained);
  row.avoidable += judged(verdict::avoidable);
  row.beyond += judged(verdict::beyond);
  row.scored += cell.count(outcome::scored);
  row.failed += cell.count(outcome::crashed) + cell.count(outcome::timed_out) + cell.count(outcome::wrong_type) +
                cell.count(outcome::refused_valid);
  row.accepted_invalid += cell.count(outcome::accepted_invalid);
}

}  // namespace

std::vector<overview_row> overview(const report_model& m) {
  std::vector<overview_row> rows;
  for (const auto& b : m.backends) {
    if (!b.available) continue;
    rows.push_back({});
    rows.back().backend = b.name;
    for (const auto& [key, cell] : m.cells)
      if (key.backend == b.name) add(rows.back(), cell);
  }
  return rows;
}

}  // namespace halfulp::analysis
