#pragma once
// Links into a private place that bring their case along. A link is a random word of 256 bits, kept as its
// hash only: it cannot be guessed, forged or read back, and it says nothing by itself. Whoever comes by it
// first is who it stands for; for everybody else, and after its time, it opens a conversation of their own
// and nothing of the other's.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::cases {

inline constexpr std::size_t kLinkTokenLimitBytes = 200;

struct PrivateLink {
  Id workspace_id = 0;
  Id id = 0;
  Id case_id = 0;
  Id account_id = 0;
  Id outbox_id = 0;
  bool was_public = false;  // everybody could read the reply that carries it
  Id created_by = 0;
  TimeMs expires_at = 0;
  Id identity_id = 0;     // who came by it; 0: nobody yet
  TimeMs offered_at = 0;  // when the reply that carries it had left; 0: it has not yet
};

// Stores the link and returns its token, which nobody can read again.
Result<std::string> make_private_link(store::Transaction& tx, IdGenerator& ids, const PrivateLink& link,
                                      TimeMs now_ms);
// The reply that carries it has left: now the private place was offered, and the case says so. Once.
Result<void> offer_private_links(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id outbox_id,
                                 TimeMs now_ms);
// The reply that carries it was taken back.
Result<void> drop_private_links(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id outbox_id,
                                Id actor_id);
// In any workspace. Nothing for a token that was never given; one that has expired is found.
Result<std::optional<PrivateLink>> find_private_link(store::Connection& db, std::string_view token);

struct TakenLink {
  Id case_id = 0;  // of the link; 0: there is no such link in this workspace
  // Why it is not theirs: expired, account (it is another one's), used (by somebody else).
  std::string_view refused;
};
// Somebody came by it. When it is not theirs its case is told. `wrote_at`: when they wrote what they came
// with; the timeline says that they came before it.
Result<TakenLink> take_private_link(store::Transaction& tx, events::EventLog& log, Id workspace_id,
                                    Id account_id, std::string_view token, Id identity_id, TimeMs wrote_at,
                                    TimeMs now_ms);
Result<void> note_conversation(store::Transaction& tx, Id workspace_id, std::string_view token,
                               Id conversation_id);

}  // namespace kiki::cases
