// How many posts a second go through all stages: journal, parse, match, dedupe, person, conversation, case,
// search index, event; on SQLite, everything durable. Each post is of another person in half of the cases, as
// on a busy day.

#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/json.hpp"
#include "ingest/ingest.hpp"

namespace kiki::ingest {
namespace {

class BenchChannel final : public channels::Channel {
 public:
  const channels::Descriptor& descriptor() const override { return descriptor_; }
  Result<std::vector<channels::Incoming>> parse(const channels::Account&, const channels::RawItem& item,
                                                TimeMs received_at) const override {
    auto document = TRY(JsonDocument::parse(item.body));
    const auto root = document.root();
    channels::IncomingPost post;
    post.external_id = TRY(root["id"].string());
    post.thread_external_id = post.external_id;
    post.author.network = "bench";
    post.author.external_id = TRY(root["author"].string());
    post.author.handle = post.author.external_id + ".example.jp";
    post.author.name = post.author.external_id;
    post.text = TRY(root["text"].string());
    post.reason = "mention";
    post.posted_at = received_at;
    return std::vector<channels::Incoming>{std::move(post)};
  }
  Result<channels::Connected> connect(const std::vector<std::pair<std::string, std::string>>&,
                                      std::stop_token) override {
    return internal_error("not here");
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
    return internal_error("not here");
  }
  Result<std::optional<channels::Sent>> look_up(const channels::Account&, channels::AccountState&,
                                                const channels::Outgoing&, std::stop_token) override {
    return internal_error("not here");
  }
  Result<bool> is_visible(const channels::Account&, channels::AccountState&, const channels::Outgoing&,
                          const channels::Sent&, std::stop_token) override {
    return false;
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
  channels::Descriptor descriptor_;
};

constexpr const char* kSentences[] = {
    "昨日買ったカレーパンが少し硬かったのですが、温め直す方法を教えてもらえますか。",
    "Is the shop in Kamakura open on Sundays? I would love to bring my parents.",
    "アプリが起動しません。再インストールしても同じ画面で止まります。助けてください！",
    "Thank you for the quick help yesterday, the new parts arrived this morning.",
};

void check(const Result<void>& result) {
  if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  CHECK(result.ok());
}

void BM_IngestThroughAllStages(benchmark::State& state) {
  constexpr std::size_t kBatchPosts = 1'000;
  constexpr int kBatches = 50;
  std::string directory = (std::filesystem::temp_directory_path() / "kikimimi-bench-XXXXXX").string();
  CHECK(::mkdtemp(directory.data()) != nullptr);
  auto opened = store::open({"sqlite://" + directory + "/kikimimi.db", 4, true});
  CHECK(opened.ok());
  auto& db = **opened;
  check(db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES (1, 'Bench', 0)"));
    TRY(
        tx.db().run("INSERT INTO accounts (workspace_id, id, network, external_id, handle, created_at) "
                    "VALUES (1, 2, 'bench', 'us', 'us', 0)"));
    return {};
  }));
  const SystemClock clock;
  events::EventBus bus;
  events::EventLog log(bus, clock);
  IdGenerator ids(clock);
  listening::Listening listening(db, log, ids, clock);
  check(listening.load());
  const BenchChannel channel;
  std::int64_t posts = 0;
  {
    Ingest ingest(Parts{db, log, ids, clock, listening, [&](std::string_view) { return &channel; }});
    check(ingest.start());
    for (auto _ : state) {
      for (int batch = 0; batch < kBatches; ++batch) {
        std::vector<Entry> entries;
        entries.reserve(kBatchPosts);
        for (std::size_t i = 0; i < kBatchPosts; ++i, ++posts) {
          const auto author = posts % 2 == 0 ? posts : posts % 1'000;
          entries.push_back(
              {1,
               2,
               {"bench", R"({"id":"post-)" + std::to_string(posts) + R"(","author":"did:bench:)" +
                             std::to_string(author) + R"(","text":")" + kSentences[posts % 4] + "\"}"}});
        }
        CHECK(ingest.accept(std::move(entries)).ok());
      }
      check(ingest.drain(600'000));
    }
    CHECK(ingest.statistics().new_posts == posts);
  }
  state.counters["posts_per_second"] =
      benchmark::Counter(static_cast<double>(posts), benchmark::Counter::kIsRate);
  opened->reset();
  std::filesystem::remove_all(directory);
}
BENCHMARK(BM_IngestThroughAllStages)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace kiki::ingest
