#pragma once
// Which cases: for saved views and for rules. A list of conditions that must all hold, each met by any of its
// values.
//
//   [{"field": "network", "values": ["bluesky"]}, {"field": "tag", "not": true, "values": ["done"]}]
//
// They become one SQL condition over the case as it is now, so a view and a rule that say the same mean the
// same. Only the words of posts and the opening hours are looked at afterwards (is_exact).

#include <boost/json/fwd.hpp>
#include <list>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "model/case_status.hpp"
#include "store/database.hpp"

namespace kiki::teamwork {

inline constexpr std::size_t kConditionsMost = 30;
inline constexpr std::size_t kValuesMost = 100;
inline constexpr TimeMs kSoonMs = 30 * 60'000;  // due "soon"

struct Condition {
  std::string field;
  bool negated = false;
  std::vector<std::string> values;
};
using Conditions = std::vector<Condition>;

Result<Conditions> parse_conditions(JsonView list);  // kInvalid with the place
json::array to_json(const Conditions& conditions);

// A statement that is put together; its values live as long as it does.
class Sql {
 public:
  std::string text;
  std::string bind(std::int64_t number) {
    params_.emplace_back(number);
    return "$" + std::to_string(params_.size());
  }
  std::string bind(std::string value) {
    params_.emplace_back(std::string_view(kept_.emplace_back(std::move(value))));
    return "$" + std::to_string(params_.size());
  }
  store::Params params() const { return params_; }

 private:
  std::vector<store::Param> params_;
  std::list<std::string> kept_;
};

struct Asker {
  Id workspace_id = 0;
  Id user_id = 0;  // whom "me" and "mine" mean; 0: nobody
  TimeMs now_ms = 0;
};

// " AND …" over the alias "c" of cases; "" for none.
std::string sql_of(const Conditions& conditions, const Asker& asker, Sql& sql);
// Is that SQL all there is to say?
bool is_exact(const Conditions& conditions);
// The rest of it for one case; with a post, its words are that post's, otherwise those of all the customer
// wrote.
Result<bool> rest_holds(store::Connection& db, const Conditions& conditions, const Asker& asker, Id case_id,
                        Id post_id = 0);
// Everything, for one case.
Result<bool> holds(store::Connection& db, const Conditions& conditions, const Asker& asker, Id case_id,
                   Id post_id = 0);
// The states its cases may be in: what a condition on status says, else open alone.
std::vector<model::CaseStatus> statuses_of(const Conditions& conditions);

}  // namespace kiki::teamwork
