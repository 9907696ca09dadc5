#include <halfulp/analysis/cases/fill.hpp>

#include <cmath>
#include <limits>

#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/analysis/cases/number.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

/// Every real component of t, row-major, from a binary64 number each, rounded once.
template <class F>
void fill_components(const tensor& t, F&& next) {
  visit_dtype(t.type(), type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>{},
              [&](auto tag) {
                using type = typename decltype(tag)::type;
                for (auto& x : t.elements<type>()) {
                  if constexpr (is_complex<type>) {
                    const auto re = narrow<component_t<type>>(next());
                    x = {re, narrow<component_t<type>>(next())};
                  } else {
                    x = narrow<type>(next());
                  }
                }
              });
}

void require_floats(const tensor& t, const fill_parameters& p) {
  if (!is_floating(t.type()) && !is_complex_dtype(t.type()))
    p.refuse("fills floating-point and complex tensors, not " + std::string(name_of(t.type())));
}

void fill_constant(const tensor& t, fill_parameters& p, random_source&) {
  visit_dtype(t.type(), [&](auto tag) {
    using type = typename decltype(tag)::type;
    try {
      const auto value = element_from_json<type>(p.any("value"));
      for (auto& x : t.elements<type>()) x = value;
    } catch (const number_error& e) {
      p.refuse(std::string("has a value that is wrong: ") + e.what());
    }
  });
}

void fill_uniform(const tensor& t, fill_parameters& p, random_source& random) {
  require_floats(t, p);
  const double low = p.real("low", -0.5);
  const double high = p.real("high", 0.5);
  fill_components(t, [&] { return random.between(low, high); });
}

template <class T>
void fill_integers_of(const tensor& t, std::int64_t low, std::int64_t high, random_source& random,
                      const fill_parameters& p) {
  if constexpr (std::is_integral_v<T>) {
    if (low < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
        high > static_cast<std::int64_t>(std::numeric_limits<T>::max()))
      p.refuse("has a range that is too wide for " + std::string(name_of(t.type())));
    for (auto& x : t.elements<T>()) x = static_cast<T>(random.between(low, high));
  }
}

void fill_integers(const tensor& t, fill_parameters& p, random_source& random) {
  const std::int64_t low = p.integer("low", 0);
  const std::int64_t high = p.integer("high", 1);
  if (low > high) p.refuse("needs low <= high");
  if (is_floating(t.type()) || is_complex_dtype(t.type())) {
    fill_components(t, [&] { return static_cast<double>(random.between(low, high)); });
  } else {
    visit_dtype(t.type(), [&](auto tag) { fill_integers_of<typename decltype(tag)::type>(t, low, high, random, p); });
  }
}

void fill_wrapped_integers(const tensor& t, fill_parameters& p, random_source& random) {
  const std::int64_t low = p.integer("low", -65535);
  const std::int64_t high = p.integer("high", 65535);
  if (low > high) p.refuse("needs low <= high");
  visit_dtype(t.type(), [&](auto tag) {
    using type = typename decltype(tag)::type;
    if constexpr (std::is_integral_v<type>) {
      for (auto& x : t.elements<type>()) x = static_cast<type>(random.between(low, high));
    } else {
      p.refuse("fills integers and bool, not " + std::string(name_of(t.type())));
    }
  });
}

void fill_binades(const tensor& t, fill_parameters& p, random_source& random) {
  require_floats(t, p);
  const std::int64_t low = p.integer("low", -10);
  const std::int64_t high = p.integer("high", 10);
  if (low > high || low < -1100 || high > 1023) p.refuse("needs -1100 <= low <= high <= 1023");
  fill_components(t, [&] {
    const auto exponent = static_cast<int>(random.between(low, high));
    const double sign = (random.bits() & 1) != 0 ? -1 : 1;
    return std::ldexp(sign * (1 + random.unit()), exponent);
  });
}

/// Exactly half of the elements true, rounded down, in random places: masks whose count is known.
void fill_half(const tensor& t, fill_parameters& p, random_source& random) {
  if (t.type() != dtype::boolean) p.refuse("fills bools, not " + std::string(name_of(t.type())));
  const auto x = t.elements<bool>();
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = k < x.size() / 2;
  for (std::size_t k = x.size(); k > 1; --k) std::swap(x[k - 1], x[random.below(k)]);
}

void fill_bits(const tensor& t, fill_parameters&, random_source& random) {
  const bool boolean = t.type() == dtype::boolean;
  for (auto& byte : t.bytes()) byte = static_cast<std::byte>(random.bits() & (boolean ? 1 : 255));
}

/// Zeros, subnormals, normals, infinities and NaNs at the ends of their ranges, each with both signs.
template <class T>
std::vector<T> specials() {
  using bits = bits_t<T>;
  const bits one = to_bits(narrow<T>(1.0));
  const bits least_normal = static_cast<bits>(encoding<T>::fraction + 1);
  const bits magnitudes[] = {0,
                             1,
                             encoding<T>::fraction,
                             least_normal,
                             one,
                             static_cast<bits>(one + 1),
                             static_cast<bits>(encoding<T>::infinity - 1),
                             encoding<T>::infinity,
                             encoding<T>::quiet_nan,
                             static_cast<bits>(encoding<T>::quiet_nan + 1),
                             static_cast<bits>(encoding<T>::infinity + 1),
                             encoding<T>::magnitude};
  std::vector<T> list;
  for (const bits m : magnitudes)
    for (const bool negative : {false, true}) list.push_back(signed_bits<T>(negative, m));
  return list;
}

void fill_specials(const tensor& t, fill_parameters& p, random_source&) {
  const bool real = visit_dtype(t.type(), type_list<float16, bfloat16, float, double>{}, [&](auto tag) {
    using type = typename decltype(tag)::type;
    const auto list = specials<type>();
    std::size_t k = 0;
    for (auto& x : t.elements<type>()) x = list[k++ % list.size()];
  });
  if (!real) p.refuse("fills floating-point tensors, not " + std::string(name_of(t.type())));
}

/// Along an axis every second element is minus the one before, but for a relative gap: products with equal weights
/// cancel to about `gap` of their size.
void fill_cancellation(const tensor& t, fill_parameters& p, random_source& random) {
  const auto axis = static_cast<int>(p.integer("axis", 1));
  const double gap = p.real("gap", 0x1p-20);
  const double low = p.real("low", -0.5);
  const double high = p.real("high", 0.5);
  if (axis < 0 || axis >= t.shape().rank) p.refuse("needs an axis of the tensor");
  const auto stride = static_cast<std::size_t>(row_major_strides(t.shape())[axis]);
  const auto size = static_cast<std::size_t>(t.shape()[axis]);
  const bool real = visit_dtype(t.type(), type_list<float16, bfloat16, float, double>{}, [&](auto tag) {
    using type = typename decltype(tag)::type;
    const auto x = t.elements<type>();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double u = random.unit();
      const bool odd = i / stride % size % 2 != 0;
      x[i] = narrow<type>(odd ? -widen(x[i - stride]) * (1 + gap * u) : low + (high - low) * u);
    }
  });
  if (!real) p.refuse("fills floating-point tensors, not " + std::string(name_of(t.type())));
}

struct fill_kind {
  const char* name;
  void (*run)(const tensor&, fill_parameters&, random_source&);
};
constexpr fill_kind element_kinds[] = {
    {"constant", fill_constant}, {"uniform", fill_uniform},
    {"integers", fill_integers}, {"wrapped_integers", fill_wrapped_integers},
    {"binades", fill_binades},   {"bits", fill_bits},
    {"specials", fill_specials}, {"cancellation", fill_cancellation},
    {"half", fill_half},
};

}  // namespace

fill_parameters::fill_parameters(const json& fill, std::string name) : fill_(fill), name_(std::move(name)) {
  if (!fill.is_object() || !fill.contains("kind") || !fill["kind"].is_string())
    throw malformed_case(name_ + ": fill is " + fill.dump() + "; it must be an object with a kind");
  kind_ = fill["kind"];
  read_ = {"kind", "seed"};
}

const json* fill_parameters::find(const char* member) {
  read_.insert(member);
  const auto it = fill_.find(member);
  return it == fill_.end() ? nullptr : &*it;
}

double fill_parameters::real(const char* member, double fallback) {
  const json* j = find(member);
  if (j == nullptr) return fallback;
  try {
    const double x = component_from_json<double>(*j);
    if (std::isfinite(x)) return x;
  } catch (const number_error&) {
  }
  refuse(std::string("has ") + member + " " + j->dump() + "; a finite number is allowed");
}

std::int64_t fill_parameters::integer(const char* member, std::int64_t fallback) {
  const json* j = find(member);
  if (j == nullptr) return fallback;
  const bool fits = j->is_number_integer() && !(j->is_number_unsigned() && j->get<std::uint64_t>() >> 63 != 0);
  if (!fits) refuse(std::string("has ") + member + " " + j->dump() + "; an integer is allowed");
  return j->get<std::int64_t>();
}

std::string fill_parameters::text(const char* member, const char* fallback) {
  const json* j = find(member);
  if (j == nullptr) return fallback;
  if (!j->is_string()) refuse(std::string("has ") + member + " " + j->dump() + "; text is allowed");
  return j->get<std::string>();
}

std::uint64_t fill_parameters::seed(std::uint64_t fallback) {
  const json* j = find("seed");
  if (j == nullptr) return fallback;
  if (!j->is_number_integer() || (!j->is_number_unsigned() && j->get<std::int64_t>() < 0))
    refuse("has seed " + j->dump() + "; an integer in 0 .. 2^64 - 1 is allowed");
  return j->get<std::uint64_t>();
}

const json& fill_parameters::any(const char* member) {
  const json* j = find(member);
  if (j == nullptr) refuse(std::string("needs a ") + member);
  return *j;
}

void fill_parameters::require_all_read() const {
  for (const auto& [member, value] : fill_.items())
    if (!read_.contains(member)) refuse("has no member " + member);
}

void fill_parameters::refuse(const std::string& rule) const {
  throw malformed_case(name_ + ": the fill \"" + kind_ + "\" " + rule);
}

void fill(const tensor& t, const json& fill, std::uint64_t default_seed, const std::string& name) {
  fill_parameters p(fill, name);
  random_source random(p.seed(default_seed));
  bool known = false;
  for (const fill_kind& kind : element_kinds)
    if (kind.name == p.kind()) {
      kind.run(t, p, random);
      known = true;
    }
  if (!known && !fill_matrices(t, p, random)) {
    std::string kinds;
    for (const auto& kind : fill_kinds()) kinds += (kinds.empty() ? "" : ", ") + kind;
    p.refuse("is unknown; it may be " + kinds);
  }
  if (t.numel() > 0) p.require_all_read();  // of no matrix, no member is read
}

const std::vector<std::string>& fill_kinds() {
  static const auto kinds = [] {
    std::vector<std::string> list;
    for (const fill_kind& kind : element_kinds) list.emplace_back(kind.name);
    for (const auto& kind : matrix_fill_kinds()) list.push_back(kind);
    return list;
  }();
  return kinds;
}

}  // namespace halfulp::analysis
