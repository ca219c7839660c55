// Files of posts: fetched once, kept through crashes, gone with their post.

#include "accounts/post_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/account_state.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::accounts {
namespace {

using ingest::TestDesk;
using testing::ElementsAre;

// "paper", whose files are fetched by their reference and may be away, gone or too large.
class FiledChannel final : public ingest::ScriptedChannel {
 public:
  Result<channels::Media> media(const channels::Account&, channels::AccountState&,
                                const channels::RawItem& item, std::string_view reference,
                                std::stop_token) override {
    ++calls;
    last_item = item.body;
    if (reference.starts_with("away") && is_away) return unavailable("try later");
    if (reference.starts_with("gone")) return not_found("expired");
    if (reference.starts_with("huge"))
      return channels::Media{"video/mp4", "", std::string(kFileLimitBytes + 1, 'x')};
    if (on_fetch) on_fetch();
    return channels::Media{"image/png", "../../etc/\xE2\x80\xAEgnp.exe",
                           "bytes of " + std::string(reference)};
  }

  int calls = 0;
  bool is_away = true;
  std::string last_item;
  std::function<void()> on_fetch;
};

class PostFilesTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    sealer_ = TestDesk::must(store::Sealer::open(keys_.path()));
    start();
  }
  void start() {
    files_ = std::make_unique<PostFiles>(
        Parts{desk_->db(), desk_->log(), ids_, desk_->clock, [this](std::string_view) { return &channel_; },
              [this](Id workspace_id, Id account_id) {
                return ingest::make_account_state(desk_->db(), *sealer_, desk_->clock, workspace_id,
                                                  account_id);
              },
              [](store::Transaction&, Id, Id, const Fields&) { return Result<void>(); }},
        random_);
  }
  int fetch_all() {
    int did = 0;
    while (TestDesk::must(files_->step())) ++did;
    return did;
  }
  std::string state() { return desk_->text("SELECT state FROM post_files"); }
  Id post_id() { return desk_->number("SELECT id FROM posts"); }

  std::unique_ptr<store::TestStore> store_;
  store::TemporaryDirectory keys_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<TestDesk> desk_;
  FiledChannel channel_;
  ManualClock ids_clock_;
  IdGenerator ids_{ids_clock_};
  SystemRandom random_;
  std::unique_ptr<PostFiles> files_;
};
INSTANTIATE_TEST_SUITE_P(Stores, PostFilesTest, store::test_dialects(), store::test_dialect_name);

TEST_P(PostFilesTest, AFileIsFetchedOnceWithTheItemItCameInAndKept) {
  desk_->take(R"({"id":"p1","text":"Look","file":"f1"})");
  EXPECT_EQ(state(), "wanted");
  desk_->forget_events();
  EXPECT_EQ(fetch_all(), 1);
  EXPECT_EQ(fetch_all(), 0);
  EXPECT_NE(channel_.last_item.find("f1"), std::string::npos);
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("post.file"));
  auto reader = TestDesk::must(desk_->db().reader());
  const auto file = TestDesk::must(read_file(*reader, TestDesk::kWorkspace, post_id(), 0));
  EXPECT_EQ(file.state, "kept");
  EXPECT_EQ(file.body, "bytes of f1");
  EXPECT_EQ(file.name, "gnp.exe") << "a name, no path, and nothing that turns it around";
  EXPECT_FALSE(read_file(*reader, 2, post_id(), 0).ok());
  EXPECT_FALSE(read_file(*reader, TestDesk::kWorkspace, post_id(), 1).ok());
}

TEST_P(PostFilesTest, WhatIsAwayIsAskedForAgainLaterAndTheThirdTimeToo) {
  desk_->take(R"({"id":"p1","text":"Look","file":"away"})");
  EXPECT_EQ(fetch_all(), 1);
  EXPECT_EQ(state(), "wanted");
  EXPECT_EQ(fetch_all(), 0) << "not at once";
  desk_->clock.advance_ms(10'000);
  EXPECT_EQ(fetch_all(), 1);
  channel_.is_away = false;
  desk_->clock.advance_ms(60'000);
  EXPECT_EQ(fetch_all(), 1);
  EXPECT_EQ(state(), "kept");
}

TEST_P(PostFilesTest, TriesEndAndWhatIsGoneOrTooLargeIsNotAskedForAgain) {
  desk_->take(R"({"id":"p1","text":"Look","file":"away"})");
  int tries = 0;
  for (int day = 0; day < 100; ++day) {
    tries += fetch_all();
    desk_->clock.advance_ms(6 * 3'600'000);
  }
  EXPECT_EQ(tries, 14);
  EXPECT_EQ(state(), "refused");
  desk_->take(R"({"id":"p2","text":"Look","file":"gone"})");
  desk_->take(R"({"id":"p3","text":"Look","file":"huge"})");
  EXPECT_EQ(fetch_all(), 2);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM post_files WHERE state = 'gone'"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM post_files WHERE state = 'refused'"), 2);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM post_files WHERE body IS NOT NULL"), 0);
}

TEST_P(PostFilesTest, AFetchThatACrashCutShortComesAgain) {
  desk_->take(R"({"id":"p1","text":"Look","file":"f1"})");
  TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {  // claimed, and then the crash
    TRY(tx.db().run("UPDATE post_files SET tries = 1, next_try_at = $1", {desk_->clock.now_ms() + 600'000}));
    return {};
  }));
  start();
  EXPECT_EQ(fetch_all(), 0);
  desk_->clock.advance_ms(600'000);
  EXPECT_EQ(fetch_all(), 1);
  EXPECT_EQ(state(), "kept");
}

TEST_P(PostFilesTest, ADeletedPostKeepsNoFileAlsoWhenItIsDeletedDuringTheFetch) {
  desk_->take(R"({"id":"p1","text":"Look","file":"f1"})");
  fetch_all();
  desk_->take(R"({"delete":"p1"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM post_files"), 0);
  desk_->take(R"({"id":"p2","author":"ben","text":"Look","file":"f2"})");
  channel_.on_fetch = [&] { desk_->take(R"({"gone":"ben"})"); };
  EXPECT_EQ(fetch_all(), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM post_files"), 0);
}

TEST_P(PostFilesTest, AnEditKeepsTheFileItStillHasAndTakesAnotherOne) {
  desk_->take(R"({"id":"p1","rev":"a","text":"Look","file":"f1"})");
  fetch_all();
  desk_->take(R"({"id":"p1","rev":"b","text":"Look!","file":"f1"})");
  EXPECT_EQ(state(), "kept");
  EXPECT_EQ(fetch_all(), 0);
  desk_->take(R"({"id":"p1","rev":"c","text":"Look!","file":"f9"})");
  EXPECT_EQ(state(), "wanted");
  EXPECT_EQ(fetch_all(), 1);
  desk_->take(R"({"id":"p1","rev":"d","text":"Never mind"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM post_files"), 0);
}

TEST_P(PostFilesTest, TheSamePostAgainFetchesNothingAgain) {
  desk_->take(R"({"id":"p1","text":"Look","file":"f1"})");
  fetch_all();
  desk_->take(R"({"id":"p1","text":"Look","file":"f1"})");
  EXPECT_EQ(fetch_all(), 0);
  EXPECT_EQ(channel_.calls, 1);
}

}  // namespace
}  // namespace kiki::accounts
