#pragma once
// Mail that no person wrote to us: it must never be answered by a program, and some of it is no work at all.

#include <cstdint>
#include <string>
#include <string_view>

#include "channels/mail/header_words.hpp"

namespace kiki::channels::mail {

enum class Automatic : std::uint8_t {
  kNo,
  kAnswer,  // somebody's absence, a confirmation of receipt: nobody wants an answer to it
  kNotice,  // lists, newsletters, notices of programs: somebody may want to read it, nobody reads an answer
  kForm,    // a program sends what a person typed; the person is in Reply-To
  kReport,  // the mail system about a mail of ours
};
// `sender` is the From address. RFC 3834, RFC 2369, and the habits of programs that know neither.
Automatic judge_automatic(const Headers& headers, std::string_view root_type, std::string_view sender);

}  // namespace kiki::channels::mail
