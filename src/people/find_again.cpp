#include "people/find_again.hpp"

#include "base/log.hpp"
#include "people/contacts.hpp"
#include "people/people.hpp"
#include "search/rebuild.hpp"
#include "search/search_index.hpp"
#include "store/meta.hpp"

namespace kiki::people {

namespace {

constexpr std::string_view kReached = "people.indexed";  // "WORKSPACE/IDENTITY", the last one, or kDone
constexpr std::string_view kDone = "all";
constexpr int kAtOnce = 500;

struct Known {
  Id workspace_id = 0;
  Identity identity;
};

// In the order of the table's key, so that each step reads only its own rows.
struct Place {
  Id workspace_id = 0;
  Id identity_id = 0;
};

std::string to_text(const Place& place) {
  return to_string(place.workspace_id) + "/" + to_string(place.identity_id);
}
Place read_place(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  return {parse_id(text.substr(0, slash)).value_or(0), parse_id(text.substr(slash + 1)).value_or(0)};
}

// The next ones after `reached`; nothing when there are none.
Result<std::optional<Place>> index_some(store::Transaction& tx, const Place& reached) {
  const auto some =
      TRY(tx.db().all("SELECT workspace_id, id, external_id, handle, name, bio FROM identities WHERE "
                      "(workspace_id, id) > ($1, $2) ORDER BY workspace_id, id LIMIT $3",
                      {reached.workspace_id, reached.identity_id, kAtOnce}, [](const store::Row& row) {
                        Known known;
                        known.workspace_id = row.integer(0);
                        known.identity.id = row.integer(1);
                        known.identity.external_id = row.string(2);
                        known.identity.handle = row.string(3);
                        known.identity.name = row.string(4);
                        known.identity.bio = row.string(5);
                        return known;
                      }));
  if (some.empty()) return std::optional<Place>();
  for (const auto& [workspace_id, identity] : some) {
    TRY(search::index_identity(tx, workspace_id, identity.id, identity.name, identity.handle));
    TRY(write_contacts(tx, workspace_id, "identity", identity.id, keys_of(identity), false));
  }
  return std::optional(Place{some.back().workspace_id, some.back().identity.id});
}

}  // namespace

Result<void> index_known_people(store::Database& db) {
  bool told = false;
  while (true) {
    const auto more = TRY(db.writer().write_result([&](store::Transaction& tx) -> Result<bool> {
      const auto stored = TRY(store::get_meta(tx.db(), kReached));
      if (stored == kDone) return false;
      Place reached;
      if (stored) {
        reached = read_place(*stored);
      } else {
        TRY(search::forget_all_identities(tx));
      }
      const auto next = TRY(index_some(tx, reached));
      TRY(store::set_meta(tx, kReached, next ? to_text(*next) : std::string(kDone)));
      return next.has_value();
    }));
    if (!more) return {};
    if (!told) log::info("customers are indexed by name, once");
    told = true;
  }
}

}  // namespace kiki::people
