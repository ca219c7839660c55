#pragma once
// Everything that happened in a case, in order: posts of all its conversations, notes, and decisions as
// one-line facts; and, greyed, what others wrote in the same threads.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "model/direction.hpp"
#include "store/database.hpp"

namespace kiki::cases {

struct TimelineAuthor {
  Id identity_id = 0;  // 0: none
  Id user_id = 0;      // 0: none
  std::string name;
  std::string handle;
  std::string avatar_url;
};

struct TimelinePost {
  Id id = 0;
  TimeMs at = 0;
  Id case_id = 0;  // another one's for a post of the same thread
  Id conversation_id = 0;
  Id account_id = 0;
  std::string network;
  model::Direction direction = model::Direction::kIn;
  std::string reason;
  TimelineAuthor author;
  std::string text;
  std::string marks;      // JSON
  std::string topic_ids;  // JSON
  std::string language;
  std::string url;
  std::string extra;  // JSON
  std::optional<TimeMs> edited_at;
  std::optional<TimeMs> deleted_at;
  std::string external_id;
};

struct TimelineNote {
  Id id = 0;
  TimeMs at = 0;
  TimelineAuthor author;
  std::string text;
  bool deleted = false;
};

struct TimelineFact {
  std::int64_t seq = 0;
  TimeMs at = 0;
  std::string kind;      // of the event
  TimelineAuthor actor;  // user_id 0: the network or the desk itself
  std::string data;      // JSON
};

using TimelineItem = std::variant<TimelinePost, TimelineNote, TimelineFact>;

// Place in the order. Posts come before notes, notes before facts of the same millisecond.
struct TimelinePlace {
  TimeMs at = 0;
  int rank = 0;  // 0 post, 1 note, 2 fact
  std::int64_t id = 0;
  friend auto operator<=>(const TimelinePlace&, const TimelinePlace&) = default;
};
TimelinePlace place_of(const TimelineItem& item);

struct TimelineQuery {
  Id workspace_id = 0;
  Id case_id = 0;
  std::optional<TimelinePlace> before;  // older than this; nothing: from the newest
  std::optional<TimelinePlace> after;   // newer than this, oldest first; wins over before
  int limit = 50;
};
struct TimelinePage {
  std::vector<TimelineItem> items;      // oldest first
  std::optional<TimelinePlace> before;  // older items: ask with this; nothing: none
};
// kNotFound when there is no such case in this workspace.
Result<TimelinePage> read_timeline(store::Connection& db, const TimelineQuery& query);

struct ConversationRow {
  Id id = 0;
  Id account_id = 0;
  std::string network;
  std::string visibility;
  std::string external_id;
  std::string name;  // of the account it came through
};
Result<std::vector<ConversationRow>> read_conversations(store::Connection& db, Id workspace_id, Id case_id);

// Different people who wrote in the case's threads, besides us.
Result<std::int64_t> count_participants(store::Connection& db, Id workspace_id, Id case_id);

// The person's other cases, newest first.
struct EarlierCase {
  Id id = 0;
  std::int64_t number = 0;
  std::string title;
  std::string status;
  std::string network;
  TimeMs last_post_at = 0;
};
Result<std::vector<EarlierCase>> read_earlier_cases(store::Connection& db, Id workspace_id, Id person_id,
                                                    Id except_case_id);

// The customer's newest post in each conversation of the case: what a reply would answer.
struct ReplyTarget {
  Id post_id = 0;
  Id conversation_id = 0;
  Id account_id = 0;
  std::string visibility;
  TimeMs posted_at = 0;
  std::string reply_closed;  // why the network takes no answer to it; "" = it does
  std::string receivers;     // JSON array as the channel told them; "": none told
};
Result<std::vector<ReplyTarget>> read_reply_targets(store::Connection& db, Id workspace_id, Id case_id);

}  // namespace kiki::cases
