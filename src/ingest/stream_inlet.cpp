// The door for a network's public stream, which serves all workspaces at once.
//
// A raw item is journaled once for every workspace that is concerned, as it came: nothing of the workspace is
// in it. Which topics want it is worked out again when it is applied, so that a replay finds what newer
// topics ask for.
//
// A workspace is concerned when the post is by one of its accounts or answers one (then under that account),
// when it holds the post already (an edit, a deletion; under the account it is held), or when a topic wants
// it (under its listener).

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "base/log.hpp"
#include "cases/intake.hpp"
#include "ingest/impl.hpp"
#include "ingest/query_post.hpp"
#include "listening/query/x_rules.hpp"
#include "store/cursors.hpp"

namespace kiki::ingest {
namespace {

constexpr std::size_t kRecentLimit = 50'000;       // offered lately: may not be applied yet
constexpr std::size_t kInFlightLimitJobs = 2'000;  // then offer() waits
constexpr std::int64_t kDrainMs = 120'000;

// "did:plc:abc" of "at://did:plc:abc/app.bsky.feed.post/3k…": ids that are URIs name their author's place
// first.
std::string_view authority_of(std::string_view external_id) {
  const auto scheme = external_id.find("://");
  if (scheme == std::string_view::npos) return {};
  const auto begin = scheme + 3;
  return external_id.substr(begin, external_id.find('/', begin) - begin);
}

using Places = std::map<Id, Id>;  // workspace to account

class PublicStreamInlet final : public channels::StreamInlet {
 public:
  PublicStreamInlet(Ingest::Impl& ingest, std::string_view network)
      : ingest_(ingest), network_(network), cursor_name_("stream." + network_) {}

  ~PublicStreamInlet() override { wait_for_writes(0); }

  bool wants(const channels::StreamPost& post) override {
    if (ingest_.parts().listening.topic_set()->matches(query_post(post, network_))) return true;
    const auto accounts = ingest_.accounts();
    if (!accounts->own(network_, post.author_external_id).empty()) return true;
    if (!post.parent_external_id.empty() &&
        !accounts->own(network_, authority_of(post.parent_external_id)).empty()) {
      return true;
    }
    return knows(post.external_id);
  }

  bool knows(std::string_view external_id) override {
    if (recent_.contains(std::string(external_id))) return true;
    const auto held = held_places(external_id);
    // When the store cannot tell, it is offered; then the error is seen where it can be acted on.
    return !held.ok() || !held->empty();
  }

  Result<void> offer(const channels::StreamPost& post, channels::RawItem item) override {
    const auto places = TRY(places_of(post));
    if (places.empty()) return {};
    remember(post.external_id, places);
    return journal(places, std::move(item));
  }

  Result<void> offer_deletion(std::string_view external_id, channels::RawItem item) override {
    auto places = TRY(held_places(external_id));
    const auto recent = recent_.find(std::string(external_id));
    if (recent != recent_.end()) places.insert(recent->second.begin(), recent->second.end());
    if (places.empty()) return {};
    return journal(places, std::move(item));
  }

  bool knows_author(std::string_view author_external_id, std::string_view posts_prefix) override {
    const auto places = author_places(author_external_id, posts_prefix);
    return !places.ok() || !places->empty();
  }

  Result<void> offer_author(std::string_view author_external_id, std::string_view posts_prefix,
                            channels::RawItem item) override {
    const auto places = TRY(author_places(author_external_id, posts_prefix));
    if (places.empty()) return {};
    return journal(places, std::move(item));
  }

  Result<void> checkpoint(std::string_view cursor_value) override {
    wait_for_writes(0);
    {
      const std::lock_guard lock(mutex_);
      if (failed_) return *failed_;  // what follows the last checkpoint must be read again
    }
    const auto now_ms = ingest_.parts().clock.now_ms();
    return ingest_.parts().db.writer().write([&](store::Transaction& tx) {
      return store::set_cursor(tx, {0, 0, cursor_name_}, cursor_value, now_ms);
    });
  }

  Result<std::string> cursor() override {
    // A new beginning. What was journaled before must be applied, so that knows() knows it.
    TRY(ingest_.drain(kDrainMs));
    wait_for_writes(0);
    {
      const std::lock_guard lock(mutex_);
      failed_.reset();
    }
    auto reader = TRY(ingest_.parts().db.reader());
    return TRY(store::get_cursor(*reader, {0, 0, cursor_name_})).value_or(std::string());
  }

  Result<std::vector<std::string>> rules(std::size_t limit_characters) override {
    auto set = ingest_.parts().listening.topic_set();
    auto accounts = ingest_.accounts();
    if (set == ruled_set_ && accounts == ruled_accounts_ && limit_characters == ruled_limit_) return rules_;
    std::set<std::string> rules;
    set->each_query([&](Id workspace_id, const listening::query::Query& query) {
      if (accounts->listener(workspace_id, network_) == 0) return;
      for (auto& rule : listening::query::to_x_rules(query, limit_characters).rules)
        rules.insert(std::move(rule));
    });
    rules_.assign(rules.begin(), rules.end());
    ruled_set_ = std::move(set);
    ruled_accounts_ = std::move(accounts);
    ruled_limit_ = limit_characters;
    return rules_;
  }

  void health(std::string_view status, std::string_view detail) override {
    if (status_ == status && detail_ == detail) return;
    status_ = status;
    detail_ = detail;
    const auto& parts = ingest_.parts();
    auto stored = parts.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      const auto changed = TRY(tx.db().all(
          "UPDATE accounts SET status = $2, status_detail = $3, status_at = $4 WHERE network = $1 AND kind = "
          "'listener' "
          "AND removed_at IS NULL AND status <> 'paused' AND (status <> $2 OR status_detail <> $3) "
          "RETURNING workspace_id, id",
          {network_, status, detail, parts.clock.now_ms()},
          [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
      for (const auto& [workspace_id, account_id] : changed) {
        events::Event event;
        event.workspace_id = workspace_id;
        event.kind = "account.status";
        event.data =
            R"({"account_id":")" + to_string(account_id) + R"(","status":")" + std::string(status) + "\"}";
        TRY(parts.log.append(tx, std::move(event)));
      }
      return {};
    });
    if (!stored.ok()) log::warning("the stream's status could not be stored", stored.error());
  }

 private:
  Result<Places> held_places(std::string_view external_id) {
    auto reader = TRY(ingest_.parts().db.reader());
    Places places;
    TRY(reader->query("SELECT workspace_id, account_id FROM posts WHERE external_id = $1",
                      std::initializer_list<store::Param>{external_id},
                      [&](const store::Row& row) { places.emplace(row.integer(0), row.integer(1)); }));
    return places;
  }

  // Where the author is a customer, under any account of this network.
  Result<Places> author_places(std::string_view external_id, std::string_view posts_prefix) {
    auto reader = TRY(ingest_.parts().db.reader());
    Places places;
    TRY(
        reader->query("SELECT w.id, MAX(a.id) FROM workspaces w JOIN identities i ON i.workspace_id = w.id "
                      "AND i.network = $1 AND "
                      "i.external_id = $2 JOIN accounts a ON a.workspace_id = w.id AND a.network = $1 AND "
                      "a.removed_at IS NULL "
                      "GROUP BY w.id",
                      std::initializer_list<store::Param>{network_, external_id},
                      [&](const store::Row& row) { places.emplace(row.integer(0), row.integer(1)); }));
    if (posts_prefix.empty()) return places;
    const auto behind = cases::behind_prefix(posts_prefix);
    // In somebody else's thread they may have spoken without being anybody's customer.
    TRY(
        reader->query("SELECT p.workspace_id, MAX(p.account_id) FROM posts p JOIN accounts a ON "
                      "a.workspace_id = p.workspace_id AND a.id = p.account_id AND a.network = $1 AND "
                      "a.removed_at IS NULL "
                      "WHERE p.external_id >= $2 AND p.external_id < $3 GROUP BY p.workspace_id",
                      std::initializer_list<store::Param>{network_, posts_prefix, behind},
                      [&](const store::Row& row) { places.emplace(row.integer(0), row.integer(1)); }));
    return places;
  }

  Result<Places> places_of(const channels::StreamPost& post) {
    Places places;  // the first reason a workspace has decides the account
    const auto accounts = ingest_.accounts();
    for (const auto& account : accounts->own(network_, post.author_external_id)) {
      places.emplace(account->workspace_id, account->id);
    }
    if (!post.parent_external_id.empty()) {
      for (const auto& account : accounts->own(network_, authority_of(post.parent_external_id))) {
        places.emplace(account->workspace_id, account->id);
      }
    }
    for (const auto& [workspace_id, account_id] : TRY(held_places(post.external_id))) {
      places.emplace(workspace_id, account_id);
    }
    const auto facts = ingest_.parts().listening.facts();
    const listening::Writer writer{post.author_external_id, {}, {}, {}};
    for (const auto& match : ingest_.parts().listening.topic_set()->match(query_post(post, network_))) {
      if (places.contains(match.workspace_id) || facts->mutes(match.topic_id, writer)) continue;
      // Only where somebody chose to listen here: topics of a sample day hear nothing of the world.
      const auto listener = accounts->listener(match.workspace_id, network_);
      if (listener != 0) places.emplace(match.workspace_id, listener);
    }
    return places;
  }

  void remember(std::string_view external_id, const Places& places) {
    const auto [place, is_new] = recent_.emplace(std::string(external_id), places);
    if (!is_new) {
      place->second.insert(places.begin(), places.end());
      return;
    }
    recent_order_.push_back(place->first);
    if (recent_order_.size() <= kRecentLimit) return;
    recent_.erase(recent_order_.front());
    recent_order_.pop_front();
  }

  Result<void> journal(const Places& places, channels::RawItem item) {
    auto entries = std::make_shared<std::vector<Entry>>();
    for (const auto& [workspace_id, account_id] : places)
      entries->push_back({workspace_id, account_id, item});
    wait_for_writes(kInFlightLimitJobs);
    {
      const std::lock_guard lock(mutex_);
      if (failed_) return *failed_;
      ++in_flight_;
    }
    ingest_.parts().db.writer().write_async(
        [this, entries](store::Transaction& tx) -> Result<void> {
          TRY(ingest_.journal(tx, *entries, {}));
          return {};
        },
        [this](Result<void> result) {
          const std::lock_guard lock(mutex_);
          if (!result.ok() && !failed_) failed_ = std::move(result).error();
          --in_flight_;
          written_.notify_all();
        });
    return {};
  }

  void wait_for_writes(std::size_t at_most) {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [&] { return in_flight_ <= at_most; });
  }

  Ingest::Impl& ingest_;
  const std::string network_;
  const std::string cursor_name_;
  std::string status_;
  std::string detail_;
  std::unordered_map<std::string, Places> recent_;
  std::deque<std::string> recent_order_;
  std::vector<std::string> rules_;  // of the set, the accounts and the limit below
  std::shared_ptr<const listening::TopicSet> ruled_set_;
  std::shared_ptr<const AccountTable> ruled_accounts_;
  std::size_t ruled_limit_ = 0;
  std::mutex mutex_;
  std::condition_variable written_;
  std::size_t in_flight_ = 0;
  std::optional<Error> failed_;  // nothing is taken on until the reader starts again from its cursor
};

}  // namespace

std::unique_ptr<channels::StreamInlet> make_stream_inlet(Ingest::Impl& ingest, std::string_view network) {
  return std::make_unique<PublicStreamInlet>(ingest, network);
}

}  // namespace kiki::ingest
