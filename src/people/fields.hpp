#pragma once
// Fields that a desk adds to its customers: "Customer number", "Birthday", "Contract". Each has a kind, and a
// value is held to it. A field that was taken away keeps its values: put back under its id, it shows them
// again.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "store/database.hpp"

namespace kiki::people {

inline constexpr std::size_t kFieldsLimit = 50;
inline constexpr std::size_t kFieldNameLimitBytes = 200;
inline constexpr std::size_t kChoicesLimit = 100;
inline constexpr std::size_t kValueLimitBytes = 2'000;

enum class FieldKind : std::uint8_t { kText, kNumber, kDate, kYesNo, kChoice, kLink, kEmail, kPhone };
std::string_view name(FieldKind kind);  // "yes_no"

struct Field {
  Id id = 0;
  std::string name;
  FieldKind kind = FieldKind::kText;
  std::vector<std::string> choices;  // kChoice
};
struct FieldSet {
  std::int64_t version = 0;  // 0: none was ever set
  std::vector<Field> fields;
};

Result<FieldSet> read_fields(store::Connection& db, Id workspace_id);
// {"version", "fields": [{"id" or null, "name", "kind", "choices"}]}. kConflict "changed" when somebody else
// changed them since; the kind of a field stays.
Result<FieldSet> save_fields(store::Transaction& tx, IdGenerator& ids, Id workspace_id, Id actor_id,
                             TimeMs now_ms, JsonView wanted);

// A value as JSON text, or what is wrong with it.
Result<std::string> checked_value(const Field& field, JsonView value);

boost::json::object to_json(const FieldSet& set);

}  // namespace kiki::people
