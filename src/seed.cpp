// `kikimimi seed`: a desk full of made-up cases for measuring and trying out. The same options give the same
// data: time, ids and words come from the seed. Everything goes through the same intake as real posts.

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <iostream>

#include "admin.hpp"
#include "auth/one_time_links.hpp"
#include "auth/passwords.hpp"
#include "auth/sessions.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/random.hpp"
#include "cases/intake.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"
#include "store_url.hpp"

namespace kiki {

namespace {

constexpr std::int64_t kBatchPosts = 10'000;
constexpr std::int64_t kLiveCases = 3'000;  // in how many of the newest cases people still write
constexpr TimeMs kYearMs = 365LL * 24 * 3'600 * 1'000;
constexpr TimeMs kStartMs = 1'730'000'000'000;  // the made-up year begins here

constexpr std::array<std::string_view, 40> kJapanese = {
    "炊飯器", "電源",       "入らない", "昨日",   "届いた", "説明書", "保証",       "修理",
    "お願い", "できますか", "返品",     "交換",   "東京",   "大阪",   "店舗",       "在庫",
    "音",     "静か",       "最高",     "便利",   "温度",   "設定",   "予約",       "タイマー",
    "ふた",   "部品",       "購入",     "領収書", "対応",   "遅い",   "ありがとう", "困って",
    "います", "です",       "が",       "を",     "は",     "に",     "で",         "と"};
constexpr std::array<std::string_view, 40> kEnglish = {
    "rice",  "cooker",  "kettle", "power",    "button", "does",  "not",   "work",     "since", "yesterday",
    "order", "arrived", "broken", "refund",   "please", "help",  "how",   "do",       "I",     "clean",
    "lid",   "love",    "quiet",  "timer",    "wish",   "spare", "parts", "shipping", "late",  "invoice",
    "great", "thanks",  "store",  "warranty", "the",    "a",     "my",    "it",       "and",   "with"};
constexpr std::array<std::string_view, 6> kNetworks = {"x",         "bluesky", "line",
                                                       "instagram", "email",   "mastodon"};

// Words that few posts hold, so that searches have something rare to find.
std::string rare_word(Random& random) {
  static constexpr std::string_view kKanji =
      "海空森林川橋駅港市町村春夏秋冬朝昼夜月星雪雨風花鳥魚犬猫馬牛米麦豆茶酒塩油糖卵乳肉";
  const auto pick = [&] { return kKanji.substr(random.below(kKanji.size() / 3) * 3, 3); };
  std::string word(pick());
  word += pick();
  return word;
}

std::string made_up_text(Random& random, bool japanese) {
  std::string text;
  const auto words = 6 + random.below(18);
  for (std::uint64_t i = 0; i < words; ++i) {
    if (japanese) {
      text += kJapanese[random.below(kJapanese.size())];
      if (random.below(9) == 0) text += "。";
    } else {
      if (i > 0) text += ' ';
      text += kEnglish[random.below(kEnglish.size())];
    }
  }
  if (random.below(4) == 0) text += (japanese ? "" : " ") + rare_word(random);
  return text;
}

// The states of a real desk, by the case's number: nearly all are resolved or dismissed, one in fifty is not.
// Set once nobody writes in these cases any more.
Result<void> set_states(store::Connection& db, Id workspace_id, std::int64_t after, std::int64_t until) {
  TRY(db.run(
      "UPDATE cases SET status = CASE WHEN number % 400 = 0 THEN 'found' WHEN number % 400 = 100 THEN "
      "'snoozed' WHEN number % 100 = 50 THEN 'waiting' WHEN number % 30 = 0 THEN 'dismissed' ELSE 'resolved' "
      "END, origin = CASE WHEN number % 400 = 0 THEN 'found' ELSE 'addressed' END, due_at = NULL, rank_at = "
      "NULL, "
      "promised_from = NULL, reply_from = NULL, reply_due_at = NULL, promise_look_at = NULL, "
      "waiting_since = CASE WHEN number % 400 = 0 THEN waiting_since END, "
      "snoozed_until = CASE WHEN number % 400 = 100 THEN CAST($4 AS BIGINT) END, "
      "resolved_at = CASE WHEN number % 50 <> 0 THEN last_post_at END "
      "WHERE workspace_id = $1 AND number > $2 AND number <= $3 AND number % 400 NOT IN (200, 300)",
      {workspace_id, after, until, kStartMs + 10 * kYearMs}));
  return {};
}

// Some open cases are the owner's own; and the counts, which the intake kept for the states it knew.
Result<void> finish_states(store::Connection& db, Id workspace_id, Id owner_id) {
  TRY(db.run(
      "UPDATE cases SET assignee_id = $2 WHERE workspace_id = $1 AND status = 'open' AND number % 400 = 200",
      {workspace_id, owner_id}));
  TRY(db.run("DELETE FROM case_counts WHERE workspace_id = $1", {workspace_id}));
  TRY(db.run(
      "INSERT INTO case_counts (workspace_id, status, assignee_id, cases) SELECT workspace_id, status, "
      "COALESCE(assignee_id, 0), COUNT(*) FROM cases WHERE workspace_id = $1 GROUP BY workspace_id, status, "
      "COALESCE(assignee_id, 0)",
      {workspace_id}));
  return {};
}

struct MadePost {
  std::int64_t case_number = 0;  // 0, 1, 2 …; the desk counts from one
  std::string external_id;
  std::string thread_id;
  std::string author_id;
  std::string name;
  std::string text;
  TimeMs at = 0;
};

// Makes the posts in the order of their time. Cases open evenly over the year; who writes again does so while
// the case is one of the newest.
class PostMaker {
 public:
  PostMaker(const SeedOptions& options, Id account_id)
      : options_(options), random_(options.seed), prefix_(to_string(account_id) + "/") {}

  MadePost next(TimeMs at) {
    const auto opened_before = opened_;
    // Post n opens a case when cases × n / posts comes to a new whole number.
    opened_ = (made_ + 1) * options_.cases / options_.posts;
    opened_ = std::clamp<std::int64_t>(opened_, std::max<std::int64_t>(opened_before, 1), options_.cases);
    MadePost post;
    const auto live = std::min(opened_, kLiveCases);
    post.case_number =
        opened_ > opened_before
            ? opened_ - 1
            : opened_ - 1 - static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(live)));
    const auto author = post.case_number % std::max<std::int64_t>(options_.cases * 7 / 10, 1);
    post.external_id = prefix_ + std::to_string(made_);
    post.thread_id = prefix_ + "t" + std::to_string(post.case_number);
    post.author_id = prefix_ + "u" + std::to_string(author);
    post.name = "customer " + std::to_string(author);
    post.text = made_up_text(random_, random_.below(3) != 0);
    post.at = at;
    ++made_;
    return post;
  }
  std::int64_t made() const { return made_; }
  // Cases up to this number (as the desk counts) get no more posts.
  std::int64_t settled() const { return std::max<std::int64_t>(opened_ - kLiveCases, 0); }

 private:
  const SeedOptions options_;
  SeededRandom random_;
  const std::string prefix_;
  std::int64_t made_ = 0;
  std::int64_t opened_ = 0;
};

cases::PostFacts facts_of(const MadePost& made, Id workspace_id, Id account_id) {
  cases::PostFacts facts;
  facts.workspace_id = workspace_id;
  facts.account_id = account_id;
  facts.reason = "message";
  facts.network = kNetworks[static_cast<std::size_t>(made.case_number) % kNetworks.size()];
  facts.external_id = made.external_id;
  facts.thread_external_id = made.thread_id;
  facts.author.network = facts.network;
  facts.author.external_id = made.author_id;
  facts.author.handle = made.author_id;
  facts.author.name = made.name;
  facts.text = made.text;
  facts.posted_at = facts.received_at = made.at;
  return facts;
}

}  // namespace

Result<void> seed(const Config& config, const SeedOptions& options) {
  if (options.cases < 1 || options.posts < options.cases)
    return invalid("Expected at least one case, and a post for each.", "--posts");
  std::error_code failed;
  std::filesystem::create_directories(config.text("data"), failed);
  auto db = TRY(store::open({.url = store_url(config), .readers = 2}));

  ManualClock clock(kStartMs);
  SystemRandom secrets;
  IdGenerator ids(clock);
  events::EventBus bus;
  events::EventLog log(bus, clock);
  auth::Passwords passwords;
  auth::Sessions sessions(*db, clock, secrets);
  auth::Users users(*db, clock, ids, passwords, sessions);
  auth::Workspaces workspaces(*db, clock, ids, log);
  auth::OneTimeLinks links(*db, clock, secrets, users, workspaces, sessions);
  if (TRY(users.exist())) return conflict("This desk is not new; seed only fills new ones.");
  const auto made = TRY(links.set_up_locally(
      {.email = "owner@example.com", .name = "Owner", .password = "kikimimi-seed", .language = "en"},
      {.name = "Seed", .time_zone = "Asia/Tokyo", .language = "en"}));
  const Id workspace_id = made.workspace_id;
  const Id account_id = ids.next();
  TRY(db->writer().write([&](store::Transaction& tx) -> Result<void> {
    // Nothing else runs: the writer may remember more of the file than on a live desk.
    if (db->dialect() == store::Dialect::kSqlite) TRY(tx.db().script("PRAGMA cache_size = -512000"));
    TRY(tx.db().run(
        "INSERT INTO accounts (workspace_id, id, network, kind, external_id, handle, name, settings, status, "
        "created_at) "
        "VALUES ($1, $2, 'open', 'account', 'seed', 'Seed', 'Seed', '{\"webhook_url\":\"\"}', 'ok', $3)",
        {workspace_id, account_id, clock.now_ms()}));
    return {};
  }));

  const auto step_ms = std::max<TimeMs>(kYearMs / options.posts, 1);
  PostMaker maker(options, account_id);
  std::int64_t settled = 0;
  while (maker.made() < options.posts) {
    // Everything random is drawn before the transaction: its job may run twice.
    std::vector<MadePost> posts;
    const auto batch = std::min(kBatchPosts, options.posts - maker.made());
    for (std::int64_t i = 0; i < batch; ++i) {
      clock.advance_ms(step_ms);
      posts.push_back(maker.next(clock.now_ms()));
    }
    const auto settle_until = maker.settled();
    TRY(db->writer().write([&](store::Transaction& tx) -> Result<void> {
      cases::Intake intake(tx, log, ids, clock.now_ms());
      for (const auto& post : posts) TRY(intake.post(facts_of(post, workspace_id, account_id)));
      TRY(intake.finish());
      return set_states(tx.db(), workspace_id, settled, settle_until);
    }));
    settled = settle_until;
    std::cout << "\r" << maker.made() << " of " << options.posts << " posts" << std::flush;
  }
  TRY(db->writer().write(
      [&](store::Transaction& tx) { return finish_states(tx.db(), workspace_id, made.user_id); }));
  std::cout << "\nSign in as owner@example.com with the password kikimimi-seed.\n";
  db->close();
  return {};
}

}  // namespace kiki
