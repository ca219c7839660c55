#pragma once
// One line of an IMAP server with its literals (RFC 9051, section 4), and its words.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::net {

struct ImapLine {
  std::string text;                   // without CRLF; each literal is its "{N}"
  std::vector<std::string> literals;  // in their order
};

// Does a line, without CRLF, announce a literal? Then how many bytes follow.
std::optional<std::uint64_t> announced_literal(std::string_view line);

struct ImapWord {
  enum class Kind : std::uint8_t { kAtom, kString, kOpen, kClose };
  Kind kind = Kind::kAtom;
  std::string text;
};
// kCorrupt for what is no IMAP. An atom keeps its brackets: "BODY[HEADER]".
Result<std::vector<ImapWord>> imap_words(const ImapLine& line);

// "* 12 FETCH (UID 4827 RFC822.SIZE 44827 INTERNALDATE "…" BODY[] {…})"
struct ImapFetched {
  std::uint32_t uid = 0;
  std::uint64_t size_bytes = 0;
  TimeMs received_at = 0;  // 0: not told
  bool has_body = false;
  std::string body;
};
// Nothing when the line is another one.
Result<std::optional<ImapFetched>> read_fetched(const ImapLine& line);

// "17-Jul-1996 02:44:25 -0700"; 0 for what is no such time.
TimeMs read_imap_date(std::string_view text);

}  // namespace kiki::net
