#pragma once
// JSON. What comes in is parsed by simdjson behind JsonDocument, with limits and with the place of every
// fault; what goes out is Boost.JSON (include <boost/json.hpp> in the .cpp, <boost/json/fwd.hpp> in headers).

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace kiki {

namespace json = boost::json;

struct JsonLimits {
  std::size_t bytes = 1 << 20;
  std::size_t depth = 32;
};

// A value inside a JsonDocument; valid while the document lives. Carries its JSON pointer for errors.
class JsonView {
 public:
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_null() const;  // also: absent
  bool exists() const;
  // A missing member is a view that does not exist; asking it for a value names the place.
  JsonView operator[](std::string_view key) const;
  std::size_t size() const;  // of an array; 0 otherwise
  // Array elements in order; stops at the first error f returns.
  Result<void> each(const std::function<Result<void>(JsonView)>& f) const;
  Result<void> each_member(const std::function<Result<void>(std::string_view key, JsonView)>& f) const;

  // Required values: the error names the pointer and what was expected ("/text: expected a string").
  Result<std::string> string(std::size_t max_bytes = 1 << 20) const;
  Result<std::string_view> view() const;  // string bytes without a copy
  Result<std::int64_t> integer() const;
  Result<double> number() const;
  Result<bool> boolean() const;
  // Optional ones: the default when absent or null, an error when of another type.
  Result<std::string> string_or(std::string_view otherwise, std::size_t max_bytes = 1 << 20) const;
  Result<std::int64_t> integer_or(std::int64_t otherwise) const;
  Result<bool> boolean_or(bool otherwise) const;
  // Lenient reading of what networks send: the default for anything else.
  std::string_view text(std::string_view otherwise = {}) const;
  std::int64_t number_or_zero() const;

  // This value's JSON text, minified.
  std::string raw() const;
  const std::string& pointer() const { return pointer_; }

 private:
  friend class JsonDocument;
  const void* element_[2] = {nullptr, nullptr};  // a simdjson::dom::element, opaque here
  bool exists_ = false;
  std::string pointer_;
};

class JsonDocument {
 public:
  // kInvalid with the byte offset as `where` for malformed JSON or UTF-8; kTooLarge over a limit.
  static Result<JsonDocument> parse(std::string_view text, JsonLimits limits = {});
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();
  JsonView root() const;

 private:
  struct Impl;
  explicit JsonDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki
