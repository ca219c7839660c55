#pragma once
// What a visitor of the web chat sends, and the item that goes to the journal. The visitor's side is a page
// of ours, but whoever can reach it can send anything.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "channels/contract/incoming.hpp"

namespace kiki::channels::chat {

inline constexpr std::size_t kTextMostCharacters = 4'000;
inline constexpr std::size_t kMessageMostBytes = 32 * 1024;  // the whole body
inline constexpr std::size_t kMessageIdMostBytes = 64;
inline constexpr std::size_t kFilesMost = 4;  // of a message
inline constexpr std::size_t kNameMostBytes = 200;
inline constexpr std::size_t kEmailMostBytes = 254;
inline constexpr std::size_t kUrlMostBytes = 2'000;
inline constexpr std::size_t kWordMostBytes = 200;  // of a private link

// As the page sends it.
struct VisitorMessage {
  std::string id;  // chosen by the page: the same message twice is one
  std::string text;
  std::vector<Id> files;
  std::string name;
  std::string email;
  std::string language;
  std::string page;
  std::string continues;
};
// kInvalid with the place of the fault.
Result<VisitorMessage> read_visitor_message(std::string_view body);
// Letters, digits, - and _: what a page may choose as an id.
bool is_message_id(std::string_view id);
// "a@b.c" that has a place in a mail's header; false for "".
bool is_email(std::string_view text);

struct VisitorFile {
  Id id = 0;
  std::string content_type;
  std::int64_t bytes = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};
// What the desk learns of it.
struct Arrival {
  Id visitor_id = 0;
  std::string message_id;
  std::string text;
  std::vector<VisitorFile> files;
  std::string name;  // never empty: the desk gives one to who told none
  std::string email;
  std::string proven_user;  // the brand's own id of them, by its signed token; "": nobody proved it
  std::string language;
  std::string page;
  std::string continues;
};
std::string to_item(const Arrival& arrival);
Result<IncomingPost> read_item(Id account_id, JsonView item, TimeMs received_at);

// Ids in the desk.
std::string visitor_key(Id account_id, Id visitor_id);
std::string message_key(Id account_id, Id visitor_id, std::string_view message_id);
std::string answer_key(Id account_id, Id outbox_id);
// The visitor of "42/v/7", when the account is 42; else 0.
Id visitor_of(Id account_id, std::string_view key);

// They saw an answer: {"external_id", "kind"}.
std::string to_receipt(std::string_view external_id, std::string_view kind);

}  // namespace kiki::channels::chat
