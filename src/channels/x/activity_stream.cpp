#include "channels/x/activity_stream.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "channels/x/api.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/reconnect.hpp"
#include "channels/x/spend.hpp"
#include "channels/x/wait.hpp"
#include "channels/x/webhook.hpp"

namespace kiki::channels::x {

namespace {

constexpr int kConnectionTimeoutMs = 10'000;
constexpr JsonLimits kLineLimits{1 << 20, 64};

}  // namespace

// The mutex is held while an event is handed over: a seat that was given back gets nothing more.
struct ActivityStreams::Stream {
  std::string token;
  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<Seat*> seats;
  bool connected = false;
  bool ended = false;  // nobody sits there: the thread goes
  std::string trouble;
  std::jthread thread;
};

ActivityStreams::Seat::~Seat() {
  const std::lock_guard lock(stream_->mutex);
  std::erase(stream_->seats, this);
  if (!stream_->seats.empty()) return;
  stream_->ended = true;
  stream_->thread.request_stop();
}

bool ActivityStreams::Seat::is_connected() const {
  const std::lock_guard lock(stream_->mutex);
  return stream_->connected;
}

bool ActivityStreams::Seat::take_reconnected() {
  const std::lock_guard lock(stream_->mutex);
  return std::exchange(reconnected_, false);
}

std::string ActivityStreams::Seat::trouble() const {
  const std::lock_guard lock(stream_->mutex);
  return stream_->trouble;
}

bool ActivityStreams::Seat::is_spent() const {
  const std::lock_guard lock(stream_->mutex);
  return spent_;
}

bool ActivityStreams::Seat::wait(std::stop_token stop, std::int64_t time_ms) {
  std::unique_lock lock(stream_->mutex);
  stream_->changed.wait_for(lock, stop, std::chrono::milliseconds(std::max<std::int64_t>(0, time_ms)),
                            [&] { return reconnected_ || spent_; });
  spent_ = false;  // told
  return !stop.stop_requested();
}

const std::string& ActivityStreams::Seat::token() const {
  return stream_->token;
}

ActivityStreams::~ActivityStreams() {
  for (auto& [token, stream] : streams_) stream->thread.request_stop();
  streams_.clear();  // joins them
}

std::unique_ptr<ActivityStreams::Seat> ActivityStreams::join(const std::string& token, const Account& account,
                                                             AccountState& state, Inlet& inlet) {
  const std::lock_guard lock(mutex_);
  auto& stream = streams_[token];
  if (stream) {
    const std::lock_guard inner(stream->mutex);
    if (!stream->ended) {
      std::unique_ptr<Seat> seat(new Seat(stream, account, state, inlet));
      seat->reconnected_ = stream->connected;
      stream->seats.push_back(seat.get());
      return seat;
    }
  }
  // The one before may still be ending: X lets an app in only once.
  auto before = std::exchange(stream, std::make_shared<Stream>());
  stream->token = token;
  std::unique_ptr<Seat> seat(new Seat(stream, account, state, inlet));
  stream->seats.push_back(seat.get());
  stream->thread = std::jthread([this, &own = *stream, before = std::move(before)](std::stop_token stop) {
    if (before && before->thread.joinable()) before->thread.join();
    run(own, stop);
  });
  return seat;
}

Result<void> ActivityStreams::take_line(Seat& any_seat, std::string_view line) {
  return take(*any_seat.stream_, line);
}

Result<void> ActivityStreams::take(Stream& stream, std::string_view line) {
  const std::lock_guard lock(stream.mutex);
  if (line.empty()) return {};  // heartbeat
  const auto document = JsonDocument::parse(line, kLineLimits);
  if (!document.ok()) {
    log::warning("x: a line of the activity stream cannot be read", document.error());
    return {};
  }
  const auto root = document->root();
  const auto event = root["data"]["event_type"];
  if (event.is_string()) {
    const auto whose = root["data"]["filter"]["user_id"].text();
    for (auto* seat : stream.seats) {
      if (seat->account_.external_id != whose) continue;
      // Not durable: the connection ends here, and the reader asks for what it missed.
      TRY(seat->inlet_.accept({{std::string(kWebhookSource), std::string(line)}}));
      const auto now_ms = tools_.clock.now_ms();
      // X bills what comes by both doors once.
      if (!is_called(seat->state_, event.text(), now_ms))
        note_spent(seat->state_, price_of_event(event.text()), now_ms);
      if (left_of_budget(seat->account_, seat->state_, now_ms) < price::kPostRead) {
        seat->spent_ = true;
        stream.changed.notify_all();
      }
    }
    return {};
  }
  return still_open(root);
}

void ActivityStreams::run(Stream& stream, std::stop_token stop) {
  ReconnectSchedule schedule(options_.backoff_unit_ms);
  TimeMs away_since = 0;
  while (!stop.stop_requested()) {
    net::LineStreamOptions wanted;
    wanted.url = options_.api_url + "/2/activity/stream";
    {
      const std::lock_guard lock(stream.mutex);
      const bool backfill =
          std::ranges::any_of(stream.seats, [](const auto* seat) { return is_enterprise(seat->account_); });
      if (backfill && away_since > 0) {
        const auto minutes = (tools_.clock.now_ms() - away_since) / 60'000 + 1;
        wanted.url += "?backfill_minutes=" +
                      std::to_string(std::clamp<std::int64_t>(minutes, 1, kBackfillLimitMinutes));
      }
    }
    wanted.headers.add("Authorization", "Bearer " + stream.token);
    wanted.policy = tools_.ssrf;
    wanted.connect_timeout_ms = kConnectionTimeoutMs;
    wanted.silence_limit_ms = options_.stale_ms;
    bool is_there = false;
    const auto end = net::read_lines(wanted, stop, [&](std::string_view line) -> Result<void> {
      if (!is_there) {  // an event or a heartbeat: from now on nothing is missed
        is_there = true;
        schedule.works();
        const std::lock_guard lock(stream.mutex);
        stream.connected = true;
        stream.trouble.clear();
        for (auto* seat : stream.seats) seat->reconnected_ = true;
        stream.changed.notify_all();
      }
      return take(stream, line);
    });
    const auto message = end.ok() ? end->message : end.error().message;
    {
      const std::lock_guard lock(stream.mutex);
      if (is_there) away_since = tools_.clock.now_ms();
      stream.connected = false;
      stream.trouble = message;
    }
    if (stop.stop_requested()) break;
    const auto pause_ms = schedule.after(end, tools_.clock.now_ms());
    log::info("x: the activity stream ended", {{"message", message}, {"pause_ms", pause_ms}});
    if (!wait_ms(stop, pause_ms)) break;
  }
}

bool is_enterprise(const Account& account) {
  return setting(account, "reply_rule") == "open";
}

std::int64_t price_of_event(std::string_view event_type) {
  const bool is_post = event_type.find("post.") != std::string_view::npos ||
                       event_type.find("tweet.") != std::string_view::npos ||
                       event_type.starts_with("Tweet") || event_type.starts_with("Post");
  return is_post ? price::kPostRead : 0;
}

}  // namespace kiki::channels::x
