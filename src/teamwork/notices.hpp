#pragma once
// Who is told of what happens to a case: its followers, people and teams whom a note mentions, who was given
// a case by somebody else. And a customer who writes to somebody who is away comes to who stands in.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "events/event_log.hpp"
#include "teamwork/actions.hpp"

namespace kiki::teamwork {

// What a batch of events has in common.
struct NoticeMemo {
  std::map<Id, bool> has_followers;  // by workspace
  std::map<Id, std::set<Id>> away;
};
// Each notice has a key of its event, so that reading it again tells nobody twice.
Result<void> tell_of(store::Database& db, const Hands& hands, const events::Event& event, NoticeMemo& memo);

Result<void> follow(store::Database& db, const Hands& hands, Id workspace_id, Id case_id, Id user_id,
                    bool on);
Result<std::vector<Id>> followers(store::Connection& db, Id workspace_id, Id case_id);

struct Named {
  Id id = 0;
  std::string name;
};
// The longest names that stand behind an @ in the text: "@田中 花子さん" means 田中 花子 and not 田中.
std::vector<Id> mentioned(std::string_view text, const std::vector<Named>& names);

// Assigns and says why in one transaction, and tells the receiver.
struct Handover {
  Id workspace_id = 0;
  Id case_id = 0;
  Id actor_id = 0;
  std::optional<Id> user_id;  // one of both
  std::optional<Id> team_id;
  std::string note;
  std::string request_id;  // the same request hands over once
};
Result<cases::CaseRow> hand_over(store::Database& db, const Hands& hands, const Handover& what);
// Takes a case that nobody has; kConflict "taken" when somebody was first.
Result<cases::CaseRow> claim(store::Database& db, const Hands& hands, const cases::Change& change);

struct TagSuggestion {
  std::string tag;
  std::int64_t cases = 0;  // of those that were looked at
  bool similar = false;    // of cases like this one
};
// Tags that begin with `prefix` (folded); without one, first those of cases like this one.
Result<std::vector<TagSuggestion>> suggest_tags(store::Connection& db, Id workspace_id, Id case_id,
                                                std::string_view prefix, int limit);

}  // namespace kiki::teamwork
