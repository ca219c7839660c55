// Any bytes: a document or an error with a place, and both parsers agree. What is read back can be written
// and read again.

#include "base/json.hpp"

using namespace kiki;

namespace {

Result<void> walk(const JsonView& view, std::size_t depth) {
  CHECK(depth <= 40);
  (void)view.number_or_zero();
  (void)view.text();
  (void)view.integer();
  (void)view.number();
  (void)view.boolean();
  if (view.is_array()) {
    std::size_t count = 0;
    TRY(view.each([&](JsonView item) {
      ++count;
      return walk(item, depth + 1);
    }));
    CHECK(count == view.size());
  }
  if (view.is_object()) {
    TRY(view.each_member([&](std::string_view key, JsonView item) {
      CHECK(view[key].exists());
      return walk(item, depth + 1);
    }));
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = JsonDocument::parse(text);
  if (!document.ok()) {
    CHECK(document.error().where.starts_with("byte "));
    CHECK(std::stoull(document.error().where.substr(5)) <= text.size());
    return 0;
  }
  CHECK(walk(document->root(), 0).ok());
  const std::string raw = document->root().raw();
  const auto again = JsonDocument::parse(raw, {raw.size() + 1, 33});
  CHECK(again.ok());
  CHECK(again->root().raw() == raw);
  return 0;
}
