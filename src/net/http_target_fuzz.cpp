// Foreign bytes as a request: head, target, query, cookies, chunked body. What is accepted must be
// unambiguous.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "net/http_head.hpp"
#include "net/http_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::net;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  if (const auto target = parse_target(bytes); target.ok()) {
    CHECK(target->path.starts_with('/'));
    CHECK(target->path.find("//") == std::string::npos);
    CHECK((target->path + "/").find("/../") == std::string::npos);
    CHECK((target->path + "/").find("/./") == std::string::npos);
    CHECK(target->path.find('\0') == std::string::npos);
    CHECK(is_utf8(target->path));
  }

  // Whole or byte by byte, the scanner finds the same end.
  constexpr std::size_t kLimit = 16 * 1024;
  HeadScanner whole;
  const auto length = whole.scan(bytes, kLimit);
  HeadScanner slow;
  std::size_t found = 0;
  for (std::size_t n = 1; n <= size && n < 4'096 && found == 0 && !slow.fault(); ++n)
    found = slow.scan(bytes.substr(0, n), kLimit);
  if (size < 4'096) CHECK(found == length && slow.fault().has_value() == whole.fault().has_value());
  if (length == 0) return 0;

  HttpHead head;
  if (parse_head(bytes.substr(0, length), head)) return 0;
  CHECK(!(head.chunked && head.content_length > 0));
  CHECK(head.request.path.starts_with('/'));
  (void)head.request.cookie("kiki_session");
  (void)head.request.query_value("q");
  if (!head.chunked) return 0;
  std::string body;
  ChunkDecoder chunks(1'000);
  const auto rest = bytes.substr(length);
  const auto taken = chunks.feed(rest, body);
  CHECK(taken <= rest.size() && body.size() <= 1'000);
  std::string same;
  ChunkDecoder again(1'000);
  for (std::size_t i = 0; i < rest.size() && !again.done() && !again.fault(); ++i)
    again.feed(rest.substr(i, 1), same);
  CHECK(again.done() == chunks.done() && same == body);
  return 0;
}
