#include <halfulp/analysis/score.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/analysis/cases/number.hpp>
#include <halfulp/analysis/matched.hpp>

namespace halfulp::analysis {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Of a component whose exact result is 0 where `is_zero`; `rounded` says nothing where it is not `decided`.
template <class T>
component_class class_of(bool is_zero, bool decided, T rounded, T got) {
  if (is_nan(got) || (decided && is_nan(rounded))) return component_class::not_a_number;
  if (is_zero) return component_class::zero;
  if (is_infinite(got) || is_infinite(rounded)) return component_class::infinite;
  return component_class::finite;
}

/// What the lower end of the error proves.
verdict proved(const ulp_error& error, const ulp_bounds& bounds) {
  if (error.lo > bounds.normwise) return verdict::beyond;
  return error.lo > bounds.componentwise ? verdict::avoidable : verdict::explained;
}

double multiple_of_bound(const witness& w) {
  return w.bounds.componentwise > 0 ? w.score.error.hi / w.bounds.componentwise : infinite;
}

/// Keeps the first of equals.
template <class Measure>
void keep_greater(std::optional<witness>& kept, const witness& w, Measure measure) {
  if (!kept || measure(w) > measure(*kept)) kept = w;
}

double error_of(const witness& w) {
  return w.score.error.hi;
}

std::vector<std::int64_t> index_of(const extents& shape, std::int64_t element) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(shape.rank));
  for (int k = shape.rank - 1; k >= 0; --k) {
    index[static_cast<std::size_t>(k)] = element % shape[k];
    element /= shape[k];
  }
  return index;
}

/// One component with everything there is to say about it.
template <class T>
struct judged_component {
  const component_truth& truth;
  T rounded;
  T got;
  component_score result;
};

template <class T>
witness witness_of(const judged_component<T>& c, const extents& shape, std::int64_t output, std::int64_t element,
                   int part) {
  const enclosure range = c.truth.range.reals();
  return {output,
          index_of(shape, element),
          part,
          c.result,
          c.truth.bounds,
          to_text(c.got),
          c.truth.decided ? to_text(c.rounded) : "undecided",
          {to_hex(range.lo), to_hex(range.hi)}};
}

error_distribution& distribution_of(score& s, component_class kind) {
  return kind == component_class::zero       ? s.zero_errors
         : kind == component_class::infinite ? s.infinite_errors
                                             : s.finite_errors;
}

/// Counts one component; true if it is wrong, so that a witness is worth making.
bool count(score& s, const component_score& c) {
  const auto kind = static_cast<std::size_t>(c.kind);
  ++s.components;
  ++s.by_class[kind];
  ++s.by_verdict[static_cast<std::size_t>(c.judged)];
  if (c.judged == verdict::unknown) return false;
  if (c.kind != component_class::not_a_number) distribution_of(s, c.kind).add(c.error.hi);
  if (c.kind == component_class::finite) s.greatest_finite_lower = std::max(s.greatest_finite_lower, c.error.lo);
  if (c.judged == verdict::correct) return false;
  ++s.wrong_by_class[kind];
  return true;
}

void keep(score& s, const witness& w) {
  keep_greater(s.worst[static_cast<std::size_t>(w.score.kind)], w, error_of);
  if (w.score.kind == component_class::finite) keep_greater(s.worst_by_bound, w, multiple_of_bound);
}

/// The error of a complex element in the norm, where both components are known and finite and not both are zero.
template <class T>
void count_normwise(score& s, const judged_component<T>& re, const judged_component<T>& im) {
  const auto counts = [](const component_score& c) {
    return c.judged != verdict::unknown && (c.kind == component_class::finite || c.kind == component_class::zero);
  };
  const bool zero = re.result.kind == component_class::zero && im.result.kind == component_class::zero;
  if (!counts(re.result) || !counts(im.result) || zero) return;
  const bool correct = re.result.judged == verdict::correct && im.result.judged == verdict::correct;
  s.normwise_errors.add(correct ? 0
                                : normwise_error_in_ulps(format_of<T>, to_real(re.got), to_real(im.got),
                                                         re.truth.range.reals(), im.truth.range.reals())
                                      .hi);
}

/// Outputs whose bits are moved are exactly themselves, and so are others.
template <class T>
component_truth exactly(T rounded, const ulp_bounds& bounds) {
  return {component_range::point(to_real(rounded)), tier::exact, true, bounds};
}

/// The right bits of such a component.
template <class T>
component_score right(T rounded) {
  return {class_of(rounded == T{}, true, rounded, rounded), verdict::correct, {}};
}

template <class Part>
score score_floats(const truth& t, std::span<const Part> rounded, std::span<const Part> got, int parts,
                   std::int64_t output, const std::optional<ulp_bounds>& exact) {
  score s;
  const bool points = t.components.empty(), moved = points && !exact;
  for (std::size_t k = 0; k < got.size(); ++k) {
    if (points && to_bits(rounded[k]) == to_bits(got[k])) {  // millions, some outputs
      count(s, right(rounded[k]));
      continue;
    }
    const int part = parts == 2 ? static_cast<int>(k % 2) : 0;
    std::optional<component_truth> point;
    if (points) point = exactly(rounded[k], exact.value_or(ulp_bounds{}));
    const component_truth& c = points ? *point : t.components[k];
    judged_component<Part> j{c, rounded[k], got[k], judge(c, rounded[k], got[k], t.nan_bits_matter)};
    if (moved && j.result.judged != verdict::correct) j.result.judged = verdict::beyond;
    if (count(s, j.result))
      keep(s, witness_of(j, t.rounded.shape(), output, static_cast<std::int64_t>(k) / parts, part));
    if (part == 1 && !points) {
      const component_truth& re = t.components[k - 1];
      const judged_component<Part> first{re, rounded[k - 1], got[k - 1],
                                         judge(re, rounded[k - 1], got[k - 1], t.nan_bits_matter)};
      count_normwise(s, first, j);
    }
  }
  return s;
}

/// Integers and bools: wrong is wrong, by the distance.
template <class T>
score score_integers(const truth& t, std::span<const T> want, std::span<const T> got, std::int64_t output) {
  score s;
  for (std::size_t k = 0; k < got.size(); ++k) {
    component_score c;
    if (want[k] != got[k]) {
      const double distance = std::abs(static_cast<double>(want[k]) - static_cast<double>(got[k]));
      c = {component_class::finite, verdict::beyond, {std::max(distance, 1.0), std::max(distance, 1.0)}};
    }
    if (count(s, c))
      keep(s, {output,
               index_of(t.rounded.shape(), static_cast<std::int64_t>(k)),
               0,
               c,
               {},
               to_text(got[k]),
               to_text(want[k]),
               {to_text(want[k]), to_text(want[k])}});
  }
  return s;
}

}  // namespace

template <class T>
component_score judge(const component_truth& truth, T rounded, T got, bool nan_bits_matter) {
  component_score c;
  c.kind = class_of(truth.range.is_zero_point(), truth.decided, rounded, got);
  if (!truth.decided) {
    c.judged = verdict::unknown;
    c.error = error_in_ulps(format_of<T>, to_real(got), truth.range.reals());
    return c;
  }
  const bool same = to_bits(rounded) == to_bits(got) || (is_nan(rounded) && is_nan(got) && !nan_bits_matter);
  if (same) return c;
  if (c.kind == component_class::not_a_number) {
    c.judged = verdict::beyond;
    c.error = {infinite, infinite};
    return c;
  }
  c.error = error_in_ulps(format_of<T>, to_real(got), truth.range.reals());
  c.judged = proved(c.error, truth.bounds);
  return c;
}

template component_score judge(const component_truth&, float16, float16, bool);
template component_score judge(const component_truth&, bfloat16, bfloat16, bool);
template component_score judge(const component_truth&, float, float, bool);
template component_score judge(const component_truth&, double, double, bool);

score score_output(const truth& t, const tensor& given, std::int64_t output, const std::optional<ulp_bounds>& exact) {
  const tensor got = t.unordered ? matched_to(t, given) : given;
  score s;
  visit_dtype(got.type(), [&](auto tag) {
    using type = typename decltype(tag)::type;
    const auto want = t.rounded.elements<const type>();
    const auto have = got.elements<const type>();
    if constexpr (std::is_integral_v<type>) {
      s = score_integers<type>(t, want, have, output);
    } else {
      using part = component_t<type>;  // std::complex is laid out as an array of its two parts
      constexpr int parts = is_complex<type> ? 2 : 1;
      const auto components = [](std::span<const type> x) {
        return std::span<const part>(reinterpret_cast<const part*>(x.data()), x.size() * parts);
      };
      s = score_floats<part>(t, components(want), components(have), parts, output, exact);
    }
  });
  return s;
}

void score::merge(const score& other) {
  components += other.components;
  for (std::size_t k = 0; k < by_class.size(); ++k) by_class[k] += other.by_class[k];
  for (std::size_t k = 0; k < wrong_by_class.size(); ++k) wrong_by_class[k] += other.wrong_by_class[k];
  for (std::size_t k = 0; k < by_verdict.size(); ++k) by_verdict[k] += other.by_verdict[k];
  finite_errors.merge(other.finite_errors);
  zero_errors.merge(other.zero_errors);
  infinite_errors.merge(other.infinite_errors);
  normwise_errors.merge(other.normwise_errors);
  greatest_finite_lower = std::max(greatest_finite_lower, other.greatest_finite_lower);
  for (std::size_t k = 0; k < worst.size(); ++k)
    if (other.worst[k]) keep_greater(worst[k], *other.worst[k], error_of);
  if (other.worst_by_bound) keep_greater(worst_by_bound, *other.worst_by_bound, multiple_of_bound);
}

}  // namespace halfulp::analysis
