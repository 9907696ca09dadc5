// Solutions of the gallery's systems, kernel and oracle compared bit for bit, and with what is known, in six formats:
//   midpoints  systems of integers: solutions on a rounding midpoint, beside one by less than 2^-12 ulp, exactly 0
//   gallery    every kind of factor, n = 1 ... 64, both triangles
//   random     every kind, n = 1 ... 64
//   referee    every kind, n up to 24: the balls of FLINT's Arb lie inside the oracle's enclosures
//   halfulp_campaign_cholesky_solve [midpoints|gallery|random|referee] [seed] [part] [parts]
// A run with `part` of `parts` (0 of 1: all) takes every parts-th item. Exit code: 0 if nothing is wrong, 1
// otherwise.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <halfulp/analysis/cases/gallery/known_solution.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/factor_of.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "../linalg/solution_referee.hpp"

namespace {

using namespace halfulp;
using gallery::factor_kind;

struct counts {
  long systems = 0, components = 0, ties = 0, near_ties = 0, wrong = 0, unknown = 0;
  tier_counts decided;

  counts& operator+=(const counts& c) {
    systems += c.systems;
    components += c.components;
    ties += c.ties;
    near_ties += c.near_ties;
    wrong += c.wrong;
    unknown += c.unknown;
    decided += c.decided;
    return *this;
  }
};

struct plan {
  std::uint64_t seed = 0;
  std::int64_t part = 0, parts = 1;
};

template <class T>
tensor tensor_of(const std::vector<T>& values, int rows, int columns) {
  tensor t(dtype_of<T>, {rows, columns});
  std::copy(values.begin(), values.end(), t.elements<T>().begin());
  return t;
}

/// A system bound to cholesky_solve, with the tensors that it refers to.
template <class T>
struct bound_system {
  tensor x, y;
  call c;

  bound_system(const gallery::system<T>& s, int n, int k, bool upper)
      : x(tensor_of(s.x, n, k)),
        y(tensor_of(s.y, n, n)),
        c(signature_named("cholesky_solve"), {{x.view()}, {y.view()}, {upper}}, {}) {}
};

/// Runs the kernel and counts the components that are not `want`.
template <class T, class R = component_t<T>>
void run_kernel(const bound_system<T>& s, const std::vector<R>& want, counts& t) {
  ++t.systems;
  t.components += static_cast<long>(want.size());
  try {
    const auto got = kernels::compute("cholesky_solve", s.c);
    const auto* bits = static_cast<const R*>(got.outputs[0].view().data);
    for (std::size_t k = 0; k < want.size(); ++k) t.wrong += to_bits(bits[k]) != to_bits(want[k]);
    t.decided += got.decided;
  } catch (const undecided&) {
    ++t.unknown;
  }
}

/// Every component by the oracle, and whether Arb's balls lie inside its enclosures where `referee` is set.
template <class T, class R = component_t<T>>
std::vector<R> oracle_of(const bound_system<T>& s, linalg::question what, bool referee, counts& t) {
  constexpr std::size_t parts = is_complex<T> ? 2 : 1;
  const auto a = op::cholesky_solve::bind<T>(s.c);
  const auto n = static_cast<std::size_t>(a.shape.n), k = static_cast<std::size_t>(a.shape.k);
  std::vector<R> rounded(n * k * parts, canonical_nan<R>());
  const auto factor = linalg::factor_of(a.shape, a.y, 0);
  if (!factor) return rounded;
  const linalg::interval_substitution l(*factor);
  for (std::size_t j = 0; j < k; ++j) {
    const auto b = linalg::column_of(a.shape, a.x, 0, static_cast<std::int64_t>(j));
    const auto x = linalg::solve_cholesky<R>(l, *b, what);
    linalg::enclosures ranges;
    for (std::size_t m = 0; m < x.size(); ++m) {
      t.unknown += x[m].truth.decided ? 0 : 1;
      ranges.push_back(x[m].truth.range.reals());
      rounded[(m / parts * k + j) * parts + m % parts] = x[m].rounded;
    }
    if (referee) t.wrong += tests::compare_with_arb(*factor, *b, ranges) != tests::referee_verdict::agrees;
  }
  return rounded;
}

template <class T>
counts check_system(factor_kind kind, int n, int k, bool upper, std::uint64_t seed, linalg::question what,
                    bool referee) {
  counts t;
  auto s = gallery::make_system<T>(kind, n, k, seed);
  if (upper)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < i; ++j)
        std::swap(s.y[static_cast<std::size_t>(i * n + j)], s.y[static_cast<std::size_t>(j * n + i)]);
  const bound_system<T> bound(s, n, k, upper);
  const auto want = oracle_of(bound, what, referee, t);
  run_kernel<T>(bound, want, t);
  return t;
}

/// f(item) for the items of this part of the plan, over OpenMP's threads.
template <class F>
counts for_each_item(std::int64_t items, const plan& p, F f) {
  const std::int64_t own = (items - p.part + p.parts - 1) / p.parts;
  std::vector<counts> all(static_cast<std::size_t>(own));
  linalg::for_each_matrix(own, [&](std::int64_t k) { all[static_cast<std::size_t>(k)] = f(p.part + k * p.parts); });
  counts sum;
  for (const counts& c : all) sum += c;
  return sum;
}

template <class T>
counts midpoints(const plan& p) {
  return for_each_item(40000, p, [&](std::int64_t item) {
    counts t;
    const auto c = gallery::known_solution<T>(1 + static_cast<int>(item % 6), item % 2 != 0,
                                              p.seed * 1000003 + static_cast<std::uint64_t>(item));
    const bound_system<T> bound(c.given, c.n, 1, false);
    const auto oracle = oracle_of(bound, linalg::question::rounding, false, t);
    for (std::size_t k = 0; k < oracle.size(); ++k) t.wrong += to_bits(oracle[k]) != to_bits(c.solution[k]);
    run_kernel<T>(bound, c.solution, t);
    t.ties = c.ties;
    t.near_ties = c.near_ties;
    return t;
  });
}

template <class T>
counts whole_gallery(const plan& p) {
  constexpr int sizes[] = {1, 2, 5, 8, 17, 32, 64};
  const auto kinds = static_cast<std::int64_t>(gallery::factor_kind_names.size());
  return for_each_item(kinds * 7 * 2, p, [&](std::int64_t item) {
    return check_system<T>(static_cast<factor_kind>(item % kinds), sizes[item / kinds % 7],
                           1 + static_cast<int>(item % 9), item / kinds >= 7, p.seed + static_cast<std::uint64_t>(item),
                           linalg::question::error, false);
  });
}

template <class T>
counts random_systems(const plan& p) {
  const auto kinds = static_cast<std::int64_t>(gallery::factor_kind_names.size());
  return for_each_item(100000, p, [&](std::int64_t item) {
    return check_system<T>(static_cast<factor_kind>(item % kinds), 1 + static_cast<int>(item / kinds % 64), 1,
                           item % 2 == 1, p.seed * 1000003 + static_cast<std::uint64_t>(item),
                           linalg::question::rounding, false);
  });
}

template <class T>
counts referee(const plan& p) {
  const auto kinds = static_cast<std::int64_t>(gallery::factor_kind_names.size());
  return for_each_item(120, p, [&](std::int64_t item) {
    return check_system<T>(static_cast<factor_kind>(item % kinds), 2 + static_cast<int>(item % 23), 1, false,
                           p.seed + static_cast<std::uint64_t>(item), linalg::question::error, true);
  });
}

void print(const std::string& part, std::string_view type, const counts& t) {
  std::printf("%s %s: %ld systems, %ld components, %ld ties, %ld near ties, %ld wrong, %ld unknown;", part.c_str(),
              std::string(type).c_str(), t.systems, t.components, t.ties, t.near_ties, t.wrong, t.unknown);
  for (std::size_t k = 0; k < tier_names.size(); ++k)
    std::printf(" %s %lld", std::string(tier_names[k]).c_str(), static_cast<long long>(t.decided.count[k]));
  std::printf("\n");
  std::fflush(stdout);
}

template <class... T>
long run_part(const std::string& part, const plan& p, type_list<T...>) {
  long wrong = 0;
  const auto each = [&](auto tag) {
    using E = typename decltype(tag)::type;
    const counts t = part == "midpoints" ? midpoints<E>(p)
                     : part == "gallery" ? whole_gallery<E>(p)
                     : part == "random"  ? random_systems<E>(p)
                                         : referee<E>(p);
    print(part, name_of(dtype_of<E>), t);
    wrong += t.wrong + t.unknown;
  };
  (each(type_tag<T>{}), ...);
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string chosen = argc > 1 ? argv[1] : "";
  plan p;
  if (argc > 2) p.seed = std::strtoull(argv[2], nullptr, 10);
  if (argc > 4) p.part = std::strtoll(argv[3], nullptr, 10), p.parts = std::strtoll(argv[4], nullptr, 10);
  bool known = chosen.empty();
  long wrong = 0;
  for (const std::string part : {"midpoints", "gallery", "referee", "random"}) {
    known = known || part == chosen;
    if (chosen.empty() || part == chosen) wrong += run_part(part, p, op::cholesky_solve::element_types{});
  }
  if (!known || p.part < 0 || p.part >= p.parts) {
    std::fprintf(
        stderr,
        "halfulp_campaign_cholesky_solve: the part is '%s', %lld of %lld; it may be midpoints, gallery, random or "
        "referee, and 0 .. parts - 1 of parts\n",
        chosen.c_str(), static_cast<long long>(p.part), static_cast<long long>(p.parts));
    return 2;
  }
  return wrong == 0 ? 0 : 1;
}
