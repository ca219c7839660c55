#include "channels/x/stream_listener.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/reader.hpp"
#include "channels/x/wait.hpp"
#include "net/line_stream.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kRulesPerCall = 100;
constexpr int kConnectionTimeoutMs = 10'000;

ApiCall app_call(std::string path) {
  ApiCall call;
  call.path = std::move(path);
  call.as = As::kApp;
  return call;
}

}  // namespace

std::vector<std::string> without_reposts(std::vector<std::string> rules) {
  static constexpr std::string_view kNone = "-is:retweet";
  for (auto& rule : rules) {
    if (rule.find(kNone) == std::string::npos) rule = "(" + rule + ") " + std::string(kNone);
  }
  return rules;
}

std::vector<std::string> searches_of(const std::vector<std::string>& rules, std::size_t limit_characters) {
  std::vector<std::string> searches;
  for (const auto& rule : rules) {
    const auto part = "(" + rule + ")";
    if (!searches.empty() &&
        text::count_code_points(searches.back()) + text::count_code_points(part) + 4 <= limit_characters) {
      searches.back() += " OR " + part;
    } else {
      searches.push_back(text::count_code_points(part) <= limit_characters ? part : rule);
    }
  }
  return searches;
}

void StreamListener::health(std::string_view status, std::string_view detail) {
  if (health_status_ == status && health_detail_ == detail) return;
  health_status_ = status;
  health_detail_ = detail;
  inlet_.health(status, detail);
}

// Ours, with their ids.
Result<std::vector<std::pair<std::string, std::string>>> StreamListener::rules_there(std::stop_token stop) {
  std::vector<std::pair<std::string, std::string>> there;
  std::string next;
  do {
    auto call = app_call("/2/tweets/search/stream/rules");
    if (!next.empty()) call.query.emplace_back("pagination_token", next);
    const auto body = TRY(api_.call_with_bearer(options_.bearer_token, call, stop));
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
    for_each(document.root()["data"], [&](JsonView one) {
      if (one["tag"].text() == kRuleTag && is_id(one["id"].text()))
        there.emplace_back(one["value"].text(), one["id"].text());
    });
    next = document.root()["meta"]["next_token"].text();
  } while (!next.empty() && there.size() < kRulesLimit * 2);
  return there;
}

Result<void> StreamListener::change_rules(const std::string& body, std::stop_token stop) {
  auto call = app_call("/2/tweets/search/stream/rules");
  call.method = "POST";
  call.budget = "rules";
  call.body = body;
  auto answer = api_.call_with_bearer(options_.bearer_token, call, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    // Told again it does no harm: what is there is looked at first.
    if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  const auto document = TRY(JsonDocument::parse(*answer, JsonLimits{16 << 20, 64}));
  for_each(document.root()["errors"], [&](JsonView one) {
    const auto value = one["value"].text();
    if (value.empty() || one["type"].text().ends_with("/duplicate-rules")) return;
    refused_.emplace(value);
    log::warning("x: a rule was refused",
                 {{"rule", clean(value, 200)}, {"message", clean(one["title"].text(), 200)}});
  });
  return {};
}

Result<void> StreamListener::synchronise_rules(const std::vector<std::string>& wanted, std::stop_token stop) {
  std::set<std::string> missing;
  for (const auto& rule : wanted) {
    if (!refused_.contains(rule) && missing.size() < kRulesLimit) missing.insert(rule);
  }
  std::vector<std::string> surplus;
  for (const auto& [value, id] : TRY(rules_there(stop))) {
    if (missing.erase(value) == 0) surplus.push_back(id);  // not wanted, or there twice
  }
  // Away first: together they might be more than X takes.
  for (std::size_t from = 0; from < surplus.size(); from += kRulesPerCall) {
    json::array ids;
    for (std::size_t i = from; i < std::min(surplus.size(), from + kRulesPerCall); ++i)
      ids.emplace_back(surplus[i]);
    TRY(change_rules(json::serialize(json::object{{"delete", json::object{{"ids", std::move(ids)}}}}), stop));
  }
  for (auto rule = missing.begin(); rule != missing.end();) {
    json::array add;
    for (; rule != missing.end() && add.size() < kRulesPerCall; ++rule)
      add.push_back(json::object{{"value", *rule}, {"tag", kRuleTag}});
    TRY(change_rules(json::serialize(json::object{{"add", std::move(add)}}), stop));
  }
  rules_ = wanted;
  return {};
}

Result<void> StreamListener::offer(const std::string& raw) {
  static const Account nobody;
  auto parsed = parse_item(nobody, {std::string(kPostSource), raw}, tools_.clock.now_ms());
  if (!parsed.ok()) {
    log::warning("x: a post of the stream cannot be read", parsed.error());
    return {};
  }
  for (const auto& fact : *parsed) {
    const auto* post = std::get_if<IncomingPost>(&fact);
    if (post == nullptr) continue;
    StreamPost glance;
    glance.external_id = post->external_id;
    glance.author_external_id = post->author.external_id;
    glance.text = post->text;
    glance.language = post->language;
    glance.parent_external_id = post->parent_external_id;
    glance.root_external_id =
        post->thread_external_id == post->external_id ? std::string_view() : post->thread_external_id;
    for (const auto& one : post->attachments) {
      glance.has_image |= one.kind == "image";
      glance.has_video |= one.kind == "video";
      glance.is_quote |= one.kind == "quote";
      if (one.kind == "link") glance.links.push_back(one.url);
    }
    if (inlet_.wants(glance)) TRY(inlet_.offer(glance, RawItem{std::string(kPostSource), raw}));
    if (id_less(newest_, post->revision)) newest_ = post->revision;
  }
  return {};
}

Result<void> StreamListener::take_line(std::string_view line) {
  if (line.empty()) return {};  // keep-alive
  const auto document = JsonDocument::parse(line, JsonLimits{1 << 20, 64});
  if (!document.ok()) {
    log::warning("x: a line of the stream cannot be read", document.error());
    return {};
  }
  const auto root = document->root();
  if (root["data"].is_object()) {
    schedule_.works();
    return offer(std::string(line));
  }
  return still_open(root);
}

Result<void> StreamListener::checkpoint() {
  if (newest_ == kept_) return {};
  TRY(inlet_.checkpoint(newest_));
  kept_ = newest_;
  return {};
}

Result<std::vector<std::string>> StreamListener::wanted_rules() {
  return without_reposts(TRY(inlet_.rules(kRuleLimitCharacters - kRepostCharacters)));
}

Result<void> StreamListener::look(std::stop_token stop) {
  const auto now = tools_.clock.monotonic_ms();
  if (now - looked_at_ < kLookMs) return {};
  looked_at_ = now;
  TRY(checkpoint());
  auto wanted = TRY(wanted_rules());
  if (wanted == rules_) return {};
  if (wanted.empty()) return unavailable("no topic listens any more");
  auto told = synchronise_rules(wanted, stop);
  if (!told.ok()) log::warning("x: the rules could not be changed", told.error());
  return {};
}

Result<void> StreamListener::close_gap(const std::vector<std::string>& rules, const std::string& since,
                                       std::stop_token stop) {
  if (!is_id(since)) return {};
  const auto oldest = tools_.clock.now_ms() - kSearchBackMs;
  std::vector<PageItem> found;
  for (const auto& search : searches_of(rules, kRuleLimitCharacters)) {
    std::string next;
    for (int page = 0; page < kGapPagesLimit; ++page) {
      auto call = app_call("/2/tweets/search/recent");
      call.query = post_fields();
      call.query.emplace_back("query", search);
      call.query.emplace_back("max_results", "100");
      if (time_of_id(since) > oldest) {
        call.query.emplace_back("since_id", since);
      } else {
        call.query.emplace_back("start_time", to_rfc3339(oldest).substr(0, 19) + "Z");
      }
      if (!next.empty()) call.query.emplace_back("next_token", next);
      const auto body = TRY(api_.call_with_bearer(options_.bearer_token, call, stop));
      for (auto& item : TRY(split_page(body, kPostSource))) found.push_back(std::move(item));
      const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
      next = document.root()["meta"]["next_token"].text();
      if (next.empty()) break;
    }
  }
  std::ranges::sort(found, [](const auto& a, const auto& b) { return id_less(a.id, b.id); });
  for (const auto& item : found) TRY(offer(item.raw.body));
  return checkpoint();
}

Result<bool> StreamListener::prepare(std::stop_token stop) {
  const auto wanted = TRY(wanted_rules());
  if (wanted.empty() && told_nothing_) return false;
  TRY(synchronise_rules(wanted, stop));
  told_nothing_ = wanted.empty();
  if (wanted.empty()) return false;
  kept_ = newest_ = TRY(inlet_.cursor());  // what is durable, not what we remember
  if (!newest_.empty()) {
    TRY(close_gap(wanted, newest_, stop));
    return true;
  }
  // Without a first post there would be nothing to search from after the first loss: now is a place too, kept
  // before the stream begins, for we may be ended before its first line.
  newest_ = std::to_string((api_.x_now_ms() - kSnowflakeEpochMs) << 22);
  TRY(checkpoint());
  return true;
}

Result<void> StreamListener::run(std::stop_token stop) {
  if (options_.bearer_token.empty()) {
    health("waiting", "needs_bearer_token");
    return {};
  }
  while (!stop.stop_requested()) {
    std::int64_t pause_ms = 0;
    const auto ready = prepare(stop);
    if (stop.stop_requested()) break;
    if (!ready.ok()) {
      health("waiting", status_detail(ready.error()));
      log::info("x: the stream cannot begin", {{"message", ready.error().message}});
      pause_ms = schedule_.after(ready.error());
    } else if (!*ready) {
      health("ok", "no_topic");
      pause_ms = kLookMs;
    } else {
      net::LineStreamOptions stream;
      stream.url = options_.api_url + "/2/tweets/search/stream?" + write_form(post_fields());
      stream.headers.add("Authorization", "Bearer " + options_.bearer_token);
      stream.policy = tools_.ssrf;
      stream.connect_timeout_ms = kConnectionTimeoutMs;
      stream.silence_limit_ms = options_.stale_ms;
      looked_at_ = 0;
      const auto end = net::read_lines(stream, stop, [&](std::string_view line) -> Result<void> {
        const bool refused =
            std::ranges::any_of(rules_, [&](const auto& rule) { return refused_.contains(rule); });
        health("ok", rules_.size() > kRulesLimit ? "rules_over" : refused ? "rules_refused" : "");
        TRY(take_line(line));
        return look(stop);
      });
      if (stop.stop_requested()) {
        if (auto kept = checkpoint(); !kept.ok())
          log::error("x: the stream's place was not kept", kept.error());
        break;
      }
      if (auto kept = checkpoint(); !kept.ok())
        log::error("x: the stream's place was not kept", kept.error());
      const auto message = end.ok() ? end->message : end.error().message;
      pause_ms = schedule_.after(end, tools_.clock.now_ms());
      health("waiting", status_detail("stream_broke", message));
      log::info("x: the filtered stream ended", {{"message", message}, {"pause_ms", pause_ms}});
    }
    if (!wait_ms(stop, pause_ms)) break;
  }
  return {};
}

}  // namespace kiki::channels::x
