#include "reply/private_place.hpp"

#include <algorithm>

#include "cases/case_triage.hpp"
#include "text/personal_data.hpp"

namespace kiki::reply {

namespace {

constexpr int kPostsRead = 20;
constexpr int kAnswersCounted = 1'000;

}  // namespace

Result<std::optional<channels::Account>> find_private_place(store::Connection& db,
                                                            const accounts::ChannelByNetwork& channel,
                                                            Id workspace_id,
                                                            const checks::Playbook& playbook) {
  auto accounts = TRY(db.all(
      "SELECT id, network, external_id, handle, name, settings FROM accounts WHERE workspace_id = $1 AND "
      "removed_at IS "
      "NULL AND kind = 'account' AND status <> 'paused' ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, id",
      {workspace_id, playbook.private_account_id}, [&](const store::Row& row) {
        channels::Account account;
        account.workspace_id = workspace_id;
        account.id = row.integer(0);
        account.network = row.string(1);
        account.kind = "account";
        account.external_id = row.string(2);
        account.handle = row.string(3);
        account.name = row.string(4);
        account.settings = row.string(5);
        return account;
      }));
  for (auto& account : accounts) {
    const auto* network = channel(account.network);
    if (network != nullptr && network->descriptor().capabilities.private_link &&
        !network->private_place(account, "x").empty()) {
      return std::optional(std::move(account));
    }
  }
  return std::optional<channels::Account>();
}

Result<std::int64_t> count_our_answers(store::Connection& db, Id workspace_id, Id case_id) {
  const auto count = TRY(
      db.one("SELECT COUNT(*) FROM (SELECT 1 FROM posts WHERE workspace_id = $1 AND case_id = $2 AND "
             "direction = 'out' AND deleted_at IS NULL LIMIT $3) few",
             {workspace_id, case_id, kAnswersCounted}, [](const store::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

Result<std::vector<std::string>> reasons_for_private(store::Connection& db, Id workspace_id, Id case_id,
                                                     const checks::Rules& rules) {
  std::vector<std::string> reasons;
  static const text::OrderNumbers none;
  const auto& order_numbers = rules.order_numbers ? *rules.order_numbers : none;
  const auto& playbook = rules.playbook;
  bool has_personal_data = false;
  bool has_order_number = false;
  std::int64_t answers = 0;
  const store::Param params[] = {workspace_id, case_id, kPostsRead};
  TRY(
      db.query("SELECT p.direction, p.text FROM posts p JOIN conversations c ON c.workspace_id = "
               "p.workspace_id AND c.id = "
               "p.conversation_id WHERE p.workspace_id = $1 AND p.case_id = $2 AND c.visibility = 'public' "
               "AND p.deleted_at IS "
               "NULL AND p.direction IN ('in', 'out') ORDER BY p.posted_at DESC, p.id DESC LIMIT $3",
               params, [&](const store::Row& row) {
                 if (row.text(0) == "out") {
                   ++answers;
                   return;
                 }
                 for (const auto& found : text::find_personal_data(row.text(1), order_numbers)) {
                   if (found.kind == text::PersonalDataKind::kOrderNumber) {
                     has_order_number = true;
                   } else {
                     has_personal_data = true;
                   }
                 }
               }));
  if (playbook.personal_data && has_personal_data) reasons.emplace_back("personal_data");
  if (playbook.order_complaint && has_order_number) {
    const auto triage =
        TRY(db.one("SELECT triage FROM cases WHERE workspace_id = $1 AND id = $2", {workspace_id, case_id},
                   [](const store::Row& row) { return row.string(0); }));
    if (triage && !triage->empty() && cases::parse_triage(*triage).kind == triage::Kind::kComplaint)
      reasons.emplace_back("order_complaint");
  }
  if (playbook.exchanges > 0 && answers >= playbook.exchanges) reasons.emplace_back("exchanges");
  return reasons;
}

}  // namespace kiki::reply
