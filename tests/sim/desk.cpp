#include "desk.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/check.hpp"
#include "cases/intake.hpp"

namespace kiki::sim {

namespace fs = std::filesystem;

namespace {

// Memory, where the system has such a place: the simulation is about order, not about disks.
fs::path new_directory() {
  const fs::path base = fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string name = (base / "kikimimi-sim-XXXXXX").string();
  CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

std::unique_ptr<store::Database> open_store(const fs::path& file) {
  return must(store::open({.url = "sqlite://" + file.string(), .readers = 1}), "open");
}

}  // namespace

void must(const Result<void>& result, std::string_view what) {
  if (result.ok()) return;
  std::fprintf(stderr, "%.*s: %s (%s, %s)\n", static_cast<int>(what.size()), what.data(),
               result.error().message.c_str(), result.error().where.c_str(), result.error().code.c_str());
  std::abort();
}

fs::path SimDesk::make_template(int agents) {
  const auto directory = new_directory();
  auto db = open_store(directory / "desk.db");
  must(db->writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Sim', 0)", {kWorkspace}));
    TRY(
        tx.db().run("INSERT INTO accounts (workspace_id, id, network, external_id, handle, status, "
                    "created_at) VALUES ($1, $2, "
                    "'sim', 'us', 'us', 'ok', 0)",
                    {kWorkspace, kAccount}));
    for (Id user = kFirstAgent; user < kFirstAgent + agents; ++user) {
      TRY(tx.db().run(
          "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, 'Agent', '', 0)",
          {user, "agent" + to_string(user) + "@example.com"}));
      TRY(tx.db().run(
          "INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $2, 'agent', 0)",
          {kWorkspace, user}));
    }
    return {};
  }),
       "template");
  db->close();
  return directory;
}

SimDesk::SimDesk(const fs::path& copy_of, std::uint64_t seed, TimeMs start_ms, const Faults& faults)
    : random(seed), clock(start_ms), directory_(new_directory()) {
  fs::copy_file(copy_of / "desk.db", directory_ / "desk.db");
  real_ = open_store(directory_ / "desk.db");
  mortal_ = std::make_unique<MortalStore>(*real_, random, faults.death_one_in);
  network =
      std::make_unique<SimNetwork>(random, faults.network_one_in, faults.death_one_in, random.below(2) == 0);
  restart();
  deaths = 0;
}

SimDesk::~SimDesk() {
  rules.reset();
  acts.reset();
  sender.reset();
  replies.reset();
  real_.reset();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void SimDesk::restart() {
  ++deaths;
  const auto by_network = [this](std::string_view name) -> channels::Channel* {
    return name == "sim" ? network.get() : nullptr;
  };
  const auto state_of = [](Id, Id) -> std::unique_ptr<channels::AccountState> {
    return std::make_unique<NoState>();
  };
  rules.reset();
  acts.reset();
  sender.reset();
  replies.reset();
  cases = std::make_unique<cases::Cases>(*mortal_, log, ids, clock);
  keeper = std::make_unique<cases::PromiseKeeper>(*mortal_, log, clock);
  next_case = std::make_unique<cases::NextCase>(*mortal_, clock);
  accounts = std::make_unique<accounts::Accounts>(
      accounts::Parts{*mortal_, log, ids, clock, by_network, state_of, {}});
  checks = std::make_unique<reply::ReplyChecks>(*mortal_, log, clock, by_network, nullptr);
  replies = std::make_unique<reply::Replies>(
      reply::Parts{*mortal_, log, ids, clock, *cases, by_network, [] {}, *checks});
  sender = std::make_unique<delivery::Sender>(
      delivery::SenderParts{*mortal_, log, ids, clock, random, *cases, *accounts, by_network, state_of},
      delivery::SenderOptions{.tries = 6});
  presence = std::make_unique<live::PresenceRegistry>(clock);
  acts = std::make_unique<teamwork::Acts>(
      *mortal_, teamwork::Hands{*cases, log, ids, clock,
                                [](store::Transaction&, const notify::Notice&) { return Result<void>(); }});
  rules = std::make_unique<teamwork::Rules>(*mortal_, *acts);
  // A start may die as well: then there is another one.
  while (true) {
    try {
      must(sender->recover(), "recover");
      return;
    } catch (const Died&) {
      ++deaths;
    }
  }
}

void SimDesk::heal() {
  mortal_->heal();
  network->heal();
}

Result<void> SimDesk::take(const InPost& post) {
  return db().writer().write([&](store::Transaction& tx) -> Result<void> {
    cases::Intake intake(tx, log, ids, clock.now_ms());
    cases::PostFacts facts;
    facts.workspace_id = kWorkspace;
    facts.account_id = kAccount;
    facts.reason = "mention";
    facts.network = "sim";
    facts.external_id = post.external_id;
    facts.revision = "1";
    facts.thread_external_id = post.thread;
    facts.author.network = "sim";
    facts.author.external_id = post.customer;
    facts.author.handle = post.customer;
    facts.author.name = post.customer;
    facts.text = post.text;
    facts.language = "en";
    facts.posted_at = post.posted_at;
    facts.received_at = clock.now_ms();
    TRY(intake.post(facts));
    return intake.finish();
  });
}

Result<void> SimDesk::work_due() {
  TRY(cases->wake_snoozed(clock.now_ms()));
  TRY(keeper->notice(clock.now_ms()));
  // What a round makes due again (looked up, sent, seen) is done in the same minute.
  for (int round = 0; round < 4; ++round) {
    if (TRY(sender->run_due()) == 0) break;
  }
  return {};
}

std::optional<TimeMs> SimDesk::next_due() {
  auto reader = must(calm_db().reader(), "reader");
  const auto next = must(
      reader->one(
          "SELECT MIN(at) FROM (SELECT MIN(next_at) AS at FROM outbox WHERE next_at IS NOT NULL UNION ALL "
          "SELECT MIN(snoozed_until) FROM cases WHERE snoozed_until IS NOT NULL UNION ALL SELECT "
          "MIN(promise_look_at) FROM cases WHERE promise_look_at IS NOT NULL)",
          {}, [](const store::Row& row) { return row.maybe_integer(0); }),
      "next due");
  return next ? *next : std::nullopt;
}

void SimDesk::set_book(const std::string& json) {
  const auto document = must(JsonDocument::parse(json), "book");
  const auto book = must(promises::parse_book(document.root()), "book");
  promises::Books books(calm_db(), log, clock);
  auto reader = must(calm_db().reader(), "reader");
  const auto known = must(promises::read_book(*reader, kWorkspace), "book");
  must(books.save({kWorkspace, kFirstAgent, known->version}, book), "book");
}

void SimDesk::set_roster(const std::string& json) {
  const auto document = must(JsonDocument::parse(json), "roster");
  const auto roster = must(promises::parse_roster(document.root()), "roster");
  promises::Books books(calm_db(), log, clock);
  auto reader = must(calm_db().reader(), "reader");
  const auto known = must(promises::read_roster(*reader, kWorkspace), "roster");
  must(books.save({kWorkspace, kFirstAgent, known.version}, roster), "roster");
}

}  // namespace kiki::sim
