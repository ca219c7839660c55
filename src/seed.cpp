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

namespace kiki {

namespace {

constexpr std::int64_t kBatchPosts = 2'000;
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
                                                       "instagram", "mail",    "mastodon"};

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

// Most cases of a year are done; what is open is what came last.
Result<void> set_states(store::Connection& db, Id workspace_id, TimeMs end_ms) {
  TRY(
      db.run("UPDATE cases SET status = CASE WHEN number % 30 = 0 THEN 'dismissed' ELSE 'resolved' END, "
             "due_at = NULL, "
             "waiting_since = NULL, resolved_at = last_post_at WHERE workspace_id = $1 AND number % 50 <> 0",
             {workspace_id}));
  TRY(db.run(
      "UPDATE cases SET status = 'waiting', due_at = NULL, waiting_since = NULL WHERE workspace_id = $1 AND "
      "number % 50 = 0 AND number % 100 <> 0",
      {workspace_id}));
  TRY(db.run("UPDATE cases SET status = 'found', due_at = NULL WHERE workspace_id = $1 AND number % 400 = 0",
             {workspace_id}));
  TRY(db.run(
      "UPDATE cases SET status = 'snoozed', due_at = NULL, snoozed_until = $2 WHERE workspace_id = $1 AND "
      "number % 400 = 100",
      {workspace_id, end_ms + 10 * kYearMs}));
  TRY(db.run("DELETE FROM case_counts WHERE workspace_id = $1", {workspace_id}));
  TRY(db.run(
      "INSERT INTO case_counts (workspace_id, status, assignee_id, cases) SELECT workspace_id, status, "
      "COALESCE(assignee_id, 0), COUNT(*) FROM cases WHERE workspace_id = $1 GROUP BY workspace_id, status, "
      "COALESCE(assignee_id, 0)",
      {workspace_id}));
  return {};
}

}  // namespace

Result<void> seed(const Config& config, const SeedOptions& options) {
  if (options.cases < 1 || options.posts < options.cases)
    return invalid("Expected at least one case, and a post for each.", "--posts");
  std::error_code failed;
  std::filesystem::create_directories(config.text("data"), failed);
  const auto& url = config.text("store.url");
  const auto file = std::filesystem::absolute(config.text("data")) / "kikimimi.db";
  auto db = TRY(store::open({.url = url.empty() ? "sqlite://" + file.string() : url, .readers = 2}));

  ManualClock clock(kStartMs);
  SystemRandom secrets;
  SeededRandom random(options.seed);
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
    TRY(tx.db().run(
        "INSERT INTO accounts (workspace_id, id, network, kind, external_id, handle, name, settings, status, "
        "created_at) "
        "VALUES ($1, $2, 'open', 'account', 'seed', 'Seed', 'Seed', '{\"webhook_url\":\"\"}', 'ok', $3)",
        {workspace_id, account_id, clock.now_ms()}));
    return {};
  }));

  const auto step_ms = std::max<TimeMs>(kYearMs / options.posts, 1);
  const auto prefix = to_string(account_id) + "/";
  std::int64_t done = 0;
  while (done < options.posts) {
    const auto batch = std::min(kBatchPosts, options.posts - done);
    // Everything random is drawn before the transaction: its job may run twice.
    struct Made {
      std::int64_t number, case_number;
      std::string external_id, thread_id, author_id, name, text, extra;
      TimeMs at;
    };
    std::vector<Made> posts;
    for (std::int64_t i = 0; i < batch; ++i) {
      const auto number = done + i;
      const auto case_number =
          number < options.cases
              ? number
              : static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(options.cases)));
      const auto author = case_number % std::max<std::int64_t>(options.cases * 7 / 10, 1);
      clock.advance_ms(step_ms);
      posts.push_back({number, case_number, prefix + std::to_string(number),
                       prefix + "t" + std::to_string(case_number), prefix + "u" + std::to_string(author),
                       "customer " + std::to_string(author), made_up_text(random, random.below(3) != 0), "{}",
                       clock.now_ms()});
    }
    TRY(db->writer().write([&](store::Transaction& tx) -> Result<void> {
      cases::Intake intake(tx, log, ids, clock.now_ms());
      for (const auto& made_post : posts) {
        cases::PostFacts facts;
        facts.workspace_id = workspace_id;
        facts.account_id = account_id;
        facts.reason = "message";
        facts.network = kNetworks[static_cast<std::size_t>(made_post.case_number) % kNetworks.size()];
        facts.external_id = made_post.external_id;
        facts.thread_external_id = made_post.thread_id;
        facts.author.network = facts.network;
        facts.author.external_id = made_post.author_id;
        facts.author.handle = made_post.author_id;
        facts.author.name = made_post.name;
        facts.text = made_post.text;
        facts.extra = made_post.extra;
        facts.posted_at = facts.received_at = made_post.at;
        TRY(intake.post(facts));
      }
      return intake.finish();
    }));
    done += batch;
    if (done % (kBatchPosts * 50) == 0 || done == options.posts) {
      std::cout << "\r" << done << " of " << options.posts << " posts" << std::flush;
    }
  }
  std::cout << "\nSetting states …" << std::endl;
  TRY(db->writer().write(
      [&](store::Transaction& tx) { return set_states(tx.db(), workspace_id, clock.now_ms()); }));
  std::cout << "Sign in as owner@example.com with the password kikimimi-seed.\n";
  db->close();
  return {};
}

}  // namespace kiki
