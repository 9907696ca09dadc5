#include <halfulp/analysis/cases/fill_gallery.hpp>

#include <algorithm>
#include <optional>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/analysis/cases/gallery/hermitian.hpp>

namespace halfulp::analysis {
namespace {

/// The kind of a gallery that "matrix" names.
template <class Names, class Named>
auto kind_of(fill_parameters& p, const Names& all, Named named) {
  const nlohmann::json& name = p.any("matrix");
  if (name.is_string())
    if (const auto kind = named(name.get<std::string>())) return *kind;
  std::string names;
  for (const std::string_view k : all) names += (names.empty() ? "" : ", ") + std::string(k);
  p.refuse("has matrix " + name.dump() + "; it may be " + names);
}

/// "special": a NaN or an infinity.
template <class R>
std::optional<R> special_value(fill_parameters& p) {
  const std::string name = p.text("special", "none");
  if (name == "nan") return canonical_nan<R>();
  if (name == "inf" || name == "-inf") return infinity_of<R>(name == "-inf");
  if (name != "none") p.refuse("has special \"" + name + "\"; it may be nan, inf or -inf");
  return std::nullopt;
}

/// Matrices of `make(n, seed)`, with a special value at a random place of each, and at its mirror image if `mirrored`.
template <class T, class F>
void fill_with(const tensor& t, fill_parameters& p, random_source& random, bool mirrored, F make) {
  const auto special = special_value<component_t<T>>(p);
  const auto n = static_cast<std::size_t>(t.shape()[t.shape().rank - 1]);
  const auto out = t.elements<T>();
  for (std::size_t at = 0; at < out.size(); at += n * n) {
    const auto x = gallery::elements<T>(make(static_cast<int>(n), random.bits()));
    std::copy(x.begin(), x.end(), out.data() + at);
    if (!special) continue;
    const auto row = static_cast<std::size_t>(random.below(n)), column = static_cast<std::size_t>(random.below(n));
    out[at + row * n + column] = T{*special};
    if (mirrored) out[at + column * n + row] = T{*special};
  }
}

template <class T>
void fill_as(const tensor& t, fill_parameters& p, random_source& random) {
  if (p.kind() == gallery_fill_kinds[0]) {
    const auto kind = kind_of(p, gallery::kind_names, [](const std::string& k) { return gallery::kind_named(k); });
    fill_with<T>(t, p, random, true, [&](int n, std::uint64_t seed) { return gallery::make<T>(kind, n, seed); });
  } else {
    const auto kind =
        kind_of(p, gallery::general_kind_names, [](const std::string& k) { return gallery::general_kind_named(k); });
    fill_with<T>(t, p, random, false, [&](int n, std::uint64_t seed) { return gallery::make<T>(kind, n, seed); });
  }
}

}  // namespace

bool fill_from_gallery(const tensor& t, fill_parameters& p, random_source& random) {
  if (std::find(gallery_fill_kinds.begin(), gallery_fill_kinds.end(), p.kind()) == gallery_fill_kinds.end())
    return false;
  using types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;
  const bool floats =
      visit_dtype(t.type(), types{}, [&](auto tag) { fill_as<typename decltype(tag)::type>(t, p, random); });
  if (!floats) p.refuse("fills floating-point and complex tensors, not " + std::string(name_of(t.type())));
  return true;
}

}  // namespace halfulp::analysis
