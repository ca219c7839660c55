// A colleague whom the customer, or we, wrote to as well (a mail's Cc) writes into the same thread: the same
// need, so the same case, as another participant. Who was not named there joins nothing, whatever thread they
// quote: threads can be quoted by anybody who was ever forwarded one.
#include <algorithm>
#include <boost/json.hpp>

#include "cases/intake.hpp"

namespace kiki::cases {
namespace {

constexpr std::int64_t kConversationsLimit = 20;
constexpr std::int64_t kPostsLimit = 200;
constexpr std::size_t kThreadsLimit = 20;

bool names(std::string_view extra, std::string_view address) {
  if (extra.find("\"receivers\"") == std::string_view::npos) return false;
  boost::system::error_code error;
  const auto told = boost::json::parse(extra, error);
  if (error || !told.is_object()) return false;
  const auto* receivers = told.get_object().if_contains("receivers");
  if (receivers == nullptr || !receivers->is_array()) return false;
  const auto& list = receivers->get_array();
  return std::any_of(list.begin(), list.end(), [&](const boost::json::value& one) {
    const auto* told_address = one.is_object() ? one.get_object().if_contains("address") : nullptr;
    return told_address != nullptr && told_address->is_string() &&
           std::string_view(told_address->get_string()) == address;
  });
}

}  // namespace

Result<std::optional<Intake::Place>> Intake::joining_place(const PostFacts& facts, Id identity_id) {
  if (!facts.is_private || facts.author.external_id.empty()) return std::optional<Place>();
  const auto threads = facts.joins.first(std::min(facts.joins.size(), kThreadsLimit));
  // Their own conversation, under an older name of the thread.
  for (const auto& thread : threads) {
    const auto own =
        TRY(db().one("SELECT id, case_id FROM conversations WHERE workspace_id = $1 AND external_id = $2 AND "
                     "identity_id = $3",
                     {facts.workspace_id, thread, identity_id},
                     [](const store::Row& row) { return Place{row.integer(0), row.integer(1)}; }));
    if (own) return own;
  }
  for (const auto& thread : threads) {
    const auto conversations =
        TRY(db().all("SELECT id, case_id FROM conversations WHERE workspace_id = $1 AND external_id = $2 AND "
                     "account_id = $3 AND visibility = 'private' ORDER BY created_at DESC, id DESC LIMIT $4",
                     {facts.workspace_id, thread, facts.account_id, kConversationsLimit},
                     [](const store::Row& row) { return Place{row.integer(0), row.integer(1)}; }));
    for (const auto& place : conversations) {
      const auto named = TRY(db().all(
          "SELECT extra FROM posts WHERE workspace_id = $1 AND case_id = $2 AND conversation_id = $3 AND "
          "direction IN ('in', 'out') AND deleted_at IS NULL ORDER BY posted_at DESC, id DESC LIMIT $4",
          {facts.workspace_id, place.case_id, place.conversation_id, kPostsLimit},
          [&](const store::Row& row) { return names(row.text(0), facts.author.external_id); }));
      if (std::find(named.begin(), named.end(), true) == named.end()) continue;
      auto there = facts;
      there.thread_external_id = thread;
      return std::optional(TRY(add_conversation(there, identity_id, place.case_id)));
    }
  }
  return std::optional<Place>();
}

}  // namespace kiki::cases
