// Rules on time look only at what changed, and do what a look at everything would: random desks, both stores.

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"
#include "cases/promise_keeper.hpp"
#include "ingest/test_desk.hpp"
#include "teamwork/rules.hpp"

namespace kiki::teamwork {
namespace {

using ingest::TestDesk;

constexpr Id kWorkspace = TestDesk::kWorkspace;
constexpr TimeMs kMinute = 60'000;
constexpr TimeMs kHour = 60 * kMinute;

// Two calendars: days for most, always for what is urgent; they change with the version.
std::string book_text(std::int64_t version) {
  const std::string span =
      version % 2 == 0 ? R"({"from":"09:00","to":"18:00"})" : R"({"from":"07:30","to":"26:00"})";
  std::string week;
  for (int day = 0; day < 7; ++day) week += (day == 0 ? "[" : ",[") + span + "]";
  return R"({"calendars":[{"key":"days","time_zone":"Europe/Berlin","week":[)" + week +
         R"(]},{"key":"always","time_zone":"Europe/Berlin","always_open":true}],"policies":[)"
         R"({"key":"urgent","calendar":"always","priorities":["urgent"],"first_reply":{"inside_minutes":30}},)"
         R"({"key":"default","calendar":"days"}]})";
}

class WaitingRulesTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    documents_ = std::make_unique<Documents>(desk_->db(), desk_->log(), ids_, desk_->clock);
    acts_ = std::make_unique<Acts>(
        desk_->db(), Hands{*desk_->cases, desk_->log(), ids_, desk_->clock,
                           [](store::Transaction&, const notify::Notice&) { return Result<void>(); }});
    rules_ = std::make_unique<Rules>(desk_->db(), *acts_);
    books_ = std::make_unique<promises::Books>(desk_->db(), desk_->log(), desk_->clock);
    save_book();
  }
  void save_book() {
    const auto document = TestDesk::must(JsonDocument::parse(book_text(book_)));
    TestDesk::must(books_->save({kWorkspace, TestDesk::kUser, book_},
                                TestDesk::must(promises::parse_book(document.root()))));
    ++book_;
  }
  Document rule(const std::string& trigger, const std::string& conditions) {
    const auto document = TestDesk::must(
        JsonDocument::parse(R"({"trigger":{"on":"waiting",)" + trigger + R"(},"conditions":)" + conditions +
                            R"(,"actions":[{"do":"notify","user_ids":["21"]}]})"));
    DocumentChange change;
    change.name = trigger + conditions;
    change.body = TestDesk::must(parse_body(Kind::kRule, document.root()));
    return TestDesk::must(documents_->make(kWorkspace, TestDesk::kUser, Kind::kRule, true, change));
  }
  std::set<std::string> acts() {
    auto reader = TestDesk::must(desk_->db().reader());
    const auto list = TestDesk::must(
        reader->all("SELECT source_id, trigger_key FROM acts WHERE source = 'rule'", {},
                    [](const store::Row& row) { return to_string(row.integer(0)) + " " + row.string(1); }));
    return {list.begin(), list.end()};
  }
  // What a look at every case finds.
  std::set<std::string> all_that_fit(const std::vector<Document>& rules) {
    struct Open {
      WaitingCase one;
      std::string policy;
    };
    auto reader = TestDesk::must(desk_->db().reader());
    const auto book = TestDesk::must(promises::read_book(*reader, kWorkspace));
    const auto now_ms = desk_->clock.now_ms();
    const auto open = TestDesk::must(reader->all(
        "SELECT id, waiting_since, promise_policy FROM cases WHERE status = 'open' AND waiting_since IS NOT "
        "NULL",
        {}, [](const store::Row& row) { return Open{{row.integer(0), row.integer(1)}, row.string(2)}; }));
    std::set<std::string> found;
    for (const auto& rule : rules) {
      const auto wanted = rule.body.trigger.minutes * kMinute;
      for (const auto& [one, policy] : open) {
        const auto& calendar = book->calendars[policy == "urgent" ? 1 : 0];
        const auto waited = rule.body.trigger.open_time ? promises::open_between(calendar, one.since, now_ms)
                                                        : now_ms - one.since;
        if (waited < wanted) continue;
        if (TestDesk::must(holds(*reader, rule.body.conditions, {kWorkspace, 0, now_ms}, one.case_id)))
          found.insert(to_string(rule.id) + " " + waiting_key(one));
      }
    }
    return found;
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  SystemClock outside_clock_;
  IdGenerator ids_{outside_clock_};
  std::unique_ptr<Documents> documents_;
  std::unique_ptr<Acts> acts_;
  std::unique_ptr<Rules> rules_;
  std::unique_ptr<promises::Books> books_;
  std::int64_t book_ = 0;
};

TEST_P(WaitingRulesTest, DoWhatALookAtEverythingWould) {
  std::vector<Document> rules = {
      rule(R"("minutes":30)", "[]"),
      rule(R"("minutes":60,"open_time":false)", R"([{"field":"hours","values":["inside"]}])"),
      rule(R"("minutes":20)", R"([{"field":"due","values":["overdue"]}])"),
      rule(R"("minutes":5)", R"([{"field":"due","values":["soon"]}])"),
      rule(
          R"("minutes":15)",
          R"([{"field":"priority","values":["high","urgent"]},{"field":"tag","not":true,"values":["done"]}])"),
      rule(R"("minutes":45)", R"([{"field":"group","values":["VIP"]}])"),
      rule(R"("minutes":10,"open_time":false)", R"([{"field":"text","values":["refund"]}])")};
  SeededRandom random(GetParam() == store::Dialect::kSqlite ? 11 : 12);
  cases::PromiseKeeper keeper(desk_->db(), desk_->log(), desk_->clock);
  int posts = 0;
  std::size_t acted = 0;
  for (int step = 0; step < (GetParam() == store::Dialect::kSqlite ? 120 : 40); ++step) {
    const auto thread = "t" + std::to_string(random.below(12));
    const auto known = desk_->number(
        "SELECT c.id FROM cases c JOIN conversations v ON v.case_id = c.id WHERE "
        "v.external_id = $1",
        {thread});
    const auto choice = known < 0 ? 0 : random.below(12);
    const cases::Change change{kWorkspace, known, TestDesk::kUser, {}};
    const auto any = [](auto result) { (void)result; };  // refusals are a matter of other tests
    if (choice <= 2) {
      desk_->take(
          R"({"id":"p)" + std::to_string(posts++) + R"(","thread":")" + thread + R"(","author":")" + thread +
          R"(","at":)" +
          std::to_string(desk_->clock.now_ms() - static_cast<TimeMs>(random.below(3)) * 40 * kMinute) +
          R"(,"text":")" + (random.below(2) == 0 ? "A refund please" : "Hello") + "\"}");
    } else if (choice == 3) {
      const auto target =
          desk_->text("SELECT external_id FROM posts WHERE case_id = $1 AND direction = 'in'", {known});
      auto reader = TestDesk::must(desk_->db().reader());
      desk_->reply(TestDesk::must(cases::read_row(*reader, kWorkspace, known)), target);
    } else if (choice == 4) {
      any(desk_->cases->snooze(change, desk_->clock.now_ms() + kHour));
    } else if (choice == 5) {
      any(desk_->cases->open(change));
    } else if (choice == 6) {
      any(desk_->cases->set_tags(
          change, random.below(2) == 0 ? std::vector<std::string>{"done"} : std::vector<std::string>{}));
    } else if (choice <= 8) {
      any(desk_->cases->set_priority(change, random.below(2) == 0 ? "urgent" : "high"));
    } else if (choice == 9) {
      TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
        TRY(tx.db().run(
            "INSERT INTO person_groups (workspace_id, person_id, name) SELECT workspace_id, person_id, "
            "'VIP' FROM cases WHERE id = $1 ON CONFLICT (workspace_id, person_id, name) DO NOTHING",
            {known}));
        events::Event event;
        event.workspace_id = kWorkspace;
        event.kind = "person.changed";
        return desk_->log().append(tx, std::move(event));
      }));
    } else if (choice == 10) {
      save_book();
      if (random.below(2) == 0) TestDesk::must(keeper.plan_anew(kWorkspace));
    } else if (random.below(2) == 0) {
      rules_ = std::make_unique<Rules>(desk_->db(), *acts_);  // a restart
    }
    desk_->clock.advance_ms(
        static_cast<TimeMs>(10'000 + random.below(random.below(3) == 0 ? 4 * kHour : 5 * kMinute)));
    TestDesk::must(desk_->cases->wake_snoozed(desk_->clock.now_ms()));
    auto expected = acts();
    expected.merge(all_that_fit(rules));
    TestDesk::must(rules_->run_once());
    const auto done = acts();
    ASSERT_EQ(done, expected) << "step " << step;
    acted = done.size();
  }
  EXPECT_GT(acted, GetParam() == store::Dialect::kSqlite ? 30U : 10U);
}

TEST_P(WaitingRulesTest, ReadOnlyWhatChanged) {
  const auto never = rule(R"("minutes":30,"open_time":false)", R"([{"field":"text","values":["unicorn"]}])");
  for (int i = 0; i < 20; ++i) {
    desk_->offer(R"({"id":"p)" + std::to_string(i) + R"(","thread":"t)" + std::to_string(i) +
                 R"(","author":"a)" + std::to_string(i) + R"(","text":"Hello"})");
  }
  desk_->settle();
  desk_->clock.advance_ms(kHour);
  WaitingRules waiting(desk_->db());
  const auto look = [&] {
    const auto before = waiting.looked_at();
    TestDesk::must(waiting.begin(desk_->clock.now_ms()));
    for (bool more = true; more;) TestDesk::must(waiting.next(never, more));
    waiting.end();
    desk_->clock.advance_ms(10'000);
    return waiting.looked_at() - before;
  };
  EXPECT_EQ(look(), 20);
  EXPECT_EQ(look(), 0);
  TestDesk::must(
      desk_->cases->set_priority({kWorkspace, desk_->case_of("p7").id, TestDesk::kUser, {}}, "high"));
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(look(), 0);
}

INSTANTIATE_TEST_SUITE_P(Stores, WaitingRulesTest, store::test_dialects(), store::test_dialect_name);

}  // namespace
}  // namespace kiki::teamwork
