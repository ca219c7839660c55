#include "channels/bluesky/stream_listener.hpp"

#include <algorithm>
#include <thread>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/bluesky/car.hpp"
#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/identity.hpp"
#include "channels/bluesky/incoming_embeds.hpp"
#include "channels/bluesky/incoming_facets.hpp"
#include "channels/bluesky/jetstream_event.hpp"
#include "channels/bluesky/parse.hpp"
#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/wait.hpp"
#include "channels/bluesky/xrpc.hpp"
#include "channels/contract/status_detail.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::string_view kPostCollection = "app.bsky.feed.post";
constexpr std::string_view kPostPath = "app.bsky.feed.post/";
constexpr std::int64_t kConnectTimeoutMs = 10'000;
constexpr std::int64_t kQuietIsConnectedMs =
    11'000;  // longer than connecting may take: so it is open, only quiet
constexpr std::size_t kMessageLimitBytes = 8 << 20;
constexpr std::int64_t kTimeCursorFrom =
    1'000'000'000'000'000;  // subscribeEvents: from here it is unix microseconds

// Everything parse() needs, in the order a person would read it.
std::string record_body(std::string_view uri, std::string_view cid, std::string_view did,
                        std::string_view rev, std::int64_t position, std::string_view time,
                        std::string_view operation, std::string_view record_json) {
  std::string body;
  body.reserve(record_json.size() + 400);
  const auto text = [&](const char* key, std::string_view value) {
    body.append(body.empty() ? "{\"" : ",\"").append(key).append("\":");
    append_json_string(body, value);
  };
  text("uri", uri);
  text("cid", cid);
  text("did", did);
  text("rev", rev);
  body += ",\"seq\":" + std::to_string(position);
  text("time", time);
  text("operation", operation);
  body.append(",\"record\":").append(record_json).append("}");
  return body;
}

Error stream_error(std::string_view name, std::string_view message) {
  return {ErrorKind::kUnavailable,
          "the stream ended: " + std::string(name) + " " + std::string(message.substr(0, 200)),
          {},
          std::string(name),
          0};
}

}  // namespace

Result<StreamKind> stream_kind(const BlueskyOptions& options) {
  const bool framed = options.stream_url.find("subscribeEvents") != std::string::npos;
  const bool repos = options.stream_url.find("subscribeRepos") != std::string::npos;
  if (options.stream_kind == "firehose" || (options.stream_kind == "auto" && repos))
    return StreamKind::kFirehose;
  if (options.stream_kind == "jetstream" || options.stream_kind == "auto") {
    return framed ? StreamKind::kJetstream : StreamKind::kLegacyJetstream;
  }
  return invalid("the stream's kind must be auto, jetstream or firehose", "stream_kind");
}

std::string StreamCursor::text(const std::string& url) const {
  std::string out = "{\"url\":";
  append_json_string(out, url);
  return out + ",\"position\":" + std::to_string(position) + ",\"time_us\":" + std::to_string(time_us) + "}";
}

StreamCursor StreamCursor::read(std::string_view stored, const std::string& url) {
  const auto document = JsonDocument::parse(stored);
  if (!document.ok() || document->root()["url"].text() != url) return {};
  return {std::max<std::int64_t>(0, document->root()["position"].number_or_zero()),
          document->root()["time_us"].number_or_zero()};
}

std::string stream_request_url(const std::string& url, StreamKind kind, const StreamCursor& cursor) {
  std::string out = url;
  const auto add = [&](std::string_view key, const std::string& value) {
    out += out.find('?') == std::string::npos ? '?' : '&';
    out.append(key).append("=").append(value);
  };
  if (kind == StreamKind::kLegacyJetstream) add("wantedCollections", std::string(kPostCollection));
  if (kind == StreamKind::kJetstream) {
    for (const auto* kind : {"commit", "account", "identity"}) add("kinds", kind);
    add("collections", std::string(kPostCollection));
  }
  if (cursor.position > 0) add("cursor", std::to_string(cursor.position));
  return out;
}

void StreamListener::health(std::string_view status, std::string_view detail) {
  if (health_status_ == status && health_detail_ == detail) return;
  health_status_ = status;
  health_detail_ = detail;
  inlet_.health(status, detail);
}

void StreamListener::unreadable(const Error& error) {
  // A stranger can write what we cannot read; one line a thousand is enough.
  if (unreadable_++ % 1'000 == 0) {
    log::warning("bluesky: unreadable message on the stream",
                 {{"code", error.code},
                  {"message", error.message},
                  {"place", error.where},
                  {"count", static_cast<std::int64_t>(unreadable_)}});
  }
}

bool StreamListener::had(std::int64_t position) const {
  // A cursor that is a time (after CursorTooOld) says nothing about the numbers that follow it.
  if (kind_ == StreamKind::kJetstream && cursor_.position >= kTimeCursorFrom) return false;
  // Microseconds of the legacy Jetstream may be shared by two messages, so there the last one is taken again.
  // The new one's cursor is inclusive: what we had comes once more.
  return kind_ == StreamKind::kLegacyJetstream ? position < cursor_.position : position <= cursor_.position;
}

void StreamListener::moved_to(std::int64_t position, std::int64_t time_us) {
  if (had(position)) return;
  cursor_.position = position;
  if (time_us > 0) cursor_.time_us = time_us;
  moved_ = true;
}

Result<void> StreamListener::checkpoint() {
  if (!moved_) return {};
  TRY(inlet_.checkpoint(cursor_.text(options_.stream_url)));
  moved_ = false;
  offered_ = 0;
  checkpoint_at_ = tools_.clock.monotonic_ms();
  return {};
}

Result<void> StreamListener::offer_deletion(const std::string& uri, std::string_view did,
                                            std::string_view time) {
  if (!inlet_.knows(uri)) return {};
  std::string body = "{\"uri\":";
  append_json_string(body, uri);
  body += ",\"did\":";
  append_json_string(body, did);
  body += ",\"time\":";
  append_json_string(body, time);
  body += "}";
  ++offered_;
  return inlet_.offer_deletion(uri, RawItem{std::string(kDeletionSource), std::move(body)});
}

Result<void> StreamListener::account_changed(std::string_view did, bool active, std::string_view status,
                                             std::string_view time) {
  if (active || !is_gone_for_good(status) || !inlet_.knows_author(did, posts_of(did))) return {};
  std::string body = "{\"did\":";
  append_json_string(body, did);
  body += ",\"status\":";
  append_json_string(body, status);
  body += ",\"time\":";
  append_json_string(body, time);
  body += "}";
  ++offered_;
  return inlet_.offer_author(did, posts_of(did), RawItem{std::string(kAccountSource), std::move(body)});
}

void StreamListener::identity_changed(std::string_view did, std::string_view time) {
  if (!inlet_.knows_author(did, {})) return;  // only of customers a handle is kept
  const std::lock_guard lock(identities_mutex_);
  const auto waits = std::ranges::any_of(identities_, [&](const auto& one) { return one.first == did; });
  if (waits || identities_.size() >= kIdentitiesLimit) return;
  identities_.emplace_back(did, time);
  identity_came_.notify_one();
}

void StreamListener::check_identities(std::stop_token stop) {
  Xrpc xrpc(tools_);
  while (true) {
    std::pair<std::string, std::string> next;
    {
      std::unique_lock lock(identities_mutex_);
      if (!identity_came_.wait(lock, stop, [&] { return !identities_.empty(); })) return;
      next = std::move(identities_.front());
      identities_.pop_front();
    }
    const auto& [did, time] = next;
    const auto identity = resolve_did(tools_, options_, did, stop);
    if (!identity.ok() || identity->handle.empty()) continue;
    // A handle counts only when it leads back to the account that claims it.
    const auto owner = resolve_handle(xrpc, tools_, options_, identity->handle, stop);
    if (!owner.ok() || *owner != did) continue;
    std::string body = "{\"did\":";
    append_json_string(body, did);
    body += ",\"handle\":";
    append_json_string(body, identity->handle);
    body += ",\"time\":";
    append_json_string(body, time);
    body += "}";
    const std::lock_guard lock(mutex_);
    ++offered_;
    if (auto offered = inlet_.offer_author(did, {}, RawItem{std::string(kIdentitySource), std::move(body)});
        !offered.ok())
      log::warning("bluesky: a new handle was not stored", offered.error());
  }
}

Result<void> StreamListener::firehose_record(const FirehoseOp& op, std::string_view rkey) {
  const auto car = CarReader::open(frame_.blocks);
  if (!car.ok()) return unreadable(car.error()), Result<void>();
  const auto block = car->find(op.cid);
  if (!block.ok()) return unreadable(block.error()), Result<void>();
  if (!block->has_value()) return {};  // a commit that was too big: its record is not here
  auto glance = glance_at_post((*block)->bytes);
  if (!glance.ok()) return unreadable(glance.error()), Result<void>();

  const std::string uri = post_uri(frame_.did, rkey);
  const StreamPost post{uri,
                        frame_.did,
                        glance->text,
                        glance->language,
                        glance->parent_uri,
                        glance->root_uri,
                        std::move(glance->links),
                        std::move(glance->hashtags),
                        glance->has_image,
                        glance->has_video,
                        glance->is_quote};
  if (!inlet_.wants(post)) return {};
  if (!matches(op.cid, (*block)->bytes)) {
    return unreadable({ErrorKind::kCorrupt, "a record does not hash to its CID", {}, "forged", 0}),
           Result<void>();
  }
  std::string record;
  if (auto converted = append_dag_json(record, (*block)->bytes); !converted.ok())
    return unreadable(converted.error()), Result<void>();
  ++offered_;
  return inlet_.offer(
      post, RawItem{std::string(kRecordSource), record_body(uri, op.cid.text(), frame_.did, frame_.rev,
                                                            frame_.seq, frame_.time, op.action, record)});
}

Result<void> StreamListener::firehose_message(std::string_view bytes) {
  if (auto decoded = decode_firehose_frame(bytes, frame_); !decoded.ok()) {
    unreadable(decoded.error());
    return {};
  }
  using Kind = FirehoseFrame::Kind;
  if (frame_.kind == Kind::kError) return stream_error(frame_.name, frame_.message);
  if (frame_.kind == Kind::kInfo) {
    if (frame_.name == "OutdatedCursor") gap_ = "stream_gap_older";
    return {};
  }
  if (frame_.kind == Kind::kUnknown || had(frame_.seq)) return {};
  if (frame_.kind == Kind::kCommit) {
    for (const auto& op : frame_.ops) {
      if (!op.path.starts_with(kPostPath)) continue;
      const auto rkey = op.path.substr(kPostPath.size());
      if (op.action == "delete") {
        TRY(offer_deletion(post_uri(frame_.did, rkey), frame_.did, frame_.time));
      } else if (!op.cid.bytes.empty()) {
        TRY(firehose_record(op, rkey));
      }
    }
  }
  if (frame_.kind == Kind::kAccount)
    TRY(account_changed(frame_.did, frame_.active, frame_.status, frame_.time));
  if (frame_.kind == Kind::kIdentity) identity_changed(frame_.did, frame_.time);
  moved_to(frame_.seq, parse_rfc3339(frame_.time).value_or(0) * 1'000);
  return {};
}

namespace {

void describe(const IncomingEmbeds& embeds, const std::vector<IncomingFacet>& facets, StreamPost& post) {
  for (const auto& one : embeds.attachments) {
    post.has_image |= one.kind == "image";
    post.has_video |= one.kind == "video";
    if (one.kind == "link") post.links.push_back(one.url);
  }
  post.is_quote = !embeds.quoted_uri.empty();
  for (const auto& facet : facets) {
    if (facet.kind == IncomingFacet::Kind::kLink) post.links.push_back(facet.value);
    if (facet.kind == IncomingFacet::Kind::kTag) post.hashtags.push_back(facet.value);
  }
}

}  // namespace

Result<void> StreamListener::jetstream_message(std::string_view text) {
  const auto document = JsonDocument::parse(text, JsonLimits{kMessageLimitBytes, 64});
  if (!document.ok()) return unreadable(document.error()), Result<void>();
  const auto decoded = decode_jetstream_event(*document);
  if (!decoded.ok()) return unreadable(decoded.error()), Result<void>();
  const JetstreamEvent& event = *decoded;
  using Kind = JetstreamEvent::Kind;
  if (event.kind == Kind::kError) return stream_error(event.name, event.message);
  if (event.kind == Kind::kInfo) {
    if (event.name == "OutdatedCursor") gap_ = "stream_gap_older";
    return {};
  }
  if (event.kind == Kind::kUnknown || had(event.cursor)) return {};
  const std::string time = event.time.empty() ? to_rfc3339(event.time_us / 1'000) : std::string(event.time);
  if (event.kind == Kind::kAccount) TRY(account_changed(event.did, event.active, event.status, time));
  if (event.kind == Kind::kIdentity) identity_changed(event.did, time);
  if (event.kind == Kind::kCommit && event.collection == kPostCollection && is_record_key(event.rkey)) {
    const std::string uri = post_uri(event.did, event.rkey);
    if (event.operation == "delete") {
      TRY(offer_deletion(uri, event.did, time));
    } else {
      const JsonView record = event.record;
      std::string_view language;
      (void)record["langs"]
          .each([&](JsonView one) -> Result<void> {
            if (language.empty()) language = one.text();
            return {};
          })
          .ok();
      StreamPost post{uri,
                      event.did,
                      record["text"].text(),
                      language,
                      record["reply"]["parent"]["uri"].text(),
                      record["reply"]["root"]["uri"].text(),
                      {},
                      {}};
      const auto embeds = read_embeds(record["embed"]);
      const auto facets = read_facets(record["facets"], post.text);
      describe(embeds, facets, post);
      if (inlet_.wants(post)) {
        ++offered_;
        TRY(inlet_.offer(post, RawItem{std::string(kRecordSource),
                                       record_body(uri, event.cid, event.did, event.rev, event.cursor, time,
                                                   event.operation, record.raw())}));
      }
    }
  }
  moved_to(event.cursor, event.time_us);
  return {};
}

Result<void> StreamListener::message(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  ++messages_;
  TRY(kind_ == StreamKind::kFirehose ? firehose_message(bytes) : jetstream_message(bytes));
  if (messages_ == 1 || health_status_ != "ok") health("ok", gap_);
  if (offered_ >= kCheckpointItems) TRY(checkpoint());
  return {};
}

void StreamListener::lost_connection(const Error& error) {
  const auto says = [&](std::string_view word) {
    return error.code == word || error.message.find(word) != std::string::npos;
  };
  if (says("CursorTooOld") && cursor_.time_us > 0 && cursor_.position < cursor_.time_us) {
    // As a time the server takes it from the oldest it still has (lexicon subscribeEvents).
    gap_ = "stream_gap_older";
    cursor_.position = cursor_.time_us;
  } else if (says("FutureCursor") || says("CursorTooOld")) {
    gap_ = "stream_gap_anew";
    cursor_ = {};
  } else {
    return;
  }
  log::warning("bluesky: gap in the public stream", {{"message", error.message}});
  if (auto stored = inlet_.checkpoint(cursor_.text(options_.stream_url)); !stored.ok())
    log::error("bluesky: the cursor was not stored", stored.error());
}

Result<void> StreamListener::run(std::stop_token stop) {
  kind_ = TRY(stream_kind(options_));
  // A quiet stream must be made durable too, so the checkpoints have a thread of their own.
  const std::jthread checkpoints([&](std::stop_token done) {
    while (wait_ms(done, kCheckpointMs)) {
      const std::lock_guard lock(mutex_);
      if (connecting_since_ > 0 && health_status_ != "ok" &&
          tools_.clock.monotonic_ms() - connecting_since_ > kQuietIsConnectedMs)
        health("ok", gap_);
      if (auto made = checkpoint(); !made.ok()) log::error("bluesky: a checkpoint failed", made.error());
    }
  });
  const std::jthread identities([this](std::stop_token done) { check_identities(std::move(done)); });
  Backoff backoff(tools_.random);
  while (!stop.stop_requested()) {
    net::WebSocketOptions socket;
    {
      const std::lock_guard lock(mutex_);
      auto stored = inlet_.cursor();  // what is durable, not what we remember
      if (stored.ok()) cursor_ = StreamCursor::read(*stored, options_.stream_url);
      moved_ = false;
      messages_ = 0;
      connecting_since_ = tools_.clock.monotonic_ms();
      socket.url = stream_request_url(options_.stream_url, kind_, cursor_);
    }
    socket.policy = tools_.ssrf;
    socket.connect_timeout_ms = kConnectTimeoutMs;
    socket.message_limit_bytes = kMessageLimitBytes;
    const auto ended = read_(socket, stop, [&](std::string_view bytes, bool) { return message(bytes); });
    {
      const std::lock_guard lock(mutex_);
      connecting_since_ = 0;
      if (auto made = checkpoint(); !made.ok()) log::error("bluesky: a checkpoint failed", made.error());
      if (stop.stop_requested()) break;
      const Error error = ended.ok() ? unavailable("the stream was closed") : ended.error();
      lost_connection(error);
      health("waiting", status_detail("stream_broke", error.message));
      log::info("bluesky: the public stream ended", {{"kind", name(error.kind)}, {"message", error.message}});
      if (messages_ > 0) backoff.reset();
    }
    if (!wait_ms(stop, backoff.next_ms())) break;
  }
  return {};
}

}  // namespace kiki::channels::bluesky
