#pragma once
// Customers: an identity is a customer on one network, a person holds one or several of them.
// A person is made with the first post of an identity; joining.hpp joins persons and takes them apart.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::people {

inline constexpr std::size_t kNameLimitBytes = 1'000;
inline constexpr std::size_t kNoteLimitBytes = 20'000;
inline constexpr std::size_t kGroupLimitBytes = 200;
inline constexpr std::size_t kGroupsLimit = 30;
inline constexpr std::size_t kCustomerIdLimitBytes = 200;

// What a post or a profile page tells about somebody. Views must live until the call returns.
struct IdentityFacts {
  std::string_view network;
  std::string_view external_id;
  std::string_view handle;
  std::string_view name;        // empty: not told
  std::string_view avatar_url;  // empty: not told
  std::string_view bio;
  std::optional<std::int64_t> followers;
  std::string_view url;
  bool full_profile = false;  // bio and followers are meaningful
  // The customer's number at the brand, as the brand itself proved it to the channel (a linked account, a
  // signed visitor); never what somebody merely wrote. Empty: not told.
  std::string_view customer_id;
};

struct Identity {
  Id id = 0;
  Id person_id = 0;
  std::string network;
  std::string external_id;
  std::string handle;
  std::string name;
  std::string avatar_url;
  std::string bio;
  std::optional<std::int64_t> followers;
  std::string url;
  TimeMs profile_at = 0;    // when the network's page was read; 0: only what came with a post
  std::string relation;     // to us: following, blocked; "" = not told
  std::string customer_id;  // at the brand, proven by the channel; "" = not told
};

struct Person {
  Id id = 0;
  std::string name;
  std::string note;
  std::int64_t case_count = 0;
  TimeMs created_at = 0;
  std::vector<Identity> identities;
  std::vector<std::string> groups;   // the desk's own: VIP …
  std::map<Id, std::string> values;  // by field (fields.hpp), JSON
  std::string customer_id;           // at the brand, as the desk wrote it down; "" = not written

  // What the desk wrote, else what a channel proved; "" when nobody knows it.
  const std::string& known_customer_id() const;
};

struct Known {
  Id identity_id = 0;
  Id person_id = 0;
  bool changed = false;    // something a screen shows is different now
  bool page_read = false;  // the network's page was read, now or earlier
};

// Finds the identity and brings it up to date, or makes it together with its person.
Result<Known> upsert_identity(store::Transaction& tx, IdGenerator& ids, Id workspace_id,
                              const IdentityFacts& facts, TimeMs now_ms);
Result<std::optional<Identity>> find_identity(store::Connection& db, Id workspace_id,
                                              std::string_view network, std::string_view external_id);
Result<std::optional<Identity>> read_identity(store::Connection& db, Id workspace_id, Id identity_id);
// Who somebody is now: they themselves, or who they were joined into. kNotFound when there is none in this
// workspace.
Result<Id> current_person(store::Connection& db, Id workspace_id, Id person_id);
// The same with everything. kNotFound as well.
Result<Person> read_person(store::Connection& db, Id workspace_id, Id person_id);

// The contacts (contacts.hpp) that an identity shows, and those that the desk wrote about a person.
std::vector<std::string> keys_of(const Identity& identity);
Result<void> write_contacts_of_person(store::Transaction& tx, Id workspace_id, Id person_id);
// What the company's system said of them was said before something that it may know them by was known.
Result<void> forget_facts(store::Transaction& tx, Id workspace_id, Id person_id);

// As `Person` and `Identity` in types.ts.
boost::json::object to_json(const Person& person);
boost::json::object to_json(const Identity& identity);

// Asks the network for somebody's page; nothing = the network does not know them any more, or cannot tell.
// The strings in the answer belong to the answer.
struct Profile {
  std::string handle;
  std::string name;
  std::string avatar_url;
  std::string bio;
  std::optional<std::int64_t> followers;
  std::string url;
};
using ProfileSource =
    std::function<Result<std::optional<Profile>>(Id workspace_id, const Identity& identity)>;

class People {
 public:
  People(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}
  void set_profile_source(ProfileSource source) { profile_source_ = std::move(source); }  // at start-up only
  // Somebody's groups changed: promises may differ by them. In the same transaction; at start-up only.
  using Regrouped = std::function<Result<void>(store::Transaction&, Id workspace_id, Id person_id)>;
  void on_regrouped(Regrouped regrouped) { regrouped_ = std::move(regrouped); }

  struct Patch {
    std::optional<std::string> name;
    std::optional<std::string> note;
    std::optional<std::vector<std::string>> groups;
    std::map<Id, std::optional<std::string>> values;  // checked JSON (fields.hpp); nothing: taken away
    std::optional<std::string> customer_id;           // "": taken away
  };
  Result<Person> read(Id workspace_id, Id person_id);
  Result<Person> patch(Id workspace_id, Id person_id, Id actor_id, const Patch& patch);
  // Asks each identity's network and stores what they answer; a network that fails keeps nobody from asking
  // the others, and is named in the result.
  struct Unasked {
    std::string network;
    Error error;
  };
  struct Refreshed {
    Person person;
    std::vector<Unasked> failed;
  };
  Result<Refreshed> refresh(Id workspace_id, Id person_id, Id actor_id);

 private:
  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  ProfileSource profile_source_;
  Regrouped regrouped_;
};

}  // namespace kiki::people
