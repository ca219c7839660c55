#pragma once
// What the variables of a saved reply stand for in one case.

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "reply/saved/saved_reply.hpp"
#include "store/database.hpp"

namespace kiki::reply {

struct CaseValues {
  Id person_id = 0;
  Id identity_id = 0;  // who wrote the post that is answered
  std::string customer_name;
  std::string customer_handle;
  std::int64_t case_number = 0;
  std::string agent_name;
  std::string agent_initials;
  std::string brand_name;  // the workspace's
  std::string account_name;
  std::string language;  // of the post
  std::string workspace_language;
  std::string post_text;
  std::string visibility;
  std::map<std::string, saved::Asset, std::less<>> assets;  // by key
};

struct ValuesOf {
  Id workspace_id = 0;
  Id case_id = 0;
  Id target_post_id = 0;
  Id account_id = 0;
  Id user_id = 0;
};
// kNotFound when the case or the post is not here, kInvalid when the post belongs to another case.
Result<CaseValues> read_values(store::Connection& db, const ValuesOf& of);
Result<std::vector<saved::Asset>> read_assets(store::Connection& db, Id workspace_id);

struct FilledReply {
  std::string text;
  std::string language;
  std::vector<std::string> missing;
  std::vector<Id> attachment_ids;  // of the pictures it points to
};
FilledReply fill(const saved::Variant& variant, const CaseValues& values);

}  // namespace kiki::reply
