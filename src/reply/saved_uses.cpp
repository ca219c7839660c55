#include "reply/saved_uses.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "cases/case_triage.hpp"
#include "reply/saved_replies.hpp"

namespace kiki::reply {

Result<std::map<Id, SavedUses>> read_saved_uses(store::Connection& db, Id workspace_id) {
  std::map<Id, SavedUses> all;
  std::map<std::string, std::string, std::less<>> kind_of;  // most cases say the same in the same words
  TRY(db.query(
      "SELECT u.saved_reply_id, k.id, k.number, k.title, k.triage FROM (SELECT saved_reply_id, case_id, "
      "outbox_id FROM "
      "saved_reply_uses WHERE workspace_id = $1 ORDER BY outbox_id DESC LIMIT $2) u JOIN cases k ON "
      "k.workspace_id = $1 "
      "AND k.id = u.case_id ORDER BY u.outbox_id DESC",
      std::initializer_list<store::Param>{workspace_id, kUsesCounted}, [&](const store::Row& row) {
        auto& uses = all[row.integer(0)];
        const Id case_id = row.integer(1);
        const bool shown = std::ranges::find(uses.latest, case_id, &SavedUses::Case::id) != uses.latest.end();
        if (!shown && uses.latest.size() < kLatestShown)
          uses.latest.push_back({case_id, row.integer(2), row.string(3)});
        const auto triage = row.text(4);
        if (triage.empty()) return;  // never judged
        auto known = kind_of.find(triage);
        if (known == kind_of.end())
          known = kind_of.emplace(triage, triage::name(cases::parse_triage(triage).kind)).first;
        const auto kind = std::ranges::find(uses.kinds, known->second, &SavedUses::Kind::name);
        if (kind != uses.kinds.end()) {
          ++kind->count;
        } else {
          uses.kinds.push_back({known->second, 1});
        }
      }));
  for (auto& [id, uses] : all) {
    std::ranges::stable_sort(uses.kinds, std::greater<>(), &SavedUses::Kind::count);
    if (uses.kinds.size() > kKindsShown) uses.kinds.resize(kKindsShown);
  }
  return all;
}

boost::json::object to_json(const SavedUses& uses) {
  boost::json::array kinds;
  for (const auto& kind : uses.kinds)
    kinds.push_back(boost::json::object{{"kind", kind.name}, {"count", kind.count}});
  boost::json::array latest;
  for (const auto& one : uses.latest) {
    latest.push_back(
        boost::json::object{{"case_id", to_string(one.id)}, {"number", one.number}, {"title", one.title}});
  }
  return {{"kinds", std::move(kinds)}, {"latest", std::move(latest)}};
}

}  // namespace kiki::reply
