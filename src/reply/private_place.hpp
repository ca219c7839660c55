#pragma once
// The private place that links lead to, and when the playbook offers it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.hpp"
#include "channels/contract/channel.hpp"
#include "reply/checks/rules.hpp"
#include "store/database.hpp"

namespace kiki::reply {

// The playbook's account, else the first that has a place; nothing when none has.
Result<std::optional<channels::Account>> find_private_place(store::Connection& db,
                                                            const accounts::ChannelByNetwork& channel,
                                                            Id workspace_id,
                                                            const checks::Playbook& playbook);

// Why to offer it in this case, by the playbook: "personal_data", "order_complaint", "exchanges". Only what
// was written in public counts.
Result<std::vector<std::string>> reasons_for_private(store::Connection& db, Id workspace_id, Id case_id,
                                                     const checks::Rules& rules);

// How often we answered in this case so far: said beside the composer, before it annoys.
Result<std::int64_t> count_our_answers(store::Connection& db, Id workspace_id, Id case_id);

}  // namespace kiki::reply
