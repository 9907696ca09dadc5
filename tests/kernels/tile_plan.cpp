// What tiles read, on the host: the terms of a sum by both of its places are those of the window_product.
#include <halfulp/kernels/core/tile_plan.hpp>

#include <set>

#include "kernels/convolution_products.hpp"
#include "kernels/product_elements.hpp"

namespace halfulp::tests {
namespace {

using kernels::tile_plan, kernels::tile_shares, kernels::window_product;

/// The column of tiles that is this column of the product.
unsigned tile_column(const tile_plan& plan, std::int64_t column) {
  const auto c = static_cast<unsigned>(column), j = c % plan.taps * plan.channels + c / plan.taps;
  CHECK(plan.product_column(j) == c);
  return j;
}

elements of_plan(const window_product<float>& p, const tile_plan& plan, const kernels::sum_index& s) {
  elements e;
  const auto column = plan.column_place(tile_column(plan, s.column));
  for (unsigned k = 0; k < static_cast<unsigned>(plan.depth); ++k) {
    const auto term = plan.term_place(k);
    const bool reads = plan.reads(column, term);
    if (!plan.image_by_terms) CHECK(((plan.padding_of_column(column) & plan.mask_of_term(k)) == 0) == reads);
    if (reads)
      ++e[{p.factor.data + s.group * p.factor.group_step + s.row * plan.factor_row + term.factor,
           p.image.data + s.group * p.image.group_step + column.image + term.image}];
  }
  return e;
}

bool is_aligned(const float* data) {
  return reinterpret_cast<std::uintptr_t>(data) % 16 == 0;
}

/// Four neighbours of each operand lie in 16 bytes, and those of the image are read together, where the plan says so.
void check_quads(random_source& r, const window_product<float>& p, const tile_plan& plan, const kernels::sum_index& s) {
  const auto of_terms = static_cast<unsigned>(r.between(0, (plan.depth - 1) / 4)) * 4;
  const auto term = plan.term_place(of_terms);
  const float* factor = p.factor.data + s.group * p.factor.group_step + s.row * plan.factor_row + term.factor;
  if (plan.factor_quads == kernels::quads_of::terms) {
    CHECK(is_aligned(factor));
    for (unsigned i = 0; i < 4; ++i) CHECK(plan.term_place(of_terms + i).factor == term.factor + static_cast<int>(i));
  }
  if (plan.image_quads == kernels::quads_of::none) return;
  const bool columns = plan.image_quads == kernels::quads_of::columns;
  const unsigned j = tile_column(plan, s.column), first = columns ? j / 4 * 4 : j;
  const auto column = plan.column_place(first);
  CHECK(is_aligned(p.image.data + s.group * p.image.group_step + column.image + term.image));
  for (unsigned i = 0; i < 4; ++i) {
    const auto next = columns ? plan.column_place(first + i) : plan.term_place(of_terms + i);
    CHECK(next.image == (columns ? column : term).image + static_cast<int>(i));
    CHECK(next.vertical == (columns ? column : term).vertical);
    CHECK(next.horizontal == (columns ? column : term).horizontal);
  }
}

void check_plan(random_source& r, const window_product<float>& p) {
  const auto plan = tile_plan::of(p);
  CHECK(plan.has_value() == (p.depth() > 0 && p.columns() > 0 && p.rows > 0));
  for (int k = 0; plan && k < 12; ++k) {
    const auto s = kernels::sum_at(p, r.between(0, p.sums() - 1));
    CHECK(of_plan(p, *plan, s) == of_product(p, s));
    tile_plan quads = *plan;
    quads.find_quads(p);
    CHECK(of_plan(p, quads, s) == of_product(p, s));
    check_quads(r, p, quads, s);
  }
}

/// The elements of sum (phase, row, column) by the row and the column of the whole.
elements of_joined(const kernels::joined_product<float>& j, const tile_plan& plan, int phase,
                   const kernels::sum_index& s) {
  const auto& p = j.phase[phase];
  const auto c = kernels::column_at(p, s.column);
  const auto row = j.rows.at(phase * j.rows.rows + static_cast<int>(s.row));
  CHECK(row.phase == phase);
  CHECK(c.vertical < row.vertical_columns);
  CHECK(c.horizontal < row.horizontal_columns);
  const auto& w = j.whole;
  CHECK(w.out.data + s.group * w.out.group_step + row.out + c.outer * w.out.outer_step +
            c.vertical * w.out.vertical_step + c.horizontal * w.out.horizontal_step ==
        &kernels::output_of(p, s));
  const auto at = plan.column_place(
      static_cast<unsigned>((c.outer * w.vertical.columns + c.vertical) * w.horizontal.columns + c.horizontal));
  elements e;
  for (unsigned k = 0; k < static_cast<unsigned>(plan.depth); ++k) {
    const auto term = plan.term_place(k);
    const int tap = row.vertical_tap - term.vertical * j.rows.down.tap_step,
              other = row.horizontal_tap - term.horizontal * j.rows.across.tap_step;
    if (tap < 0 || tap >= j.rows.down.taps || other < 0 || other >= j.rows.across.taps || !plan.reads(at, term))
      continue;
    ++e[{w.factor.data + s.group * w.factor.group_step + row.factor + term.factor,
         w.image.data + s.group * w.image.group_step + at.image + term.image}];
  }
  return e;
}

void check_joined(random_source& r, const kernels::joined_product<float>& j) {
  const auto plan = tile_plan::of(j.whole);
  CHECK(j.whole.rows == static_cast<std::int64_t>(j.rows.rows) * j.rows.phases());
  for (int phase = 0; plan && phase < j.rows.phases(); ++phase) {
    const auto& p = j.phase[phase];
    CHECK(p.sums() <= kernels::most_sums_of_phase(j.whole, j.rows));
    if (p.sums() == 0) continue;
    const auto s = kernels::sum_at(p, r.between(0, p.sums() - 1));
    CHECK(of_joined(j, *plan, phase, s) == of_product(p, s));
  }
}

void check_shares(const tile_shares& shares) {
  CHECK(shares.first(shares.workers) == shares.all());
  std::set<std::int64_t> parts;
  for (std::int64_t w = 0; w < shares.workers; ++w) {
    CHECK(shares.first(w) < shares.first(w + 1));
    CHECK(shares.worker_of(shares.first(w)) == w);
    CHECK(shares.worker_of(shares.first(w + 1) - 1) == w);
  }
  for (std::int64_t t = 0; t < shares.tiles; ++t)
    for (std::int64_t w = shares.first_worker(t); w <= shares.last_worker(t); ++w) {
      const std::int64_t part = shares.part(w, t);
      if (!shares.is_shared(t)) continue;
      CHECK(part < 2 * shares.workers);
      CHECK(parts.insert(part).second);
    }
}

}  // namespace

TEST_CASE("tile plan: both places of a term are those of conv2d and of its gradients, of every layout") {
  HALFULP_RANDOM(r, 51);
  for (std::int64_t k = 0; k < repeats(60); ++k) {
    convolution c = random_convolution(r);
    if (k % 5 == 0 && c.w > 20) c.kernel[1] = 17;
    if (!c.valid()) continue;
    convolution_products of(c);
    check_plan(r, of.forward());
    for (const auto& p : of.of_input_gradient()) check_plan(r, p);
    check_plan(r, of.of_weight_gradient());
  }
}

TEST_CASE("tile plan: joined phases have the terms and the outputs of each") {
  HALFULP_RANDOM(r, 53);
  std::int64_t joined = 0;
  for (std::int64_t k = 0; k < repeats(60); ++k) {
    convolution c = random_convolution(r);
    if (k % 2 == 0) c.dilation = {1, 1};
    if (!c.valid()) continue;
    convolution_products of(c);
    const auto j = of.joined_input_gradient();
    if (!j) continue;
    check_joined(r, *j);
    ++joined;
  }
  CHECK(joined > 0);
}

TEST_CASE("tile plan: what 32 bits do not hold has none") {
  window_product<float> p{};
  p.groups = p.rows = p.outer_columns = p.outer_terms = 40;
  p.vertical = p.horizontal = {1, 1, 1, 0, 1, 1};
  p.image.term_step = p.factor.row_step = p.factor.outer_step = 1;
  CHECK(tile_plan::of(p).has_value());
  p.image.column_step = std::int64_t{1} << 25;
  CHECK(!tile_plan::of(p).has_value());
  p.image.column_step = 1;
  p.factor.row_step = std::int64_t{1} << 40;
  CHECK(!tile_plan::of(p).has_value());
  p.factor.row_step = 1;
  p.outer_columns = std::int64_t{1} << 31;
  CHECK(!tile_plan::of(p).has_value());
}

TEST_CASE("tile plan: workers share out every slab once, and no two leave the same part") {
  HALFULP_RANDOM(r, 52);
  for (std::int64_t k = 0; k < repeats(100); ++k) {
    const auto slabs = static_cast<int>(r.between(1, 700));
    const auto shares = tile_shares::of(r.between(1, 300), slabs, r.between(1, 400));
    CHECK((shares.workers == shares.tiles || shares.first(shares.workers) / shares.workers <= 256));
    check_shares(shares);
  }
  check_shares(tile_shares::of(784, 36, 264));
  CHECK(tile_shares::of(784, 36, 264).workers == 784);
  CHECK(tile_shares::of(196, 144, 264).workers == 264);
}

namespace {

/// A convolution whose channels come last, most often in whole quads.
convolution with_last_channels(random_source& r) {
  for (;;) {
    convolution c = random_convolution(r);
    c.nhwc = true;
    c.w = r.between(1, 9);
    c.group_inputs = 4 * r.between(1, 3) + (r.between(0, 4) == 0 ? 2 : 0);
    c.group_outputs = 4 * r.between(1, 3) + (r.between(0, 4) == 0 ? 2 : 0);
    if (c.valid()) return c;
  }
}

/// Moves an operand or one of its steps off whole quads, now and then: it is only compared, not read.
void disturb(random_source& r, window_product<float>& p) {
  std::int64_t* const steps[] = {&p.image.group_step,  &p.image.column_step,    &p.image.term_step,
                                 &p.image.row_step,    &p.factor.group_step,    &p.factor.row_step,
                                 &p.factor.outer_step, &p.factor.vertical_step, &p.factor.horizontal_step,
                                 &p.horizontal.origin, &p.vertical.column_step};
  const auto which = static_cast<std::size_t>(r.between(0, 2 * std::size(steps) + 3));
  if (which < std::size(steps)) *steps[which] += r.between(1, 4);
  if (which == std::size(steps)) p.image.data += r.between(1, 3);
  if (which == std::size(steps) + 1) p.factor.data += r.between(1, 3);
  if (which == std::size(steps) + 2) {  // one place across, whose step counts for nothing but where it begins
    p.horizontal.columns = p.horizontal.terms = 1;
    p.horizontal.origin = r.between(-1, p.horizontal.elements);
    p.image.element_step += r.between(1, 3);
  }
}

/// The plan with its quads, after the same checks as above at many places.
std::optional<tile_plan> checked_quads(random_source& r, const window_product<float>& p) {
  auto plan = tile_plan::of(p);
  if (!plan) return std::nullopt;
  plan->find_quads(p);
  for (int k = 0; k < 24; ++k) {
    const auto s = kernels::sum_at(p, r.between(0, p.sums() - 1));
    CHECK(of_plan(p, *plan, s) == of_product(p, s));
    check_quads(r, p, *plan, s);
  }
  return plan;
}

/// What the copies of laid_out operands look like: the factor's channels come last as well.
window_product<float> with_last_factor(window_product<float> p) {
  p.factor = {p.factor.data, p.rows * p.depth(), p.depth(), 1, p.horizontal.terms * p.outer_terms, p.outer_terms};
  return p;
}

}  // namespace

TEST_CASE("tile plan: channels that come last are read by quads, and only where every quad is aligned and whole") {
  HALFULP_RANDOM(r, 54);
  const auto check_disturbed = [&](window_product<float> p) {
    disturb(r, p);
    checked_quads(r, p);
  };
  for (std::int64_t k = 0; k < repeats(150); ++k) {
    const convolution c = with_last_channels(r);
    convolution_products of(c);
    if (!is_aligned(of.image().elements<float>().data())) continue;
    const bool whole = c.group_inputs % 4 == 0;
    const auto forward = of.forward(), gradient = of.of_weight_gradient();
    if (const auto plan = checked_quads(r, with_last_factor(forward)); plan && whole) {
      CHECK(plan->image_quads == kernels::quads_of::terms);
      CHECK(plan->factor_quads == kernels::quads_of::terms);
    }
    check_disturbed(forward);
    check_disturbed(with_last_factor(forward));
    if (const auto plan = checked_quads(r, gradient); plan && whole)
      CHECK(plan->image_quads == kernels::quads_of::columns);
    check_disturbed(gradient);
  }
}

}  // namespace halfulp::tests
