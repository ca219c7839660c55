// Threads take blocks of whole lines from the input in turn, work on them side by side, and write what came
// of them in the order in which they were taken.

#include "listening/match/match.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <ostream>
#include <thread>
#include <unordered_map>
#include <vector>

#include "listening/engine/rule_set.hpp"
#include "listening/match/post_line.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::match {
namespace {

namespace json = boost::json;

constexpr std::size_t kBlockBytes = 256 << 10;
constexpr std::size_t kUnanchoredLimit = 1'000;

struct Queries {
  struct One {
    std::string id;
    std::string id_json;
    std::string text;    // kept for --explain alone
    query::Query query;  // likewise
  };
  std::vector<One> list;
  std::shared_ptr<const engine::RuleSet> set;
  bool bad = false;
};

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Queries read_queries(const Options& options, std::istream& file, std::ostream& problems) {
  Queries queries;
  engine::RuleSetBuilder builder;
  std::unordered_map<std::string, std::size_t> known;
  std::size_t unanchored = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    std::string_view text = without_end(line);
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (is_blank(text)) continue;
    const auto complain = [&](std::string_view why) {
      queries.bad = true;
      problems << "kikimimi match: " << options.queries << ":" << number << ": " << why << "\n";
    };
    const auto tab = text.find('\t');
    if (tab == std::string_view::npos || tab == 0) {
      complain("expected an id, a tab and a query");
      continue;
    }
    std::string id(text.substr(0, tab));
    const auto written = text.substr(tab + 1);
    const auto [place, is_new] = known.emplace(id, number);
    if (!is_new) {
      complain(fmt::format("the id {} stands in line {} already", id, place->second));
      continue;
    }
    auto parsed = query::parse(written);
    if (!parsed.query) {
      for (const auto& mistake : parsed.mistakes)
        complain(fmt::format("column {}: {}",
                             text::count_code_points(written.substr(0, mistake.bytes.begin)) + 1,
                             query::message_of(mistake)));
      if (parsed.mistakes.empty()) complain("no query");
      continue;
    }
    if (!parsed.query->anchored && ++unanchored > kUnanchoredLimit) {
      complain(fmt::format("more than {} queries without anything to search for", kUnanchoredLimit));
      continue;
    }
    builder.add(queries.list.size(), *parsed.query);
    Queries::One one;
    one.id_json = json::serialize(json::string(text::to_valid_utf8(id)));
    one.id = std::move(id);
    if (options.explain) {
      one.text = written;
      one.query = std::move(*parsed.query);
    }
    queries.list.push_back(std::move(one));
  }
  queries.set = builder.build();
  return queries;
}

struct Block {
  std::size_t number = 0;
  std::size_t first_line = 1;
  std::string bytes;  // whole lines, and room to read over the end
  std::size_t size = 0;
};

// Whole lines from a file descriptor, as they come: a pipe that goes on for ever is answered line by line.
class Input {
 public:
  explicit Input(int fd) : fd_(fd) {}

  // False at the end.
  bool next(Block& block) {
    const std::lock_guard lock(mutex_);
    block.number = blocks_;
    block.first_line = line_;
    block.bytes = std::move(rest_);
    rest_.clear();
    std::size_t have = block.bytes.size();
    std::size_t whole = 0;  // bytes of whole lines
    while (whole == 0 && !ended_) {
      block.bytes.resize(have + kBlockBytes);
      const auto count = ::read(fd_, block.bytes.data() + have, kBlockBytes);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        failed_ = count < 0;
        ended_ = true;
        break;
      }
      const std::string_view fresh(block.bytes.data() + have, static_cast<std::size_t>(count));
      have += static_cast<std::size_t>(count);
      const auto end = fresh.rfind('\n');
      if (end != std::string_view::npos) whole = have - fresh.size() + end + 1;
      // A line without end: only its front is kept, which is too long already.
      if (whole == 0 && have > kLineLimitBytes + kBlockBytes) have = kLineLimitBytes + 1;
    }
    if (ended_) whole = have;
    if (whole == 0) return false;
    rest_.assign(block.bytes, whole, have - whole);
    block.size = whole;
    block.bytes.resize(whole + PostLineReader::kPadding);
    line_ += static_cast<std::size_t>(std::count(block.bytes.begin(), block.bytes.begin() + whole, '\n'));
    ++blocks_;
    return true;
  }
  bool failed() const { return failed_; }

 private:
  const int fd_;
  std::mutex mutex_;
  std::string rest_;
  std::size_t blocks_ = 0;
  std::size_t line_ = 1;
  bool ended_ = false;
  bool failed_ = false;
};

struct Answer {
  std::string out;
  std::string problems;
  std::size_t posts = 0;
  std::size_t matched = 0;
};

class Worker {
 public:
  Worker(const Options& options, const Queries& queries) : options_(options), queries_(queries) {}

  void work(const Block& block, Answer& answer) {
    answer.out.clear();
    answer.problems.clear();
    answer.posts = answer.matched = 0;
    const std::string_view all(block.bytes.data(), block.size);
    auto number = block.first_line;
    for (std::size_t at = 0; at < all.size(); ++number) {
      const auto end = std::min(all.find('\n', at), all.size());
      auto line = without_end(all.substr(at, end - at));
      at = end + 1;
      if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
      if (is_blank(line)) continue;
      ++answer.posts;
      const auto read = line.size() > kLineLimitBytes ? Result<void>(invalid("longer than 1 MB"))
                                                      : reader_.read(line, post_);
      if (read.ok()) {
        match(answer);
      } else {
        const auto& error = read.error();
        answer.problems += fmt::format("kikimimi match: line {}: {}{}\n", number,
                                       error.where.empty() ? "" : error.where + ": ", error.message);
      }
    }
  }

 private:
  void match(Answer& answer) {
    scratch_.read(post_.post, queries_.set->needs());
    queries_.set->match(scratch_, ids_);
    if (ids_.empty()) return;
    ++answer.matched;
    auto& out = answer.out;
    out += R"({"id":)";
    out += post_.id;
    out += R"(,"queries":[)";
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (i != 0) out += ',';
      out += queries_.list[ids_[i]].id_json;
    }
    out += ']';
    if (options_.explain) explain(out);
    out += "}\n";
  }

  void explain(std::string& out) const {
    json::array list;
    for (const auto id : ids_) {
      const auto& one = queries_.list[id];
      const auto evaluation = query::evaluate(one.query, post_.post);
      json::array terms;
      for (const auto& finding : evaluation.findings) {
        json::array ranges;
        const auto utf16 = query::to_utf16(post_.post.text, finding.ranges);
        for (std::size_t i = 0; i < finding.ranges.size(); ++i) {
          ranges.push_back({{"utf16", {utf16[i].start, utf16[i].end}},
                            {"bytes", {finding.ranges[i].begin, finding.ranges[i].end}}});
        }
        terms.push_back({{"term", text::to_valid_utf8(one.text.substr(
                                      finding.leaf.begin, finding.leaf.end - finding.leaf.begin))},
                         {"ranges", std::move(ranges)}});
      }
      list.push_back({{"query", text::to_valid_utf8(one.id)}, {"terms", std::move(terms)}});
    }
    out += R"(,"explain":)";
    out += json::serialize(list);
  }

  const Options& options_;
  const Queries& queries_;
  PostLineReader reader_;
  PostLine post_;
  engine::Scratch scratch_;
  std::vector<std::uint64_t> ids_;
};

// Takes the answers of all threads and lets them out in order.
class Output {
 public:
  Output(int fd, const Options& options, std::ostream& problems)
      : fd_(fd), options_(options), problems_(problems), began_(Clock::now()), shown_(began_) {}

  // Waits for its turn. False when nobody reads any more.
  bool write(std::size_t number, const Answer& answer) {
    std::unique_lock lock(mutex_);
    turn_.wait(lock, [&] { return next_ == number; });
    posts_ += answer.posts;
    matched_ += answer.matched;
    if (!answer.problems.empty()) {
      bad_ = true;
      if (options_.shows_progress) problems_ << "\r\x1b[K";
      problems_ << answer.problems;
    }
    for (std::size_t at = 0; at < answer.out.size() && !failed_;) {
      const auto count = ::write(fd_, answer.out.data() + at, answer.out.size() - at);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        failed_ = true;
      } else {
        at += static_cast<std::size_t>(count);
      }
    }
    if (options_.shows_progress && Clock::now() - shown_ > std::chrono::milliseconds(500)) show();
    ++next_;
    turn_.notify_all();
    return !failed_;
  }

  void end() {
    if (options_.shows_progress) {
      show();
      problems_ << "\n";
    }
    problems_.flush();
  }
  bool bad() const { return bad_; }
  bool failed() const { return failed_; }

 private:
  using Clock = std::chrono::steady_clock;

  void show() {
    shown_ = Clock::now();
    const auto seconds = std::chrono::duration<double>(shown_ - began_).count();
    problems_ << fmt::format("\r\x1b[K{} posts, {} matched, {:.0f} posts/s", posts_, matched_,
                             static_cast<double>(posts_) / std::max(seconds, 0.001))
              << std::flush;
  }

  const int fd_;
  const Options& options_;
  std::ostream& problems_;
  std::mutex mutex_;
  std::condition_variable turn_;
  std::size_t next_ = 0;
  std::size_t posts_ = 0;
  std::size_t matched_ = 0;
  bool bad_ = false;
  bool failed_ = false;
  const Clock::time_point began_;
  Clock::time_point shown_;
};

}  // namespace

int match(const Options& options, int in, int out, std::ostream& problems) {
  std::ifstream file(options.queries, std::ios::binary);
  if (!file) {
    problems << "kikimimi match: " << options.queries << " cannot be read\n";
    return 1;
  }
  const auto queries = read_queries(options, file, problems);
  Input input(in);
  Output output(out, options, problems);
  const auto run = [&] {
    Worker worker(options, queries);
    Block block;
    Answer answer;
    while (input.next(block)) {
      worker.work(block, answer);
      if (!output.write(block.number, answer)) return;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::clamp(options.threads, 1U, kThreadsLimit); ++i) threads.emplace_back(run);
  run();
  for (auto& thread : threads) thread.join();
  output.end();
  if (input.failed()) problems << "kikimimi match: the input could not be read\n";
  if (output.failed()) problems << "kikimimi match: the output could not be written\n";
  return queries.bad || output.bad() || input.failed() || output.failed() ? 1 : 0;
}

}  // namespace kiki::listening::match
