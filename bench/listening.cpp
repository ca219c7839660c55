#include "listening.hpp"

#include <fmt/core.h>
#include <re2/re2.h>
#include <re2/set.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/check.hpp"
#include "channels/bluesky/car.hpp"
#include "channels/bluesky/cbor_writer_test.hpp"
#include "channels/bluesky/firehose_frame.hpp"
#include "listening/engine/live_set.hpp"
#include "listening/match/post_line.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "listening_data.hpp"
#include "report.hpp"

namespace kiki::bench {
namespace {

namespace engine = listening::engine;
namespace query = listening::query;
namespace bluesky = channels::bluesky;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kSmall = 10'000;
constexpr std::size_t kLarge = 225'000;
constexpr int kRounds = 3;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::size_t from_environment(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Posts as they come: lines behind one another in one buffer.
struct Lines {
  std::string bytes;
  std::vector<std::pair<std::size_t, std::size_t>> places;

  explicit Lines(const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
      places.emplace_back(bytes.size(), line.size());
      bytes += line;
      bytes += '\n';
    }
    bytes.append(listening::match::PostLineReader::kPadding, '\0');
  }
  std::string_view operator[](std::size_t i) const {
    return std::string_view(bytes).substr(places[i].first, places[i].second);
  }
  std::size_t size() const { return places.size(); }
};

struct Passed {
  double posts_per_s = 0;
  std::size_t matched = 0;  // posts
  std::size_t matches = 0;
};

// JSON line → normalise → match, as often as asked; the middle one counts.
template <typename Match>
Passed pass(const Lines& lines, int rounds, Match&& match) {
  std::vector<double> rates;
  Passed passed;
  listening::match::PostLineReader reader;
  listening::match::PostLine post;
  std::vector<std::uint64_t> ids;
  for (int round = 0; round < rounds; ++round) {
    passed.matched = passed.matches = 0;
    const auto began = Clock::now();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto read = reader.read(lines[i], post);
      CHECK(read.ok());
      match(post.post, ids);
      passed.matched += ids.empty() ? 0 : 1;
      passed.matches += ids.size();
    }
    rates.push_back(static_cast<double>(lines.size()) / seconds_since(began));
  }
  std::sort(rates.begin(), rates.end());
  passed.posts_per_s = rates[rates.size() / 2];
  return passed;
}

Passed pass(const engine::RuleSet& set, const Lines& lines, int rounds = kRounds) {
  engine::Scratch scratch;
  return pass(lines, rounds, [&](const query::Post& post, std::vector<std::uint64_t>& ids) {
    scratch.read(post, set.needs());
    set.match(scratch, ids);
  });
}

std::vector<query::Query> parsed(const std::vector<std::string>& texts) {
  std::vector<query::Query> queries;
  queries.reserve(texts.size());
  for (const auto& text : texts) {
    auto one = query::parse(text);
    if (!one.query)
      std::fprintf(stderr, "bench: %s: %s\n", text.c_str(), query::message_of(one.mistakes[0]).c_str());
    CHECK(one.query.has_value());
    queries.push_back(std::move(*one.query));
  }
  return queries;
}

std::shared_ptr<const engine::RuleSet> built(const std::vector<std::string>& texts) {
  engine::RuleSetBuilder builder;
  for (std::size_t i = 0; i < texts.size(); ++i) builder.add(i, parsed({texts[i]})[0]);
  return builder.build();
}

void count_terms(const query::Node& node, std::unordered_set<std::string>& terms) {
  if (node.kind == query::Kind::kTerm || node.kind == query::Kind::kPhrase) terms.insert(node.text);
  for (const auto& child : node.children) count_terms(child, terms);
}

// What one has without an engine: every query held against every post; and RE2::Set over all literals, which
// finds the terms and leaves the queries to be done.
void measure_plain(const std::vector<std::string>& texts, const Lines& lines, const engine::RuleSet& set,
                   Report& report) {
  const auto queries = parsed(texts);
  engine::Scratch scratch;
  const std::size_t few = std::min<std::size_t>(lines.size(), 12);
  listening::match::PostLineReader reader;
  listening::match::PostLine post;
  std::size_t differing = 0;
  const auto began = Clock::now();
  for (std::size_t i = 0; i < few; ++i) {
    CHECK(reader.read(lines[i], post).ok());
    std::vector<std::uint64_t> right;
    for (std::size_t k = 0; k < queries.size(); ++k) {
      if (query::matches(queries[k], post.post)) right.push_back(k);
    }
    std::vector<std::uint64_t> ids;
    scratch.read(post.post, set.needs());
    set.match(scratch, ids);
    differing += ids == right ? 0 : 1;
  }
  report.told("  the plain reference, the same queries and posts",
              static_cast<double>(few) / seconds_since(began), "posts/s");
  if (differing != 0)
    report.remark(fmt::format("the engine and the reference differ in {} posts", differing));

  std::unordered_set<std::string> terms;
  for (const auto& one : queries) count_terms(one.root, terms);
  re2::RE2::Options options;
  options.set_literal(true);
  options.set_case_sensitive(false);
  options.set_max_mem(std::int64_t{1} << 30);
  re2::RE2::Set literals(options, re2::RE2::UNANCHORED);
  for (const auto& term : terms) CHECK(literals.Add(term, nullptr) >= 0);
  CHECK(literals.Compile());
  const std::size_t some = std::min<std::size_t>(lines.size(), 300);
  std::vector<int> found;
  const auto began_set = Clock::now();
  for (std::size_t i = 0; i < some; ++i) {
    CHECK(reader.read(lines[i], post).ok());
    literals.Match(re2::StringPiece(post.post.text.data(), post.post.text.size()), &found);
  }
  report.told(
      fmt::format("  RE2::Set of their {} literals, without folding and without the queries", terms.size()),
      static_cast<double>(some) / seconds_since(began_set), "posts/s");
}

// Where the time of a post goes.
void measure_steps(const engine::RuleSet& set, const Lines& lines, Report& report) {
  const auto none = pass(lines, kRounds, [](const query::Post&, std::vector<std::uint64_t>&) {});
  report.told("  of it reading the JSON", 1e9 / none.posts_per_s, "ns/post");
  engine::Scratch scratch;
  const auto folded = pass(lines, kRounds, [&](const query::Post& post, std::vector<std::uint64_t>&) {
    scratch.read(post, set.needs());
  });
  report.told("  and folding it", 1e9 / folded.posts_per_s - 1e9 / none.posts_per_s, "ns/post");
}

void measure_firehose(const engine::RuleSet& set, ListeningData& data, std::size_t count, Report& report) {
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < count; ++i) {
    const auto did = fmt::format("did:plc:{:024}", data.random()() % 1'000'000);
    // As on the network: of four commits one is a post, the others are likes, reposts, follows.
    const bool is_post = i % 4 == 0;
    const auto record =
        is_post ? bluesky::cbor::post(data.text())
                : bluesky::cbor::map("$type", bluesky::cbor::text("app.bsky.feed.like"), "createdAt",
                                     bluesky::cbor::text("2026-11-22T09:00:00.000Z"));
    frames.push_back(bluesky::cbor::commit_frame(
        static_cast<std::int64_t>(i) + 1, did, "create",
        (is_post ? "app.bsky.feed.post/3kabcabcab" : "app.bsky.feed.like/3kabcabcab") +
            std::to_string(i % 10),
        record));
  }
  const auto run = [&](bool only_posts) {
    bluesky::FirehoseFrame frame;
    engine::Scratch scratch;
    std::vector<std::uint64_t> ids;
    std::size_t posts = 0;
    const auto began = Clock::now();
    for (std::size_t i = 0; i < frames.size(); i += only_posts ? 4 : 1) {
      CHECK(bluesky::decode_firehose_frame(frames[i], frame).ok());
      for (const auto& op : frame.ops) {
        if (!op.path.starts_with("app.bsky.feed.post/") || op.cid.bytes.empty()) continue;
        const auto car = bluesky::CarReader::open(frame.blocks);
        CHECK(car.ok());
        const auto block = car->find(op.cid);
        CHECK(block.ok() && block->has_value());
        const auto glance = bluesky::glance_at_post((*block)->bytes);
        CHECK(glance.ok());
        query::Post post;
        post.text = glance->text;
        post.language = glance->language;
        post.network = "bluesky";
        post.links = glance->links;
        post.hashtags = glance->hashtags;
        scratch.read(post, set.needs());
        set.match(scratch, ids);
        ++posts;
      }
    }
    const auto events = only_posts ? posts : frames.size();
    return static_cast<double>(events) / seconds_since(began);
  };
  run(false);
  report.at_least("firehose frames → CBOR → posts → match, 10,000 queries, one event in four a post",
                  run(false), "events/s", 200'000);
  report.told("  the same where every event is a post", run(true), "events/s");
}

void measure_edits(const std::vector<std::string>& texts, const std::vector<std::string>& others,
                   Report& report) {
  engine::LiveSet live;
  std::vector<engine::LiveSet::Change> all;
  auto queries = parsed(texts);
  for (std::size_t i = 0; i < queries.size(); ++i)
    all.push_back({i, std::make_shared<query::Query>(std::move(queries[i])), {}});
  queries = {};
  live.load(all);
  all = {};
  report.told("memory of the process with them and their trees, for edits",
              static_cast<double>(resident_bytes()) / 1e6, "MB");
  std::vector<double> times;
  const auto edit = [&](std::size_t i) {
    const auto began = Clock::now();
    auto one = query::parse(others[i % others.size()]);
    CHECK(one.query.has_value());
    live.put({(i * 7'919) % texts.size(), std::make_shared<query::Query>(std::move(*one.query)), {}});
    times.push_back(seconds_since(began) * 1'000);
  };
  for (std::size_t i = 0; i < 900; ++i) edit(i);
  report.less_than(fmt::format("one of {} topics edited, until it is live, slowest of 900", texts.size()),
                   *std::max_element(times.begin(), times.end()), "ms", 50);
  report.told("  p50", quantile(times, 0.5), "ms");
}

}  // namespace

Result<void> run_listening() {
  Report report;
  const auto posts = from_environment("KIKI_BENCH_POSTS", 200'000);
  const auto large = from_environment("KIKI_BENCH_QUERIES", kLarge);
  ListeningData data(1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < large; ++i) texts.push_back(data.query());
  std::vector<std::string> raw;
  for (std::size_t i = 0; i < posts; ++i) raw.push_back(data.post_line(i));
  const Lines lines(raw);
  raw = {};
  std::size_t terms = 0;
  const std::vector<std::string> small_texts(texts.begin(), texts.begin() + std::min(kSmall, large));
  for (const auto& one : parsed(small_texts)) terms += one.terms;
  report.remark(fmt::format("{} posts, {} bytes of JSON each; {:.1f} terms in a query", posts,
                            lines.bytes.size() / posts, static_cast<double>(terms) / small_texts.size()));
  engine::FoldTable::of({});

  double normal = 0;
  double normal_matches = 0;  // a second
  if (is_wanted("normal") || is_wanted("hostile")) {
    const auto set = built(small_texts);
    const auto passed = pass(*set, lines);
    normal = passed.posts_per_s;
    normal_matches = normal * static_cast<double>(passed.matches) / posts;
    report.at_least("JSON line → normalise → match, 10,000 queries", normal, "posts/s", 300'000);
    report.told("  posts that match something", 100.0 * passed.matched / posts, "%");
    report.told("  matches in each post", static_cast<double>(passed.matches) / posts, "");
    measure_steps(*set, lines, report);
    measure_plain(small_texts, lines, *set, report);
    measure_firehose(*set, data, posts, report);
  }
  std::vector<ListeningData::Adversarial> adversarial;
  if (is_wanted("hostile")) adversarial = data.adversarial(kSmall, std::min<std::size_t>(posts, 20'000));
  for (const auto& hostile : adversarial) {
    const auto set = built(hostile.queries);
    const auto passed = pass(*set, Lines(hostile.lines));
    const auto each = static_cast<double>(passed.matches) / hostile.lines.size();
    // Where every post matches thousands of queries, the matches are the work.
    if (each < 100) {
      report.at_least("hostile, part of the normal rate of posts: " + hostile.name,
                      passed.posts_per_s / normal, "", 0.2);
    } else {
      report.at_least("hostile, part of the normal rate of matches: " + hostile.name,
                      passed.posts_per_s * each / normal_matches, "", 0.2);
      report.told("  posts", passed.posts_per_s, "posts/s");
    }
    report.told("  matches in each post", each, "");
  }
  if (is_wanted("large")) {
    const auto before = resident_bytes();
    const auto began = Clock::now();
    const auto set = built(texts);
    report.less_than(fmt::format("building {} queries from text", large), seconds_since(began), "s", 10);
    report.less_than("  memory of the process for them, building included",
                     static_cast<double>(resident_bytes() - before) / 1e6, "MB", 1'000);
    report.told("  the set itself", static_cast<double>(set->bytes()) / 1e6, "MB");
    const auto passed = pass(*set, lines);
    report.at_least(fmt::format("JSON line → normalise → match, {} queries", large), passed.posts_per_s,
                    "posts/s", 100'000);
    report.told("  matches in each post", static_cast<double>(passed.matches) / posts, "");
  }
  if (is_wanted("edits")) {
    std::vector<std::string> others;
    for (std::size_t i = 0; i < 500; ++i) others.push_back(data.query());
    measure_edits(texts, others, report);
  }
  if (std::getenv("KIKI_BENCH_ONLY") != nullptr) return {};
  return report.write("build/bench/listening.json");
}

}  // namespace kiki::bench
