// Hermitian matrices in binary64, rounded once to the tensor's dtype, real parts only where the dtype is real.
#include <algorithm>
#include <cmath>

#include <halfulp/analysis/cases/fill.hpp>
#include <halfulp/analysis/cases/fill_gallery.hpp>
#include <halfulp/analysis/cases/gallery/structured.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::analysis {
namespace {

/// re + i im; no std::complex arithmetic, whose operations differ between libraries.
struct entry {
  double re = 0;
  double im = 0;
};

struct matrix {
  std::size_t n;
  bool is_complex;
  format f;  ///< of the components
  std::vector<entry> entries = std::vector<entry>(n * n);

  entry& at(std::size_t i, std::size_t j) { return entries[i * n + j]; }
  /// Sets (i, j) and, conjugated, (j, i).
  void set(std::size_t i, std::size_t j, entry e) {
    at(i, j) = e;
    at(j, i) = {e.re, i == j ? e.im : -e.im};
  }
};

/// Each entry of the lower triangle, row by row: what draws numbers draws them in this order.
template <class F>
void for_lower(matrix& a, F&& f) {
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t j = 0; j <= i; ++j) a.set(i, j, f(i, j));
}

entry draw(matrix& a, random_source& random, double low, double high, bool diagonal) {
  const double re = random.between(low, high);
  return {re, a.is_complex && !diagonal ? random.between(low, high) : 0};
}

void hermitian(matrix& a, fill_parameters& p, random_source& random) {
  const double low = p.real("low", -0.5);
  const double high = p.real("high", 0.5);
  for_lower(a, [&](std::size_t i, std::size_t j) { return draw(a, random, low, high, i == j); });
}

/// b b^H, every sum from the first to the last product.
void gram(matrix& a, const std::vector<entry>& b, std::size_t columns) {
  for_lower(a, [&](std::size_t i, std::size_t j) {
    entry sum;
    for (std::size_t k = 0; k < columns; ++k) {
      const entry x = b[i * columns + k];
      const entry y = b[j * columns + k];
      sum.re += x.re * y.re + x.im * y.im;
      sum.im += x.im * y.re - x.re * y.im;
    }
    return entry{sum.re, i == j ? 0 : sum.im};
  });
}

/// As the regression suite draws them: A A^T + shift I, and A + A^H where complex; A from U(-0.5, 0.5).
void suite_hermitian(matrix& a, fill_parameters& p, random_source& random) {
  const double shift = p.real("shift", 1e-6);
  std::vector<entry> b(a.n * a.n);
  for (auto& e : b) {
    e.re = random.between(-0.5, 0.5);
    if (a.is_complex) e.im = random.between(-0.5, 0.5);
  }
  if (a.is_complex) {
    for_lower(a, [&](std::size_t i, std::size_t j) {
      const entry x = b[i * a.n + j];
      const entry y = b[j * a.n + i];
      return entry{x.re + y.re, x.im - y.im};
    });
  } else {
    gram(a, b, a.n);
    for (std::size_t i = 0; i < a.n; ++i) a.at(i, i).re += shift;
  }
}

/// D S D with D = diag(2^(first + step i)) and S near the identity: eigenvalues far apart, each well determined by its
/// own entries. step < 0: large ones first; step > 0: the order that reduction to tridiagonal form spoils.
void graded(matrix& a, fill_parameters& p, random_source& random) {
  const std::int64_t first = p.integer("first", 0);
  const std::int64_t step = p.integer("step", -6);
  if (first < -2000 || first > 2000 || step < -2000 || step > 2000) p.refuse("needs first and step in -2000 .. 2000");
  const double small = 0.5 / static_cast<double>(a.n);
  for_lower(a, [&](std::size_t i, std::size_t j) {
    const auto exponent = static_cast<int>(2 * first + step * static_cast<std::int64_t>(i + j));
    entry e = i == j ? entry{1 + random.unit(), 0} : draw(a, random, -small, small, false);
    return entry{std::ldexp(e.re, exponent), std::ldexp(e.im, exponent)};
  });
}

/// center I + spread H: eigenvalues within about n spread of the center.
void clustered(matrix& a, fill_parameters& p, random_source& random) {
  const double center = p.real("center", 1);
  const double spread = p.real("spread", 0x1p-20);
  for_lower(a, [&](std::size_t i, std::size_t j) {
    const entry e = draw(a, random, -0.5, 0.5, i == j);
    return entry{(i == j ? center : 0) + spread * e.re, spread * e.im};
  });
}

void hilbert(matrix& a, fill_parameters&, random_source&) {
  for_lower(a, [](std::size_t i, std::size_t j) {
    return entry{gallery::hilbert_entry(static_cast<int>(i), static_cast<int>(j)), 0};
  });
}

/// B B^H with B n x rank of small integers: exactly singular for rank < n.
void integer_gram(matrix& a, fill_parameters& p, random_source& random) {
  const auto rank = static_cast<std::size_t>(p.integer("rank", static_cast<std::int64_t>(a.n)));
  const std::int64_t low = p.integer("low", -3);
  const std::int64_t high = p.integer("high", 3);
  if (rank > a.n || low > high) p.refuse("needs 0 <= rank <= n and low <= high");
  std::vector<entry> b(a.n * rank);
  for (auto& e : b) {
    e.re = static_cast<double>(random.between(low, high));
    if (a.is_complex) e.im = static_cast<double>(random.between(low, high));
  }
  gram(a, b, rank);
}

/// Blocks [[c, h], [h, c]] with h half an ulp of c: the eigenvalues c - h and c + h are exact ties of the dtype.
void ties(matrix& a, fill_parameters&, random_source& random) {
  for (std::size_t i = 0; i < a.n; ++i) {
    const auto significand = random.below(std::uint64_t{1} << (a.f.precision - 1));
    const double center = 1 + std::ldexp(static_cast<double>(significand), 1 - a.f.precision);
    a.set(i, i, {i % 2 == 0 ? center : a.at(i - 1, i - 1).re, 0});
    if (i % 2 == 1) a.set(i, i - 1, {std::ldexp(1.0, -a.f.precision), 0});
  }
}

/// Tridiagonal: |i - (n - 1) / 2| and ones. The largest eigenvalues come in pairs that agree to many digits.
/// [wilkinson65, p. 308]
void wilkinson(matrix& a, fill_parameters&, random_source&) {
  const auto n = static_cast<int>(a.n);
  for_lower(a, [&](std::size_t i, std::size_t j) {
    return entry{gallery::wilkinson_entry(n, static_cast<int>(i), static_cast<int>(j)), 0};
  });
}

struct matrix_kind {
  const char* name;
  void (*draw)(matrix&, fill_parameters&, random_source&);
};
constexpr matrix_kind matrix_kinds[] = {
    {"hermitian", hermitian}, {"suite_hermitian", suite_hermitian}, {"graded", graded}, {"clustered", clustered},
    {"hilbert", hilbert},     {"integer_gram", integer_gram},       {"ties", ties},     {"wilkinson", wilkinson},
};

template <class T>
void store(const matrix& a, T* out) {
  for (std::size_t k = 0; k < a.entries.size(); ++k) {
    using part = component_t<T>;
    if constexpr (is_complex<T>) {
      out[k] = {narrow<part>(a.entries[k].re), narrow<part>(a.entries[k].im)};
    } else {
      out[k] = narrow<part>(a.entries[k].re);
    }
  }
}

template <class T>
void draw_with(const matrix_kind& kind, const tensor& t, fill_parameters& p, random_source& random) {
  const auto n = static_cast<std::size_t>(t.shape()[t.shape().rank - 1]);
  const auto out = t.elements<T>();
  for (std::size_t at = 0; at < out.size(); at += n * n) {
    matrix a{n, is_complex<T>, format_of<T>};
    kind.draw(a, p, random);
    store(a, out.data() + at);
  }
}

}  // namespace

bool fill_matrices(const tensor& t, fill_parameters& p, random_source& random) {
  const auto& kinds = matrix_fill_kinds();
  if (std::find(kinds.begin(), kinds.end(), p.kind()) == kinds.end()) return false;
  const int rank = t.shape().rank;
  if (rank < 2 || t.shape()[rank - 1] != t.shape()[rank - 2])
    p.refuse("fills square matrices, and the shape is " + to_string(t.shape()));
  using types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;
  if (fill_from_gallery(t, p, random)) return true;
  const bool floats = visit_dtype(t.type(), types{}, [&](auto tag) {
    using type = typename decltype(tag)::type;
    for (const matrix_kind& kind : matrix_kinds)
      if (p.kind() == kind.name) draw_with<type>(kind, t, p, random);
  });
  if (!floats) p.refuse("fills floating-point and complex tensors, not " + std::string(name_of(t.type())));
  return true;
}

const std::vector<std::string>& matrix_fill_kinds() {
  static const auto kinds = [] {
    std::vector<std::string> list;
    for (const matrix_kind& kind : matrix_kinds) list.emplace_back(kind.name);
    for (const char* gallery : gallery_fill_kinds) list.emplace_back(gallery);
    return list;
  }();
  return kinds;
}

}  // namespace halfulp::analysis
