#include <halfulp/oracle/linalg/gradient.hpp>

#include <algorithm>
#include <numeric>
#include <optional>

#include <halfulp/oracle/linalg/characteristic.hpp>
#include <halfulp/oracle/linalg/colouring.hpp>
#include <halfulp/oracle/linalg/direct_sum.hpp>
#include <halfulp/oracle/linalg/refine.hpp>
#include <halfulp/oracle/linalg/rotation.hpp>
#include <halfulp/oracle/real/boundary.hpp>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// One direct summand of A, and what is known of it.
struct summand {
  std::vector<int> rows;
  integer_matrix exact;
  std::optional<pencil> vectors;    // none for 1 x 1, or where LAPACK found none
  std::vector<enclosure> values;    // of the eigenvalues, ascending; at first the whole line
  std::vector<bool> phases, sides;  // phase_colouring, bipartite_colouring
  std::optional<characteristic_roots> roots;
  bool roots_known = false;
  bool settled = false;  // every component of it
  bool in_use = true;    // its brackets are to become narrower
};

enclosure whole_line() {
  enclosure e{make_real(2), make_real(2)};
  mpfr_set_inf(raw(e.lo), -1);
  mpfr_set_inf(raw(e.hi), 1);
  return e;
}

/// The entries of `a` at the chosen rows and columns.
integer_matrix submatrix(const integer_matrix& a, const std::vector<int>& chosen) {
  integer_matrix b(static_cast<int>(chosen.size()), a.exponent, a.is_complex());
  for (int j = 0; j < b.n; ++j)
    for (int i = 0; i < b.n; ++i) {
      b.real[b.at(i, j)] = a.real[a.at(chosen[size(i)], chosen[size(j)])];
      if (a.is_complex()) b.imaginary[b.at(i, j)] = a.imaginary[a.at(chosen[size(i)], chosen[size(j)])];
    }
  return b;
}

std::vector<summand> summands_of(const hermitian_matrix& a) {
  std::vector<summand> all;
  const integer_matrix exact = exact_integers(a);
  for (auto& rows : components(a)) {
    summand s{std::move(rows), {}, {}, {}, {}, {}, {}};
    s.exact = submatrix(exact, s.rows);
    s.phases = phase_colouring(s.exact);
    s.sides = bipartite_colouring(s.exact);
    s.values.assign(s.rows.size(), whole_line());
    if (s.exact.n == 1) s.values[0] = enclosure::point(to_real(s.exact.real[0], s.exact.exponent));
    all.push_back(std::move(s));
  }
  return all;
}

/// Eigenvalues of all summands whose brackets are linked by overlaps: first .. end - 1 in ascending order.
struct cluster {
  int first = 0, end = 0;
  std::vector<std::pair<std::size_t, int>> members;  // summand, and its eigenvalue
};

std::vector<cluster> clusters_of(const std::vector<summand>& summands) {
  std::vector<std::pair<std::size_t, int>> all;
  for (std::size_t s = 0; s < summands.size(); ++s)
    for (int k = 0; k < summands[s].exact.n; ++k) all.emplace_back(s, k);
  const auto value = [&](const auto& at) -> const enclosure& { return summands[at.first].values[size(at.second)]; };
  std::stable_sort(all.begin(), all.end(),
                   [&](const auto& x, const auto& y) { return mpfr_less_p(raw(value(x).lo), raw(value(y).lo)) != 0; });
  std::vector<cluster> clusters;
  real reach = make_real(2);
  for (int k = 0; k < static_cast<int>(all.size()); ++k) {
    const enclosure& e = value(all[size(k)]);
    if (clusters.empty() || mpfr_greater_p(raw(e.lo), raw(reach)) != 0) {
      clusters.push_back({k, k, {}});
      reach = e.hi;
    }
    if (mpfr_greater_p(raw(e.hi), raw(reach)) != 0) reach = e.hi;
    clusters.back().members.push_back(all[size(k)]);
    clusters.back().end = k + 1;
  }
  return clusters;
}

template <class R>
class gradient_ladder {
 public:
  gradient_ladder(const hermitian_matrix& a, std::span<const double> w, question what, const gradient_budget& limit)
      : a_(a), weights_(w), what_(what), limit_(limit), summands_(summands_of(a)) {
    const gradient_component<R> zero{enclosure::point(make_real(2)), zero_of<R>(), tier::exact, true};
    components_.assign(size(a.n) * size(a.n) * parts(), zero);
    for (const summand& s : summands_)
      for (const int i : s.rows)
        for (const int j : s.rows)
          for (std::size_t part = 0; part < (i == j ? 1 : parts()); ++part)
            at(i, j, part) = {whole_line(), canonical_nan<R>(), tier::exact, false};
  }

  std::vector<gradient_component<R>> climb() {
    for (long bits = first_bits; find_vectors(bits); bits = 2 * bits + 2) {
      bits_ = bits;
      reached_ = bits == first_bits ? tier::double_double : tier::multiprecision;
      needed_bits_ = 0;
      use_brackets();
      if (bits >= std::max(limit_.hopeful_bits, std::min(4 * needed_bits_, limit_.vector_bits))) break;
    }
    return std::move(components_);
  }

 private:
  static constexpr long first_bits = 62;

  std::size_t parts() const { return a_.is_complex() ? 2 : 1; }
  gradient_component<R>& at(int i, int j, std::size_t part) {
    return components_[(size(i) * size(a_.n) + size(j)) * parts() + part];
  }

  /// Vectors and brackets of every summand that is in use; false where there is none.
  bool find_vectors(long bits) {
    bool any = bits == first_bits;
    for (summand& s : summands_) {
      if (!s.in_use || s.exact.n == 1) continue;
      if (bits == first_bits) {
        const hermitian_matrix block = linalg::submatrix(a_, s.rows);
        const approx_eigensystem found = approx_eigensystem_of(scaled(block, exponent_of_largest(block)));
        if (!found.converged) continue;
        s.vectors.emplace(s.exact, first_vectors(found, s.exact.n));
      } else if (s.vectors) {
        refine(s, bits);
        any = true;
      }
      for (int k = 0; s.vectors && k < s.exact.n; ++k)
        if (const auto e = s.vectors->enclose(k)) s.values[size(k)] = *e;
    }
    return any;
  }

  /// Refined vectors, made orthogonal where the refinement left them less so than half way from the bits before: it turns
  /// equal eigenvalues' vectors into each other at random, by angles whose squares it leaves out.
  static void refine(summand& s, long bits) {
    constexpr long least_accuracy = 32;
    s.vectors.emplace(s.exact, approx_refined(*s.vectors, bits));
    real most = make_real(2);
    mpfr_set_ui_2exp(raw(most), 1, -3 * bits / 4, MPFR_RNDN);
    if (upper_bound::of(most) < orthogonality(*s.vectors))
      s.vectors.emplace(s.exact, approx_orthogonal(s.vectors->vectors(), bits, least_accuracy));
  }

  /// Gives the weights to the eigenvalues as far as these are told apart, and encloses what that allows.
  void use_brackets() {
    const auto clusters = clusters_of(summands_);
    const bool all_told_apart =
        std::all_of(clusters.begin(), clusters.end(), [&](const cluster& c) { return has_weight(c); }) ||
        static_cast<int>(clusters.size()) == distinct();
    std::vector<grouped_weights> weights(summands_.size());
    std::vector<bool> known(summands_.size(), true), sought(summands_.size(), false);
    for (std::size_t s = 0; s < summands_.size(); ++s)
      weights[s] = {std::vector<int>(summands_[s].rows.size()), {}, weights_.exponent()};
    for (const cluster& c : clusters) {
      const bool is_known = all_told_apart || has_weight(c);
      for (const auto& [s, k] : c.members) {
        if (is_known) assign(weights[s], k, weights_.over(c.first, c.end));
        known[s] = known[s] && is_known;
      }
    }
    for (std::size_t s = 0; s < summands_.size(); ++s)
      if (known[s] && !summands_[s].settled) enclose(summands_[s], weights[s]);
    for (const cluster& c : clusters)
      for (const auto& [s, k] : c.members) sought[s] = sought[s] || !(all_told_apart || has_weight(c));
    for (std::size_t s = 0; s < summands_.size(); ++s) summands_[s].in_use = sought[s] || !summands_[s].settled;
  }

  /// Whether the weight of a cluster's eigenvalues is the same however they are ordered and told apart.
  bool has_weight(const cluster& c) const { return weights_.are_equal(c.first, c.end); }

  static void assign(grouped_weights& w, int k, const mean& m) {
    auto found = std::find(w.means.begin(), w.means.end(), m);
    if (found == w.means.end()) found = w.means.insert(found, m);
    w.group[size(k)] = static_cast<int>(found - w.means.begin());
  }

  const std::optional<characteristic_roots>& roots_of(summand& s) {
    if (!s.roots_known) s.roots = characteristic_roots::of(s.exact, limit_.polynomial_steps);
    s.roots_known = true;
    return s.roots;
  }

  /// How many eigenvalues A has; -1 where the budget is too small.
  int distinct() {
    if (distinct_) return *distinct_;
    std::vector<characteristic_roots> all;
    for (summand& s : summands_)
      if (const auto& roots = roots_of(s)) all.push_back(*roots);
    distinct_ = all.size() == summands_.size() ? characteristic_roots::distinct(all) : -1;
    return *distinct_;
  }

  void enclose(summand& s, const grouped_weights& w) {
    if (w.means.size() == 1) {
      take_multiple_of_identity(s, w);
      s.settled = true;
      return;
    }
    if (!s.vectors) return;
    const auto sum = enclose_sum(*s.vectors, s.values, w);
    if (!sum) return;
    s.settled = true;
    const integer_matrix& y = sum->middle;
    for (int j = 0; j < y.n; ++j)
      for (int i = 0; i <= j; ++i) {
        s.settled &= take(s, w, i, j, 0, to_real(y.real[y.at(i, j)], y.exponent), sum->radius);
        if (parts() == 2 && i != j)
          s.settled &= take(s, w, i, j, 1, to_real(y.imaginary[y.at(i, j)], y.exponent), sum->radius);
      }
  }

  /// Whether component (i, j) of the summand is 0 by its structure.
  bool vanishes(const summand& s, const grouped_weights& w, int i, int j, std::size_t part) const {
    if (!s.phases.empty() && (s.phases[size(i)] != s.phases[size(j)]) != (part == 1)) return true;
    if (s.sides.empty()) return false;
    const bool across = s.sides[size(i)] != s.sides[size(j)];
    for (std::size_t k = 0; k < w.group.size(); ++k) {
      const mean &x = w.means[size(w.group[k])], &y = w.means[size(w.group[w.group.size() - 1 - k])];
      if (!(x == (across ? y : mean{-y.sum, y.count}))) return false;
    }
    return true;
  }

  /// All weights are equal.
  void take_multiple_of_identity(const summand& s, const grouped_weights& w) {
    const enclosure e = enclosure_of(w.means[0], w.exponent);
    for (const int i : s.rows)
      for (const int j : s.rows)
        for (std::size_t part = 0; part < parts(); ++part)
          at(i, j, part) = i == j && part == 0
                               ? gradient_component<R>{e, decide<R>(e).value(), tier::exact, true}
                               : gradient_component<R>{enclosure::point(make_real(2)), zero_of<R>(), tier::exact, true};
  }

  /// Component (i, j) of the summand and its mirror image; true if nothing is left to do about it.
  bool take(summand& s, const grouped_weights& w, int i, int j, std::size_t part, const real& middle,
            const real& radius) {
    gradient_component<R>& c = at(s.rows[size(i)], s.rows[size(j)], part);
    if (vanishes(s, w, i, j, part)) {
      c = {enclosure::point(make_real(2)), zero_of<R>(), tier::exact, true};
      at(s.rows[size(j)], s.rows[size(i)], part) = c;
    } else if (!is_settled(c)) {
      const auto bits = std::max(mpfr_get_prec(raw(middle)), mpfr_prec_t{64}) + 64;
      enclosure e = enclosure::around(middle, radius, bits);
      const decision<R> d = decide<R>(e);
      if (d.decided() || !c.decided) c = {e, d.decided() ? d.value() : canonical_nan<R>(), reached_, d.decided()};
      if (!c.decided) decide_exactly(s, w, c);
      if (i != j) at(s.rows[size(j)], s.rows[size(i)], part) = mirrored(c, part == 1);
    }
    return is_settled(c);
  }

  bool is_settled(const gradient_component<R>& c) const {
    return c.decided && (what_ == question::rounding || is_narrow(format_of<R>, c.range));
  }

  static gradient_component<R> mirrored(gradient_component<R> c, bool negated) {
    if (!negated || (c.range.is_point() && mpfr_zero_p(raw(c.range.lo)) != 0)) return c;
    std::swap(c.range.lo, c.range.hi);
    mpfr_neg(raw(c.range.lo), raw(c.range.lo), MPFR_RNDN);
    mpfr_neg(raw(c.range.hi), raw(c.range.hi), MPFR_RNDN);
    if (c.decided)
      c.rounded =
          signed_bits<R>(!is_negative(c.rounded), static_cast<bits_t<R>>(to_bits(c.rounded) & encoding<R>::magnitude));
    return c;
  }

  /// A component that may be the rounding boundary b is it, if it is closer than any other number can be.
  void decide_exactly(summand& s, const grouped_weights& w, gradient_component<R>& c) {
    // what is near a boundary by chance is told from it by more bits, at less than the price of a large polynomial
    constexpr int cheap = 8;
    constexpr long chance_bits = 250;
    if (bits_ < chance_bits && s.exact.n > cheap) return;
    const auto b = boundary_inside<R>(c.range);
    if (!b || !roots_of(s)) return;
    const double bits = s.roots->separation_bits(s.values, w, *b);
    if (bits > static_cast<double>(limit_.vector_bits)) return;
    needed_bits_ = std::max(needed_bits_, static_cast<long>(bits) + 1);
    real width = make_real(64), least = make_real(2);
    mpfr_sub(raw(width), raw(c.range.hi), raw(c.range.lo), MPFR_RNDU);
    mpfr_set_ui_2exp(raw(least), 1, -static_cast<long>(bits) - 1, MPFR_RNDD);
    if (mpfr_less_p(raw(width), raw(least)) != 0)
      c = {enclosure::point(*b), round_to_nearest<R>(*b), tier::exact, true};
  }

  const hermitian_matrix& a_;
  eigenvalue_weights weights_;
  question what_;
  gradient_budget limit_;
  std::vector<summand> summands_;
  std::vector<gradient_component<R>> components_;
  std::optional<int> distinct_;
  tier reached_ = tier::double_double;
  long bits_ = first_bits;
  long needed_bits_ = 0;
};

}  // namespace

template <class R>
std::vector<gradient_component<R>> gradient(const hermitian_matrix& a, std::span<const double> w, question what,
                                            const gradient_budget& limit) {
  return gradient_ladder<R>(a, w, what, limit).climb();
}

template std::vector<gradient_component<float16>> gradient(const hermitian_matrix&, std::span<const double>, question,
                                                           const gradient_budget&);
template std::vector<gradient_component<bfloat16>> gradient(const hermitian_matrix&, std::span<const double>, question,
                                                            const gradient_budget&);
template std::vector<gradient_component<float>> gradient(const hermitian_matrix&, std::span<const double>, question,
                                                         const gradient_budget&);
template std::vector<gradient_component<double>> gradient(const hermitian_matrix&, std::span<const double>, question,
                                                          const gradient_budget&);

}  // namespace halfulp::linalg
