#include <halfulp/analysis/cases/json_line.hpp>

#include <vector>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

/// Builds the value from the parser's events.
class line_reader : public nlohmann::json_sax<json> {
 public:
  json result;

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override {
    return data_depth_ > 0 && value == 0 ? put("-0") : put(value);  // 0 arrives as unsigned, -0 as a signed 0
  }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    return data_depth_ > 0 ? put(text) : put(value);
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none

  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) throw malformed_case("the key \"" + name + "\" is given twice");
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string& last, const nlohmann::detail::exception& e) override {
    constexpr int number_overflow = 406;
    if (e.id == number_overflow)
      throw malformed_case("the number at column " + std::to_string(position) + " is " + last.substr(0, 40) +
                           "; it must be within binary64's range, or text");
    const std::string words = words_of(e);  // "parse error at line 1, column 5: ..."
    const auto colon = words.find(": ");
    throw malformed_case("not JSON at column " + std::to_string(position) + ": " +
                         (colon == std::string::npos ? words : words.substr(colon + 2)));
  }

 private:
  json* place(json&& value) {
    if (open_.empty()) {
      result = std::move(value);
      return &result;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }
  bool put(json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(json&& container) {
    if (open_.size() == deepest_nesting)
      throw malformed_case("lists and objects lie more than " + std::to_string(deepest_nesting) +
                           " deep in one another; " + std::to_string(deepest_nesting) + " is the most");
    const bool data = !open_.empty() && open_.back()->is_object() && key_ == "data";
    data_depth_ += data || data_depth_ > 0 ? 1 : 0;
    open_.push_back(place(std::move(container)));  // a parent does not move while its child is open
    return true;
  }
  bool close() {
    open_.pop_back();
    data_depth_ -= data_depth_ > 0 ? 1 : 0;
    return true;
  }

  std::vector<json*> open_;
  std::string key_;
  int data_depth_ = 0;
};

}  // namespace

nlohmann::json parse_json_line(std::string_view line) {
  line_reader reader;
  json::sax_parse(line.begin(), line.end(), &reader);
  return std::move(reader.result);
}

std::string words_of(const std::exception& e) {
  const std::string what = e.what();  // "[json.exception.out_of_range.403] key 'api' not found"
  const auto name_end = what.find("] ");
  return what.starts_with("[json.exception.") && name_end != std::string::npos ? what.substr(name_end + 2) : what;
}

}  // namespace halfulp::analysis
