#include <halfulp/oracle/linalg/general_eigenvalues.hpp>

#include <algorithm>

#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/linalg/direct_sum.hpp>
#include <halfulp/oracle/linalg/distinct_roots.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/real/boundary.hpp>

namespace halfulp::linalg {
namespace {

template <class R>
eigenvalue_part<R> exact_part(const real& x) {
  const real r = mpfr_zero_p(raw(x)) != 0 ? make_real(2) : x;  // an exact zero is +0
  return {enclosure::point(r), round_to_nearest<R>(r), tier::exact, true};
}

template <class R>
eigenvalue_part<R> part_of(const enclosure& e, tier reached) {
  if (e.is_point()) return exact_part<R>(e.lo);
  const decision<R> d = decide<R>(e);
  return {e, d.decided() ? d.value() : canonical_nan<R>(), reached, d.decided()};
}

/// The ladder for one irreducible matrix.
template <class R>
class general_ladder {
 public:
  general_ladder(const square_matrix& a, question what, const general_budget& limit)
      : b_(balanced(a)), what_(what), limit_(limit) {
    enclosure any{make_real(2), make_real(2)};
    mpfr_set_inf(raw(any.lo), -1);
    mpfr_set_inf(raw(any.hi), 1);
    const eigenvalue_part<R> unknown{any, canonical_nan<R>()};
    values_.push_back({{}, {unknown, unknown}, a.n});
    exact_ = exact_integers(a, b_.exponents, b_.shift);
  }

  std::vector<complex_eigenvalue<R>> climb() {
    take(discs_in_binary64(b_), tier::double_double);
    for (long bits = 128; !all_settled() && bits <= limit_.vector_bits; bits *= 2) {
      take(discs_in_integers(exact_, bits), tier::multiprecision);
      if (!all_settled()) refine_by_polynomial();
    }
    std::vector<complex_eigenvalue<R>> all;
    for (const located& v : values_) all.insert(all.end(), static_cast<std::size_t>(v.count), v.value);
    return all;
  }

 private:
  /// What is known of the eigenvalues in one disc.
  struct located {
    eigenvalue_disc disc;
    complex_eigenvalue<R> value;
    int count;
  };

  bool settled(const eigenvalue_part<R>& p) const {
    return p.decided && (what_ == question::rounding || is_narrow(format_of<R>, p.range));
  }
  bool settled(const located& v) const { return settled(v.value.re) && settled(v.value.im); }
  bool all_settled() const {
    return std::all_of(values_.begin(), values_.end(), [&](const located& v) { return settled(v); });
  }

  /// [x - radius, x + radius] of the balanced matrix, as a part of an eigenvalue of A.
  eigenvalue_part<R> part_around(const real& x, const real& radius, tier reached) const {
    enclosure e = enclosure::around(x, radius, mpfr_get_prec(raw(x)) + 64);
    for (real* end : {&e.lo, &e.hi}) mpfr_mul_2si(raw(*end), raw(*end), b_.shift, MPFR_RNDN);
    return part_of<R>(e, reached);
  }

  void take(std::vector<eigenvalue_disc> discs, tier reached) {
    if (discs.empty()) return;
    values_.clear();
    for (eigenvalue_disc& d : discs) {
      const bool real_one = d.symmetric && d.count == 1;
      located v{std::move(d), {}, 0};
      v.count = v.disc.count;
      v.value.re = part_around(v.disc.re, v.disc.radius, reached);
      v.value.im = real_one ? exact_part<R>(make_real(2)) : part_around(v.disc.im, v.disc.radius, reached);
      values_.push_back(std::move(v));
    }
  }

  void refine_by_polynomial() {
    if (values_.front().disc.count != values_.front().count) return;  // no discs so far
    if (!roots_) {
      if (characteristic_steps(exact_) > static_cast<double>(limit_.polynomial_steps)) return;
      roots_.emplace(exact_);
    }
    std::vector<eigenvalue_disc> discs;
    for (const located& v : values_) discs.push_back(v.disc);
    if (!each_holds_one(discs, *roots_)) return;
    for (located& v : values_)
      if (!settled(v)) refine(v);
  }

  /// Newton's iteration from the mean of the approximations in the disc, which holds one root.
  void refine(located& v) {
    constexpr int most_lost_steps = 12;
    long bits = first_bits(v.disc);
    real re = v.disc.mean_re, im = v.disc.mean_im;
    for (int lost = 0; lost < most_lost_steps && bits <= limit_.root_bits;) {
      for (real* x : {&re, &im}) mpfr_prec_round(raw(*x), bits, MPFR_RNDN);
      const auto near = roots_->near(re, im, 2 * bits);
      if (!near) return;
      if (lies_inside(re, im, near->radius, v.disc)) {
        update(v.value.re, component::real_part, re, im, near->radius, v.disc);
        update(v.value.im, component::imaginary_part, im, re, near->radius, v.disc);
        if (settled(v)) return;
        bits *= 2;
      } else {
        ++lost;
        if (mpfr_lessequal_p(raw(near->radius), raw(v.disc.radius)) != 0) bits *= 2;
      }
      re = near->next_re;
      im = near->next_im;
    }
  }

  /// Enough to tell points of the disc apart.
  static long first_bits(const eigenvalue_disc& d) {
    const auto size_of = [](const real& x, long least) { return mpfr_zero_p(raw(x)) != 0 ? least : exponent_of(x); };
    const long least = size_of(d.radius, 0);
    return 128 + std::max(0L, std::max(size_of(d.re, least), size_of(d.im, least)) - least);
  }

  void update(eigenvalue_part<R>& p, component which, const real& x, const real& other, const real& radius,
              const eigenvalue_disc& disc) {
    if (settled(p)) return;
    const eigenvalue_part<R> next = part_around(x, radius, tier::exact);
    if (next.decided || !p.decided) p = next;
    if (p.decided) return;
    const std::optional<real> boundary = boundary_inside<R>(p.range);
    if (!boundary) return;
    real c = *boundary;
    mpfr_mul_2si(raw(c), raw(c), -b_.shift, MPFR_RNDN);
    if (roots_->on_line(which, c, other, disc)) p = exact_part<R>(*boundary);
  }

  balanced_matrix b_;
  question what_;
  general_budget limit_;
  integer_matrix exact_;
  std::vector<located> values_;
  std::optional<distinct_roots> roots_;
};

/// -i A
square_matrix turned_back(const square_matrix& a) {
  square_matrix h{a.n, a.imaginary, a.real};
  if (!a.is_complex()) h.real.assign(a.real.size(), 0.0);
  for (double& x : h.imaginary) x = -x;
  return h;
}

template <class R>
std::vector<complex_eigenvalue<R>> of_irreducible(const square_matrix& a, question what, const general_budget& limit) {
  const auto zero = exact_part<R>(make_real(2));
  std::vector<complex_eigenvalue<R>> all;
  if (a.n == 1) {
    all.push_back({exact_part<R>(halfulp::to_real(a.real[0])),
                   a.is_complex() ? exact_part<R>(halfulp::to_real(a.imaginary[0])) : zero});
  } else if (is_hermitian(a, 1)) {
    for (auto& v : eigenvalues<R>(a, what)) all.push_back({std::move(v), zero});
  } else if (is_hermitian(a, -1)) {
    for (auto& v : eigenvalues<R>(turned_back(a), what)) all.push_back({zero, std::move(v)});
  } else {
    all = general_ladder<R>(a, what, limit).climb();
  }
  return all;
}

}  // namespace

template <class R>
std::vector<complex_eigenvalue<R>> general_eigenvalues(const square_matrix& a, question what,
                                                       const general_budget& limit) {
  const fp_environment environment;
  std::vector<complex_eigenvalue<R>> all;
  for (const auto& block : strong_components(a)) {
    auto values = of_irreducible<R>(submatrix(a, block), what, limit);
    std::move(values.begin(), values.end(), std::back_inserter(all));
  }
  const auto rounded = [](const auto& v) { return std::complex<R>(v.re.rounded, v.im.rounded); };
  std::sort(all.begin(), all.end(),
            [&](const auto& x, const auto& y) { return op::eigvals::precedes(rounded(x), rounded(y)); });
  return all;
}

template std::vector<complex_eigenvalue<float>> general_eigenvalues(const square_matrix&, question,
                                                                    const general_budget&);
template std::vector<complex_eigenvalue<double>> general_eigenvalues(const square_matrix&, question,
                                                                     const general_budget&);

}  // namespace halfulp::linalg
