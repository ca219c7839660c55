#include "promises/books.hpp"

#include <boost/json.hpp>
#include <list>
#include <mutex>
#include <set>
#include <unordered_map>

namespace kiki::promises {

namespace {

constexpr std::size_t kRememberedBooks = 500;
constexpr std::int64_t kVersionsKept = 200;

struct Stored {
  std::int64_t version = 0;
  std::string body;
  std::string zone;  // of the workspace
};

Result<Stored> read_newest(store::Connection& db, Id workspace_id, std::string_view kind) {
  const auto stored =
      TRY(db.one("SELECT d.version, d.body, w.time_zone FROM workspaces w LEFT JOIN promise_documents d ON "
                 "d.workspace_id = w.id AND d.kind = $2 WHERE w.id = $1 ORDER BY d.version DESC LIMIT 1",
                 {workspace_id, kind},
                 [](const store::Row& row) { return Stored{row.integer(0), row.string(1), row.string(2)}; }));
  return stored.value_or(Stored{0, "", "UTC"});
}

TimeZone zone_or_utc(const std::string& name) {
  auto zone = TimeZone::find(name);
  return zone.ok() ? *zone : TimeZone::find("UTC").value();
}

// Parsed books by their text: a text means the same in every database.
class Memo {
 public:
  std::shared_ptr<const Book> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = books_.find(key);
    return found == books_.end() ? nullptr : found->second;
  }
  void keep(const std::string& key, std::shared_ptr<const Book> book) {
    const std::lock_guard lock(mutex_);
    if (!books_.emplace(key, std::move(book)).second) return;
    order_.push_back(key);
    if (order_.size() <= kRememberedBooks) return;
    books_.erase(order_.front());
    order_.pop_front();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Book>> books_;
  std::list<std::string> order_;
};

}  // namespace

Result<std::shared_ptr<const Book>> read_book(store::Connection& db, Id workspace_id) {
  static Memo memo;
  const auto stored = TRY(read_newest(db, workspace_id, "book"));
  const auto key = std::to_string(stored.version) + stored.zone + '\n' + stored.body;
  if (auto known = memo.find(key)) return known;
  Book book;
  if (stored.version == 0) {
    book = first_book(zone_or_utc(stored.zone));
  } else {
    const auto document = TRY(JsonDocument::parse(stored.body));
    book = TRY(parse_book(document.root()));
  }
  book.version = stored.version;
  auto shared = std::make_shared<const Book>(std::move(book));
  memo.keep(key, shared);
  return std::shared_ptr<const Book>(std::move(shared));
}

Result<RosterVersion> read_roster(store::Connection& db, Id workspace_id) {
  const auto stored = TRY(read_newest(db, workspace_id, "roster"));
  if (stored.version == 0) return RosterVersion{0, {zone_or_utc(stored.zone), {}, {}}};
  const auto document = TRY(JsonDocument::parse(stored.body));
  return RosterVersion{stored.version, TRY(parse_roster(document.root()))};
}

Result<std::vector<Version>> read_history(store::Connection& db, Id workspace_id, int limit) {
  return db.all(
      "SELECT version, changed_at, changed_by, body FROM promise_documents WHERE workspace_id = $1 AND kind "
      "= 'book' "
      "ORDER BY version DESC LIMIT $2",
      {workspace_id, limit}, [](const store::Row& row) {
        return Version{row.integer(0), row.integer(1), row.integer(2), row.string(3)};
      });
}

Result<std::int64_t> Books::save(store::Transaction& tx, const BookChange& change, std::string_view kind,
                                 const std::string& body) {
  const auto stored = TRY(read_newest(tx.db(), change.workspace_id, kind));
  if (stored.version != change.version)
    return conflict("Somebody else has changed this since you opened it.", "changed");
  const auto version = stored.version + 1;
  const auto inserted = TRY(
      tx.db().run("INSERT INTO promise_documents (workspace_id, kind, version, body, changed_at, changed_by) "
                  "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, kind, version) DO NOTHING",
                  {change.workspace_id, kind, version, body, clock_.now_ms(), change.actor_id}));
  if (inserted == 0) return conflict("Somebody else has changed this since you opened it.", "changed");
  TRY(tx.db().run("DELETE FROM promise_documents WHERE workspace_id = $1 AND kind = $2 AND version <= $3",
                  {change.workspace_id, kind, version - kVersionsKept}));
  events::Event event;
  event.workspace_id = change.workspace_id;
  event.kind = kind == "book" ? "promises.changed" : "roster.changed";
  event.actor_id = change.actor_id;
  event.data = R"({"version":)" + std::to_string(version) + "}";
  TRY(log_.append(tx, std::move(event)));
  return version;
}

Result<std::int64_t> Books::save(const BookChange& change, const Book& book) {
  const auto body = json::serialize(to_json(book));
  return db_.writer().write_result([&](store::Transaction& tx) { return save(tx, change, "book", body); });
}

Result<std::int64_t> Books::save(const BookChange& change, const Roster& roster) {
  const auto body = json::serialize(to_json(roster));
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
    const auto members =
        TRY(tx.db().all("SELECT user_id FROM memberships WHERE workspace_id = $1", {change.workspace_id},
                        [](const store::Row& row) { return row.integer(0); }));
    const std::set<Id> here(members.begin(), members.end());
    for (std::size_t i = 0; i < roster.shifts.size(); ++i) {
      if (!here.contains(roster.shifts[i].user_id))
        return invalid("is not a member of this workspace", "/shifts/" + std::to_string(i) + "/user_id");
    }
    for (std::size_t i = 0; i < roster.leaves.size(); ++i) {
      const auto& leave = roster.leaves[i];
      const auto place = "/leaves/" + std::to_string(i);
      if (!here.contains(leave.user_id))
        return invalid("is not a member of this workspace", place + "/user_id");
      if (leave.substitute_id && !here.contains(*leave.substitute_id))
        return invalid("is not a member of this workspace", place + "/substitute_id");
    }
    return save(tx, change, "roster", body);
  });
}

}  // namespace kiki::promises
