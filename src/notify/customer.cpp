#include "notify/customer.hpp"

#include <boost/json.hpp>

namespace kiki::notify {

Result<void> name_customer(store::Connection& db, Id workspace_id, boost::json::object& data) {
  if (!data.contains("of_customer")) return {};
  struct Customer {
    std::string name;
    std::string title;
  };
  const auto* id = data.if_contains("case_id");
  const auto case_id = id != nullptr && id->is_string() ? parse_id(id->get_string()) : std::nullopt;
  const auto customer = TRY(db.one(
      "SELECT CASE WHEN COALESCE(i.name, '') <> '' THEN i.name ELSE COALESCE(i.handle, '') END, c.title, "
      "CASE WHEN EXISTS (SELECT 1 FROM posts p WHERE p.workspace_id = c.workspace_id AND p.case_id = c.id "
      "AND "
      "p.direction = 'in' AND p.deleted_at IS NULL) THEN 1 ELSE 0 END FROM cases c LEFT JOIN identities i ON "
      "i.workspace_id = "
      "c.workspace_id AND i.id = c.identity_id WHERE c.workspace_id = $1 AND c.id = $2",
      {workspace_id, case_id.value_or(0)}, [](const store::Row& row) {
        return row.boolean(2) ? Customer{row.string(0), row.string(1)} : Customer{{}, row.string(1)};
      }));
  data["name"] = customer ? customer->name : std::string();
  if (data.contains("escalation_id")) data["title"] = customer ? customer->title : std::string();
  return {};
}

}  // namespace kiki::notify
