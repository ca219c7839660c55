#include "people/find_again.hpp"

#include "base/log.hpp"
#include "people/contacts.hpp"
#include "people/people.hpp"
#include "search/rebuild.hpp"
#include "search/search_index.hpp"
#include "store/meta.hpp"

namespace kiki::people {

namespace {

constexpr std::string_view kReached = "people.indexed";  // the last identity, or kDone
constexpr std::string_view kDone = "all";
constexpr int kAtOnce = 500;

struct Known {
  Id workspace_id = 0;
  Identity identity;
};

// The next ones after `reached`; nothing when there are none.
Result<std::optional<Id>> index_some(store::Transaction& tx, Id reached) {
  const auto some =
      TRY(tx.db().all("SELECT workspace_id, id, external_id, handle, name, bio FROM identities WHERE id > $1 "
                      "ORDER BY id LIMIT $2",
                      {reached, kAtOnce}, [](const store::Row& row) {
                        Known known;
                        known.workspace_id = row.integer(0);
                        known.identity.id = row.integer(1);
                        known.identity.external_id = row.string(2);
                        known.identity.handle = row.string(3);
                        known.identity.name = row.string(4);
                        known.identity.bio = row.string(5);
                        return known;
                      }));
  if (some.empty()) return std::optional<Id>();
  for (const auto& [workspace_id, identity] : some) {
    TRY(search::index_identity(tx, workspace_id, identity.id, identity.name, identity.handle));
    TRY(write_contacts(tx, workspace_id, "identity", identity.id, keys_of(identity), false));
  }
  return std::optional(some.back().identity.id);
}

}  // namespace

Result<void> index_known_people(store::Database& db) {
  bool told = false;
  while (true) {
    const auto more = TRY(db.writer().write_result([&](store::Transaction& tx) -> Result<bool> {
      const auto stored = TRY(store::get_meta(tx.db(), kReached));
      if (stored == kDone) return false;
      Id reached = 0;
      if (stored) {
        reached = parse_id(*stored).value_or(0);
      } else {
        TRY(search::forget_all_identities(tx));
      }
      const auto next = TRY(index_some(tx, reached));
      TRY(store::set_meta(tx, kReached, next ? to_string(*next) : std::string(kDone)));
      return next.has_value();
    }));
    if (!more) return {};
    if (!told) log::info("customers are indexed by name, once");
    told = true;
  }
}

}  // namespace kiki::people
