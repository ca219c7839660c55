#pragma once
// For tests: a desk with one workspace, one account and one listener of a network that speaks simple JSON.
//
//   {"id":"p1","rev":"1","parent":"","thread":"t1","author":"anna","text":"…","at":1000,"dir":"in","reason":"mention"}
//   {"delete":"p1","at":2000}     {"broken":true} until fixed()     {"profile":"anna","bio":"…"}
//   {"gone":"anna"}     {"receipt":"p1","kind":"failed"}     {"relation":"anna","is":"blocked"}

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "cases/cases.hpp"
#include "ingest/ingest.hpp"
#include "store/test_store.hpp"

namespace kiki::ingest {

class ScriptedChannel : public channels::Channel {
 public:
  ScriptedChannel() {
    descriptor_.network = "paper";
    descriptor_.mark = "P";
    descriptor_.capabilities.public_reply = true;
    descriptor_.capabilities.listens = true;
    descriptor_.capabilities.thread_context = true;
  }
  std::atomic<bool> is_fixed{false};

  const channels::Descriptor& descriptor() const override { return descriptor_; }
  Result<std::vector<channels::Incoming>> parse(const channels::Account&, const channels::RawItem& item,
                                                TimeMs received_at) const override {
    auto document = TRY(JsonDocument::parse(item.body));
    const auto root = document.root();
    if (root["broken"].exists() && !is_fixed)
      return Error{ErrorKind::kCorrupt, "not understood", "/broken", {}, 0};
    std::vector<channels::Incoming> incoming;
    if (root["posts"].is_array()) {
      TRY(root["posts"].each([&](JsonView one) -> Result<void> {
        incoming.push_back(TRY(read_one(one, received_at)));
        return {};
      }));
    } else {
      incoming.push_back(TRY(read_one(root, received_at)));
    }
    return incoming;
  }

  Result<channels::Connected> connect(const std::vector<std::pair<std::string, std::string>>&,
                                      std::stop_token) override {
    return internal_error("not scripted");
  }
  Result<void> read(const channels::Account&, channels::AccountState&, channels::Inlet&,
                    std::stop_token) override {
    return {};
  }
  std::string choose_key(const channels::Account&, const channels::Outgoing&) override { return {}; }
  std::string planned_external_id(const channels::Account&, const channels::Outgoing&) const override {
    return {};
  }
  Result<channels::Sent> send(const channels::Account&, channels::AccountState&, const channels::Outgoing&,
                              std::vector<channels::Delivery>&, std::stop_token) override {
    return internal_error("not scripted");
  }
  Result<std::optional<channels::Sent>> look_up(const channels::Account&, channels::AccountState&,
                                                const channels::Outgoing&, std::stop_token) override {
    return internal_error("not scripted");
  }
  Result<bool> is_visible(const channels::Account&, channels::AccountState&, const channels::Outgoing&,
                          const channels::Sent&, std::stop_token) override {
    return internal_error("not scripted");
  }
  Result<std::vector<channels::RawItem>> thread(const channels::Account&, channels::AccountState&,
                                                std::string_view, std::stop_token) override {
    return std::vector<channels::RawItem>();
  }
  Result<std::optional<channels::Author>> profile(const channels::Account&, channels::AccountState&,
                                                  std::string_view, std::stop_token) override {
    return std::optional<channels::Author>();
  }

 private:
  static Result<channels::Incoming> read_one(JsonView root, TimeMs received_at) {
    if (root["delete"].exists()) {
      return channels::Incoming(
          channels::IncomingDeletion{TRY(root["delete"].string()), TRY(root["at"].integer_or(received_at))});
    }
    if (root["gone"].exists()) {
      return channels::Incoming(channels::IncomingAuthorGone{"", TRY(root["gone"].string()),
                                                             TRY(root["at"].integer_or(received_at)),
                                                             std::string(root["prefix"].text())});
    }
    if (root["receipt"].exists()) {
      return channels::Incoming(channels::IncomingReceipt{
          TRY(root["receipt"].string()), std::string(root["kind"].text()), std::string(root["detail"].text()),
          TRY(root["at"].integer_or(received_at))});
    }
    if (root["relation"].exists()) {
      return channels::Incoming(channels::IncomingRelation{author_of(root["relation"].text()),
                                                           std::string(root["is"].text()),
                                                           TRY(root["at"].integer_or(received_at))});
    }
    if (root["profile"].exists()) {
      channels::IncomingProfile profile;
      profile.author = author_of(root["profile"].text());
      profile.author.bio = root["bio"].text();
      profile.author.full_profile = true;
      return channels::Incoming(profile);
    }
    channels::IncomingPost post;
    post.external_id = TRY(root["id"].string());
    post.revision = root["rev"].text();
    post.parent_external_id = root["parent"].text();
    post.thread_external_id = root["thread"].text();
    if (post.thread_external_id.empty()) post.thread_external_id = post.external_id;
    post.author = author_of(root["author"].text("anna"));
    post.text = TRY(root["text"].string_or(""));
    post.posted_at = TRY(root["at"].integer_or(received_at));
    const auto direction = root["dir"].text("in");
    post.direction = direction == "in"    ? channels::Direction::kIn
                     : direction == "out" ? channels::Direction::kOut
                                          : channels::Direction::kContext;
    post.reason = root["reason"].text("mention");
    if (root["picture"].exists())
      post.attachments.push_back({"image", std::string(root["picture"].text()), "", "", "", 0, 0});
    if (root["file"].exists()) {
      channels::Attachment file;
      file.kind = "file";
      file.reference = root["file"].text();
      post.attachments.push_back(std::move(file));
    }
    return channels::Incoming(std::move(post));
  }
  static channels::Author author_of(std::string_view id) {
    channels::Author author;
    author.network = "paper";
    author.external_id = id;
    author.handle = std::string(id) + ".example";
    author.name = id;
    return author;
  }

 protected:
  channels::Descriptor descriptor_;
};

class TestDesk {
 public:
  static constexpr Id kWorkspace = 1;
  static constexpr Id kAccount = 11;
  static constexpr Id kUser = 21;
  static constexpr Id kViewer = 22;

  explicit TestDesk(store::TestStore& store) : store_(store), bus_(std::make_unique<events::EventBus>()) {
    bus_->subscribe([this](const events::Event& event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(event);
    });
    must(db().writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(
          tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Bakery', 0) ON CONFLICT "
                      "(id) DO NOTHING",
                      {kWorkspace}));
      for (const Id user : {kUser, kViewer}) {
        TRY(tx.db().run(
            "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, 'Agent', '', 0) "
            "ON CONFLICT (id) DO NOTHING",
            {user, "agent" + to_string(user) + "@example.jp"}));
        TRY(tx.db().run(
            "INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, 0) "
            "ON CONFLICT (workspace_id, user_id) DO NOTHING",
            {kWorkspace, user, user == kUser ? "agent" : "viewer"}));
      }
      TRY(tx.db().run(
          "INSERT INTO accounts (workspace_id, id, network, kind, external_id, handle, status, created_at) "
          "VALUES ($1, $2, 'paper', 'account', 'did:us', 'us.example', 'ok', 0) "
          "ON CONFLICT (workspace_id, id) DO NOTHING",
          {kWorkspace, kAccount}));
      return {};
    }));
    begin();
  }
  ~TestDesk() { end(); }

  // Starts everything on the store as it is; end() and begin() are a restart.
  void begin() {
    log_ = std::make_unique<events::EventLog>(*bus_, clock);
    listening = std::make_unique<listening::Listening>(db(), *log_, ids_, clock);
    must(listening->load());
    cases = std::make_unique<cases::Cases>(db(), *log_, ids_, clock);
    ingest = std::make_unique<Ingest>(Parts{db(), *log_, ids_, clock, *listening,
                                            [this](std::string_view network) -> const channels::Channel* {
                                              return network == "paper" ? &channel : nullptr;
                                            }});
    must(ingest->start());
  }
  void end() { ingest.reset(); }

  static void must(const Result<void>& result) {
    if (!result.ok()) ADD_FAILURE() << result.error().message << " " << result.error().where;
  }
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message + " " + result.error().where);
    return std::move(result).value();
  }

  void offer(const std::string& body) { offer_all({body}); }
  void offer_all(const std::vector<std::string>& bodies, Id account_id = kAccount) {
    std::vector<Entry> entries;
    for (const auto& body : bodies) entries.push_back({kWorkspace, account_id, {"paper", body}});
    must(ingest->accept(std::move(entries)));
  }
  void settle() { must(ingest->drain(60'000)); }
  void take(const std::string& body) {
    offer(body);
    settle();
  }

  std::int64_t number(std::string_view sql, std::initializer_list<store::Param> params = {}) {
    auto reader = must(db().reader());
    auto value = must(reader->one(sql, params, [](const store::Row& row) { return row.integer(0); }));
    return value.value_or(-1);
  }
  std::string text(std::string_view sql, std::initializer_list<store::Param> params = {}) {
    auto reader = must(db().reader());
    auto value = must(reader->one(sql, params, [](const store::Row& row) { return row.string(0); }));
    return value.value_or("(none)");
  }
  // The case in which a post stands.
  cases::CaseRow case_of(std::string_view external_id) {
    const auto id = number("SELECT case_id FROM posts WHERE external_id = $1", {external_id});
    auto reader = must(db().reader());
    return must(cases::read_row(*reader, kWorkspace, id));
  }
  cases::Change change(const cases::CaseRow& row) { return {kWorkspace, row.id, kUser, row.version}; }

  // Writes our answer as the reply stage does; the post's id.
  Id reply(const cases::CaseRow& row, std::string_view target, std::string external_id = {}) {
    cases::OurReply ours;
    ours.workspace_id = kWorkspace;
    ours.case_id = row.id;
    ours.post_id = ids_.next();
    ours.account_id = kAccount;
    ours.target_post_id = number("SELECT id FROM posts WHERE external_id = $1", {target});
    ours.author_user_id = kUser;
    ours.external_id = std::move(external_id);
    ours.text = "Thank you";
    must(db().writer().write([&](store::Transaction& tx) { return cases->record_reply(tx, ours); }));
    return ours.post_id;
  }
  Result<void> write(const store::Writer::Job& job) { return db().writer().write(job); }

  // case_counts equals a count of the cases.
  void expect_counts_are_right() {
    auto reader = must(db().reader());
    const auto read = [](const store::Row& row) {
      return row.string(0) + "/" + std::to_string(row.integer(1)) + "=" + std::to_string(row.integer(2));
    };
    const auto kept =
        must(reader->all("SELECT status, assignee_id, cases FROM case_counts WHERE workspace_id = $1 AND "
                         "cases <> 0 ORDER BY status, assignee_id",
                         {kWorkspace}, read));
    const auto counted = must(
        reader->all("SELECT status, COALESCE(assignee_id, 0), COUNT(*) FROM cases WHERE workspace_id = $1 "
                    "GROUP BY status, COALESCE(assignee_id, 0) ORDER BY status, COALESCE(assignee_id, 0)",
                    {kWorkspace}, read));
    EXPECT_EQ(kept, counted);
  }

  std::vector<std::string> event_kinds() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> kinds;
    for (const auto& event : events_) kinds.push_back(event.kind);
    return kinds;
  }
  void forget_events() {
    const std::lock_guard lock(mutex_);
    events_.clear();
  }

  store::Database& db() { return store_.db(); }
  events::EventLog& log() { return *log_; }
  store::TestStore& store_;
  ManualClock clock;
  ScriptedChannel channel;
  std::unique_ptr<listening::Listening> listening;
  std::unique_ptr<cases::Cases> cases;
  std::unique_ptr<Ingest> ingest;

 private:
  std::mutex mutex_;
  std::vector<events::Event> events_;
  std::unique_ptr<events::EventBus> bus_;
  std::unique_ptr<events::EventLog> log_;
  IdGenerator ids_{clock};
};

}  // namespace kiki::ingest
