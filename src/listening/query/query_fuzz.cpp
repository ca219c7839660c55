// Any bytes: the parser says what is wrong or gives a query; a query prints as a text that gives the same
// query; asking a post with it, whatever the bytes are, stays inside of the text.

#include "base/check.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"

using namespace kiki::listening::query;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view query_text = text.substr(0, text.find('\n'));
  const std::string_view post_text = text.substr(query_text.size());
  const Parsed parsed = parse(query_text);
  CHECK(parsed.query.has_value() == parsed.mistakes.empty());
  for (const Mistake& mistake : parsed.mistakes) {
    CHECK(mistake.bytes.begin <= mistake.bytes.end && mistake.bytes.end <= query_text.size());
    CHECK(mistake.utf16.begin <= mistake.utf16.end);
    CHECK(message_of(mistake).find("query.") != 0);
  }
  if (!parsed.query) return 0;
  const std::string printed = print(*parsed.query);
  const Parsed again = parse(printed);
  CHECK(again.query.has_value() || printed.size() > kQueryLimitCharacters);  // brackets may make it longer
  if (again.query) {
    CHECK(*again.query == *parsed.query);
    CHECK(print(*again.query) == printed);
  }
  if (parsed.query->terms > 50 || post_text.size() > 500) return 0;
  const Evaluation found = evaluate(*parsed.query, Post{.text = post_text});
  for (const auto& mark : found.marks) CHECK(mark.begin < mark.end && mark.end <= post_text.size());
  CHECK(to_utf16(post_text, found.marks).size() == found.marks.size());
  return 0;
}
