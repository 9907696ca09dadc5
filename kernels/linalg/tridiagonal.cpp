#include <halfulp/kernels/linalg/tridiagonal.hpp>

#include <complex>
#include <limits>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/kernels/linalg/sturm.hpp>

namespace halfulp::kernels::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

double largest_magnitude(const std::vector<double>& x) {
  double m = 0;
  for (const double v : x) m = std::max(m, std::abs(v));
  return m;
}

/// Points `step` below and above each approximate value, and the counts there.
void prove_values(const householder_form& form, double step, certified_values& c) {
  const std::size_t n = size(form.n());
  std::vector<double> points(2 * n);
  std::vector<int> below(2 * n);
  for (std::size_t k = 0; k < n; ++k) {
    points[k] = c.values[k].hi - step;
    points[n + k] = c.values[k].hi + step;
  }
  sturm_counts(form.d(), form.e(), points, below);
  for (std::size_t k = 0; k < n; ++k) {
    const int index = static_cast<int>(k);
    if (!(below[k] <= index && below[n + k] > index)) c.radius[k] = std::numeric_limits<double>::infinity();
  }
}

/// What is known of A's n eigenvalues from those of its real form, which may have each of them twice.
certified_values once_each(int n, certified_values all) {
  if (all.radius.size() == size(n)) return all;
  certified_values c(n);
  for (std::size_t k = 0; k < size(n); ++k) {
    const std::size_t from = all.radius[2 * k] <= all.radius[2 * k + 1] ? 2 * k : 2 * k + 1;
    c.values[k] = all.values[from];
    c.radius[k] = all.radius[from];
  }
  return c;
}

}  // namespace

certified_values::certified_values(int n) : values(size(n)), radius(size(n), std::numeric_limits<double>::infinity()) {}

certified_values tridiagonal_certificate(const householder_form& form) {
  std::vector<double> values = form.d(), off_diagonal = form.e();
  if (!tridiagonal_eigenvalues(form.n(), values.data(), off_diagonal.data())) return certified_values(form.n());
  return tridiagonal_certificate(form, values);
}

certified_values tridiagonal_certificate(const householder_form& form, const std::vector<double>& approximations) {
  certified_values c(form.n());
  const double off = largest_magnitude(form.e());
  const double t = up(largest_magnitude(form.d()) + 2 * off);
  // wide enough for the errors of the approximations and of the counts, and little beside the distance of A and T
  const double step = std::max(64 * unit_roundoff * t, form.radius() / 16);
  const double points = 2 * unit_roundoff * up(t + step);  // they were rounded
  std::fill(c.radius.begin(), c.radius.end(), rounded_up(form.radius() + sturm_error(off) + points + step, 4));
  for (std::size_t k = 0; k < approximations.size(); ++k) c.values[k] = {approximations[k], 0};
  prove_values(form, step, c);
  return c;
}

certified_values certificate_of(int n, const householder_form& form) {
  return once_each(n, tridiagonal_certificate(form));
}

certified_values certificate_of(int n, const householder_form& form, const std::vector<double>& approximations) {
  std::vector<double> all;
  for (const double value : approximations) all.insert(all.end(), size(form.n() / n), value);
  return once_each(n, tridiagonal_certificate(form, all));
}

householder_form form_of(int n, const std::vector<double>& a) {
  return householder_form(n, a);
}

householder_form form_of(int n, const std::vector<std::complex<double>>& a) {
  const std::size_t rows = size(n);
  std::vector<double> r(4 * rows * rows);
  for (std::size_t j = 0; j < rows; ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      const std::complex<double> z = a[j * rows + i];
      double* left = &r[2 * j * rows + i];
      double* right = &r[2 * (j + rows) * rows + i];
      left[0] = right[rows] = z.real();
      left[rows] = z.imag();
      right[0] = -z.imag();
    }
  }
  return householder_form(2 * n, r);
}

namespace {

void set_entry(double& entry, const std::vector<double>& z, std::size_t i) {
  entry = z[i];
}
void set_entry(std::complex<double>& entry, const std::vector<double>& z, std::size_t i) {
  entry = {z[i], z[i + z.size() / 2]};
}

}  // namespace

template <class E>
std::vector<E> approx_vectors(int n, const householder_form& form, const certified_values& values,
                              std::span<const int> wanted) {
  std::vector<E> x(size(n) * wanted.size());
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    std::vector<double> z(form.d().size());
    approx_eigenvector(form.d(), form.e(), values.values[size(wanted[column])].hi, z);
    form.approx_transform_back(z);
    for (std::size_t i = 0; i < size(n); ++i) set_entry(x[column * size(n) + i], z, i);
  }
  return x;
}

template std::vector<double> approx_vectors(int, const householder_form&, const certified_values&,
                                            std::span<const int>);
template std::vector<std::complex<double>> approx_vectors(int, const householder_form&, const certified_values&,
                                                          std::span<const int>);

void approx_eigenvector(const std::vector<double>& d, const std::vector<double>& e, double value, std::span<double> z) {
  const std::size_t n = d.size();
  std::vector<double> down(n), up_(n);
  const auto pivot = [](double q) { return std::abs(q) < 0x1p-500 ? -0x1p-500 : q; };
  for (std::size_t i = 0; i < n; ++i) down[i] = pivot(d[i] - value - (i > 0 ? e[i - 1] * e[i - 1] / down[i - 1] : 0));
  std::size_t twist = 0;
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t i = n; i-- > 0;) {
    up_[i] = pivot(d[i] - value - (i + 1 < n ? e[i] * e[i] / up_[i + 1] : 0));
    const double both = std::abs(down[i] + up_[i] - (d[i] - value));
    if (both < smallest) {
      smallest = both;
      twist = i;
    }
  }
  z[twist] = 1;
  for (std::size_t i = twist; i-- > 0;) z[i] = -e[i] * z[i + 1] / down[i];
  for (std::size_t i = twist + 1; i < n; ++i) z[i] = -e[i - 1] * z[i - 1] / up_[i];
  const double norm = std::sqrt(sum_of_squares(z));
  for (double& x : z) x = std::isfinite(norm) ? x / norm : 0;
}

}  // namespace halfulp::kernels::linalg
