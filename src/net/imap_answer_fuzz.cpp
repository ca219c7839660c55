// What an IMAP server says, as bytes: the first line is the line, the rest its literals.
#include <cstddef>
#include <cstdint>

#include "net/imap_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto end = all.find('\n');
  kiki::net::ImapLine line{std::string(all.substr(0, end)), {}};
  if (end != std::string_view::npos) line.literals.emplace_back(all.substr(end + 1));
  (void)kiki::net::announced_literal(line.text);
  (void)kiki::net::imap_words(line).ok();
  (void)kiki::net::read_fetched(line).ok();
  (void)kiki::net::read_imap_date(line.text);
  return 0;
}
