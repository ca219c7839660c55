// simdjson's DOM behind JsonView. simdjson tells what is wrong but not where, so that the error path (and
// only it) reads the text again with Boost.JSON, which knows the offset at which it stopped. simdjson 3.0
// also lets a lone low surrogate ("\udc00") through as bytes that are no UTF-8; texts with such escapes are
// read by both.

#include "base/json.hpp"

#include <simdjson.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstring>
#include <new>

namespace kiki {

namespace {

using Element = simdjson::dom::element;
static_assert(sizeof(Element) == 2 * sizeof(void*));
static_assert(std::is_trivially_copyable_v<Element>);

// A parser keeps the memory of its greatest document; above this it is given back.
constexpr std::size_t kKeepParserBytes = 4 << 20;

Element load(const void* const* stored) {
  Element element;
  std::memcpy(static_cast<void*>(&element), stored, sizeof element);
  return element;
}

// A Boost.JSON parser that keeps nothing: it is asked only whether and where a text is broken.
struct NullHandler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Code = boost::system::error_code;
  using View = json::string_view;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t, Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(View, std::size_t, Code&) { return true; }
  bool on_key(View, std::size_t, Code&) { return true; }
  bool on_string_part(View, std::size_t, Code&) { return true; }
  bool on_string(View, std::size_t, Code&) { return true; }
  bool on_number_part(View, Code&) { return true; }
  bool on_int64(std::int64_t, View, Code&) { return true; }
  bool on_uint64(std::uint64_t, View, Code&) { return true; }
  bool on_double(double, View, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }
};

struct Fault {
  std::size_t offset = 0;
  std::string message;
};

// The first number outside of strings that fits neither 64 bits nor a double.
std::optional<std::size_t> find_huge_number(std::string_view text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end = std::min(text.find_first_not_of("+-.eE0123456789", i), text.size());
      const std::string_view token = text.substr(i, end - i);
      const char* last = token.data() + token.size();
      if (token.find_first_of(".eE") == std::string_view::npos) {
        std::int64_t small = 0;
        std::uint64_t large = 0;
        if (std::from_chars(token.data(), last, small).ec == std::errc::result_out_of_range &&
            std::from_chars(token.data(), last, large).ec != std::errc{}) {
          return i;
        }
      } else {
        double real = 0;
        if (std::from_chars(token.data(), last, real).ec == std::errc::result_out_of_range) return i;
      }
      i = end - 1;
    }
  }
  return std::nullopt;
}

std::optional<Fault> find_fault(std::string_view text, std::size_t depth) {
  json::parse_options options;
  options.max_depth = depth;
  json::basic_parser<NullHandler> parser(options);
  boost::system::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (code) return Fault{used, code.message()};
  const std::size_t after = std::min(text.find_first_not_of(" \t\r\n", used), text.size());
  if (after < text.size()) return Fault{after, "extra data after the document"};
  return std::nullopt;
}

bool has_low_surrogate_escape(std::string_view text) {
  for (std::size_t i = text.find("\\u"); i != std::string_view::npos; i = text.find("\\u", i + 2)) {
    if (i + 3 >= text.size()) return false;
    const char first = text[i + 2];
    const char second = text[i + 3];
    if ((first == 'd' || first == 'D') && (second >= 'c' || (second >= 'C' && second <= 'F'))) return true;
  }
  return false;
}

Error malformed(const Fault& fault) {
  const std::string offset = std::to_string(fault.offset);
  return invalid("malformed JSON at byte " + offset + ": " + fault.message, "byte " + offset);
}

void append_pointer_token(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

Error expected(const JsonView& view, std::string_view what) {
  const std::string place = view.pointer().empty() ? "the document" : view.pointer();
  std::string message = place + ": expected " + std::string(what);
  if (!view.exists()) message += ", but it is missing";
  return invalid(std::move(message), view.pointer());
}

Error too_long(const JsonView& view, std::size_t max_bytes) {
  const std::string place = view.pointer().empty() ? "the document" : view.pointer();
  return {ErrorKind::kTooLarge,
          place + ": longer than " + std::to_string(max_bytes) + " bytes",
          view.pointer(),
          {},
          0};
}

}  // namespace

struct JsonDocument::Impl {
  simdjson::dom::document document;
};

JsonDocument::JsonDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> JsonDocument::parse(std::string_view text, JsonLimits limits) {
  CHECK(limits.depth > 0);
  if (text.size() > limits.bytes) {
    return Error{ErrorKind::kTooLarge,
                 "the JSON text is longer than " + std::to_string(limits.bytes) + " bytes",
                 "byte " + std::to_string(limits.bytes),
                 {},
                 0};
  }
  thread_local simdjson::dom::parser parser;
  auto impl = std::make_unique<Impl>();
  // simdjson refuses at depth >= its maximum, so that it needs one more than we allow. (It does not count an
  // empty
  // [] or {}: one of those may stand a level deeper.)
  const std::size_t simdjson_depth = limits.depth + 1;
  simdjson::error_code code = simdjson::SUCCESS;
  if (parser.capacity() < text.size() || parser.max_depth() != simdjson_depth) {
    code = parser.allocate(std::max({text.size(), parser.capacity(), std::size_t{1024}}), simdjson_depth);
  }
  if (code == simdjson::SUCCESS) {
    code = parser.parse_into_document(impl->document, text.data(), text.size()).error();
  }
  if (parser.capacity() > kKeepParserBytes) parser = simdjson::dom::parser();
  if (code == simdjson::MEMALLOC) throw std::bad_alloc();

  if (code == simdjson::SUCCESS) {
    if (has_low_surrogate_escape(text)) {
      if (const auto fault = find_fault(text, limits.depth)) return malformed(*fault);
    }
    return JsonDocument(std::move(impl));
  }
  const auto fault = find_fault(text, limits.depth);
  if (code == simdjson::DEPTH_ERROR) {
    return Error{ErrorKind::kTooLarge,
                 "the JSON text is nested deeper than " + std::to_string(limits.depth) + " levels",
                 fault ? "byte " + std::to_string(fault->offset) : "",
                 {},
                 0};
  }
  if (fault) return malformed(*fault);
  if (const auto offset = find_huge_number(text)) return malformed({*offset, "a number out of range"});
  return invalid(std::string("malformed JSON: ") + simdjson::error_message(code), "byte 0");
}

JsonView JsonDocument::root() const {
  JsonView view;
  const Element element = impl_->document.root();
  std::memcpy(view.element_, &element, sizeof element);
  view.exists_ = true;
  return view;
}

bool JsonView::exists() const {
  return exists_;
}
bool JsonView::is_object() const {
  return exists_ && load(element_).is_object();
}
bool JsonView::is_array() const {
  return exists_ && load(element_).is_array();
}
bool JsonView::is_string() const {
  return exists_ && load(element_).is_string();
}
bool JsonView::is_null() const {
  return !exists_ || load(element_).is_null();
}

JsonView JsonView::operator[](std::string_view key) const {
  JsonView view;
  view.pointer_.reserve(pointer_.size() + key.size() + 1);
  view.pointer_ = pointer_;
  append_pointer_token(view.pointer_, key);
  simdjson::dom::object object;
  Element member;
  if (exists_ && load(element_).get(object) == simdjson::SUCCESS &&
      object.at_key(key).get(member) == simdjson::SUCCESS) {
    std::memcpy(view.element_, &member, sizeof member);
    view.exists_ = true;
  }
  return view;
}

std::size_t JsonView::size() const {
  simdjson::dom::array array;
  if (!exists_ || load(element_).get(array) != simdjson::SUCCESS) return 0;
  // simdjson's own count saturates at 2^24 - 1.
  constexpr std::size_t kSaturated = 0xFFFFFF;
  if (array.size() < kSaturated) return array.size();
  std::size_t count = 0;
  for ([[maybe_unused]] const Element element : array) ++count;
  return count;
}

Result<void> JsonView::each(const std::function<Result<void>(JsonView)>& f) const {
  simdjson::dom::array array;
  if (!exists_ || load(element_).get(array) != simdjson::SUCCESS) return expected(*this, "an array");
  std::size_t index = 0;
  for (const Element element : array) {
    JsonView view;
    view.pointer_ = pointer_ + "/" + std::to_string(index++);
    std::memcpy(view.element_, &element, sizeof element);
    view.exists_ = true;
    if (auto result = f(std::move(view)); !result.ok()) return result;
  }
  return {};
}

Result<void> JsonView::each_member(const std::function<Result<void>(std::string_view, JsonView)>& f) const {
  simdjson::dom::object object;
  if (!exists_ || load(element_).get(object) != simdjson::SUCCESS) return expected(*this, "an object");
  for (const auto member : object) {
    JsonView view;
    view.pointer_ = pointer_;
    append_pointer_token(view.pointer_, member.key);
    std::memcpy(view.element_, &member.value, sizeof member.value);
    view.exists_ = true;
    if (auto result = f(member.key, std::move(view)); !result.ok()) return result;
  }
  return {};
}

Result<std::string_view> JsonView::view() const {
  std::string_view text;
  if (!exists_ || load(element_).get(text) != simdjson::SUCCESS) return expected(*this, "a string");
  return text;
}

Result<std::string> JsonView::string(std::size_t max_bytes) const {
  const std::string_view text = TRY(view());
  if (text.size() > max_bytes) return too_long(*this, max_bytes);
  return std::string(text);
}

Result<std::int64_t> JsonView::integer() const {
  std::int64_t value = 0;
  if (!exists_ || load(element_).get(value) != simdjson::SUCCESS)
    return expected(*this, "an integer of 64 bits");
  return value;
}

Result<double> JsonView::number() const {
  double value = 0;
  if (!exists_ || load(element_).get(value) != simdjson::SUCCESS) return expected(*this, "a number");
  return value;
}

Result<bool> JsonView::boolean() const {
  bool value = false;
  if (!exists_ || load(element_).get(value) != simdjson::SUCCESS) return expected(*this, "true or false");
  return value;
}

Result<std::string> JsonView::string_or(std::string_view otherwise, std::size_t max_bytes) const {
  if (is_null()) return std::string(otherwise);
  return string(max_bytes);
}

Result<std::int64_t> JsonView::integer_or(std::int64_t otherwise) const {
  if (is_null()) return otherwise;
  return integer();
}

Result<bool> JsonView::boolean_or(bool otherwise) const {
  if (is_null()) return otherwise;
  return boolean();
}

std::string_view JsonView::text(std::string_view otherwise) const {
  std::string_view value;
  if (!exists_ || load(element_).get(value) != simdjson::SUCCESS) return otherwise;
  return value;
}

std::int64_t JsonView::number_or_zero() const {
  if (!exists_) return 0;
  const Element element = load(element_);
  std::int64_t integer = 0;
  if (element.get(integer) == simdjson::SUCCESS) return integer;
  double real = 0;
  // A double outside of int64 would be undefined behaviour to convert.
  if (element.get(real) == simdjson::SUCCESS && real > -9.2e18 && real < 9.2e18) {
    return static_cast<std::int64_t>(real);
  }
  return 0;
}

std::string JsonView::raw() const {
  if (!exists_) return "null";
  return simdjson::minify(load(element_));
}

}  // namespace kiki
