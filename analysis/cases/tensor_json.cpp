#include <halfulp/analysis/cases/tensor_json.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/analysis/cases/number.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

std::string names_of_dtypes() {
  std::string text;
  for (const auto name : dtypes::names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

/// Whether j is a list nested like shape, from this axis on.
bool is_nested(const json& j, const extents& shape, int axis) {
  if (axis == shape.rank) return true;
  if (!j.is_array() || static_cast<std::int64_t>(j.size()) != shape[axis]) return false;
  for (const json& item : j)
    if (!is_nested(item, shape, axis + 1)) return false;
  return true;
}

template <class T>
void read_elements(const json& data, int depth, const std::string& name, std::span<T> out, std::size_t& at) {
  if (depth == 0) {
    try {
      out[at] = element_from_json<T>(data);
    } catch (const number_error& e) {
      throw malformed_case(name + ": element " + std::to_string(at) + " of data: " + e.what());
    }
    ++at;
    return;
  }
  for (const json& item : data) read_elements(item, depth - 1, name, out, at);
}

void read_data(const json& data, const std::string& name, const tensor& t) {
  const bool flat = data.is_array() && static_cast<std::int64_t>(data.size()) == t.numel();
  const bool nested = !(flat && t.shape().rank == 0) && is_nested(data, t.shape(), 0);
  if (!nested && !flat) {
    const std::string given = data.is_array() ? std::to_string(data.size()) + " items" : "no list";
    throw malformed_case(name + ": data holds " + given + "; shape " + to_string(t.shape()) + " needs a flat list of " +
                         std::to_string(t.numel()) + " elements or lists nested like the shape");
  }
  visit_dtype(t.type(), [&](auto tag) {
    using type = typename decltype(tag)::type;
    std::size_t at = 0;
    if (t.numel() > 0) read_elements(data, nested ? t.shape().rank : 1, name, t.elements<type>(), at);
  });
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

tensor_header tensor_header_from_json(const json& j, const std::string& name) {
  const auto type = j.find("dtype");
  const auto shape = j.find("shape");
  if (type == j.end() || shape == j.end()) throw malformed_case(name + ": a tensor needs a dtype and a shape");
  const auto known = type->is_string() ? dtype_named(type->get<std::string>()) : std::nullopt;
  if (!known) throw malformed_case(name + ": dtype is " + type->dump() + "; it may be " + names_of_dtypes());
  if (!shape->is_array() || shape->size() > max_rank)
    throw malformed_case(name + ": shape is " + shape->dump() + "; it may be a list of up to " +
                         std::to_string(max_rank) + " sizes");
  tensor_header h{*known, {}};
  double bytes = static_cast<double>(size_of(*known));
  for (const json& size : *shape) {
    if (!size.is_number_integer() || size.get<std::int64_t>() < 0 || size > (std::int64_t{1} << 62))
      throw malformed_case(name + ": shape is " + shape->dump() + "; a size may be 0 .. 2^62");
    h.shape.push_back(size.get<std::int64_t>());
    bytes *= size.get<double>();
  }
  if (bytes > static_cast<double>(max_tensor_bytes) && product(h.shape) != 0)
    throw malformed_case(name + ": shape is " + shape->dump() + "; a tensor of a case may have up to 2^31 bytes");
  return h;
}

tensor tensor_from_json(const json& j, const std::string& name) {
  const auto [type, shape] = tensor_header_from_json(j, name);
  const tensor t(type, shape);
  if (const auto data = j.find("data"); data != j.end()) {
    read_data(*data, name, t);
  } else if (const auto bits = j.find("bits"); bits != j.end() && bits->is_string()) {
    const auto bytes = from_base64(bits->get_ref<const std::string&>());
    const auto all = t.bytes();
    const bool repeated = j.value("repeated", false) && !all.empty();
    const std::size_t wanted = repeated ? static_cast<std::size_t>(size_of(type)) : all.size();
    if (bytes.size() != wanted)
      throw malformed_case(name + ": bits holds " + std::to_string(bytes.size()) + " bytes; it needs " +
                           std::to_string(wanted));
    const auto is_bool = [](std::byte b) { return b <= std::byte{1}; };
    if (type == dtype::boolean && !std::all_of(bytes.begin(), bytes.end(), is_bool))
      throw malformed_case(name + ": bits holds a byte that is neither 0 nor 1, for bool");
    if (!bytes.empty())
      for (std::size_t done = 0; done < all.size(); done += bytes.size())
        std::memcpy(all.data() + done, bytes.data(), bytes.size());
  } else {
    throw malformed_case(name + ": a tensor needs data");
  }
  return t;
}

json tensor_to_json(const tensor_view& t) {
  const auto size = static_cast<std::size_t>(t.numel() * size_of(t.type));
  return {{"dtype", name_of(t.type)},
          {"shape", std::vector<std::int64_t>(t.shape.begin(), t.shape.end())},
          {"bits", base64({static_cast<const std::byte*>(t.data), size})}};
}

std::string base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j)
      three = three << 8 | (k + j < bytes.size() ? std::to_integer<std::uint32_t>(bytes[k + j]) : 0);
    for (std::size_t j = 0; j < 4; ++j) text += j <= bytes.size() - k ? alphabet[three >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

std::vector<std::byte> from_base64(std::string_view text) {
  static const auto value_of = [] {
    std::array<int, 256> value;
    value.fill(-1);
    for (std::size_t k = 0; k < alphabet.size(); ++k)
      value[static_cast<unsigned char>(alphabet[k])] = static_cast<int>(k);
    return value;
  }();
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  const std::size_t digits = std::min(text.find('='), text.size());
  if (text.size() % 4 != 0 || text.size() - digits > 2) throw malformed_case("bits is no base64 text");
  std::uint32_t held = 0;
  int count = 0;
  for (const char c : text.substr(0, digits)) {
    const int value = value_of[static_cast<unsigned char>(c)];
    if (value < 0) throw malformed_case("bits is no base64 text");
    held = held << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>(held >> count & 255));
  }
  return bytes;
}

}  // namespace halfulp::analysis
