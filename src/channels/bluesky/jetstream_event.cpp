#include "channels/bluesky/jetstream_event.hpp"

#include "base/clock.hpp"

namespace kiki::channels::bluesky {

namespace {

using Kind = JetstreamEvent::Kind;

Error corrupt(const char* what) {
  return {ErrorKind::kCorrupt, what, {}, "jetstream", 0};
}

void read_commit(JsonView commit, JetstreamEvent& event) {
  event.rev = commit["rev"].text();
  event.operation = commit["operation"].text();
  event.collection = commit["collection"].text();
  event.rkey = commit["rkey"].text();
  event.cid = commit["cid"].text();
  event.record = commit["record"];
}

bool is_active(JsonView account) {
  const auto active = account["active"].boolean_or(true);
  return !active.ok() || *active;
}

// {"did","time_us","kind":"commit","commit":{…}}
JetstreamEvent decode_legacy(JsonView root) {
  JetstreamEvent event;
  event.did = root["did"].text();
  event.time_us = event.cursor = root["time_us"].number_or_zero();
  const auto kind = root["kind"].text();
  if (kind == "commit") {
    event.kind = Kind::kCommit;
    read_commit(root["commit"], event);
  } else if (kind == "identity") {
    event.kind = Kind::kIdentity;
  } else if (kind == "account") {
    event.kind = Kind::kAccount;
    event.active = is_active(root["account"]);
    event.status = root["account"]["status"].text();
  }
  return event;
}

// {"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq",…}}
JetstreamEvent decode_framed(JsonView root) {
  JetstreamEvent event;
  const bool error = root["$type"].text() == "error";
  const JsonView payload = root["payload"].is_object() ? root["payload"] : root;
  if (error) {
    event.kind = Kind::kError;
    event.name = payload["error"].text(payload["name"].text());
    event.message = payload["message"].text();
    return event;
  }
  std::string_view type = payload["$type"].text();
  if (const auto hash = type.rfind('#'); hash != std::string_view::npos) type.remove_prefix(hash + 1);
  event.cursor = payload["seq"].number_or_zero();
  event.did = payload["did"].text();
  event.time = payload["time"].text();
  if (const auto time_ms = parse_rfc3339(event.time)) event.time_us = *time_ms * 1000;
  if (type == "commit") {
    event.kind = Kind::kCommit;
    read_commit(payload, event);
  } else if (type == "identity") {
    event.kind = Kind::kIdentity;
  } else if (type == "account") {
    event.kind = Kind::kAccount;
    event.active = is_active(payload["account"]);
    event.status = payload["account"]["status"].text();
  } else if (type == "sync") {
    event.kind = Kind::kSync;
  } else if (type == "info") {
    event.kind = Kind::kInfo;
    event.cursor = 0;
    event.name = payload["name"].text();
    event.message = payload["message"].text();
  }
  return event;
}

}  // namespace

Result<JetstreamEvent> decode_jetstream_event(const JsonDocument& document) {
  const JsonView root = document.root();
  if (!root.is_object()) return corrupt("a message is not an object");
  JetstreamEvent event = root["$type"].exists() ? decode_framed(root) : decode_legacy(root);
  if (event.kind == Kind::kCommit) {
    if (event.cursor <= 0 || event.did.empty() || event.collection.empty() || event.rkey.empty()) {
      return corrupt("a commit without cursor, account, collection or key");
    }
    if (event.operation != "delete" && !event.record.is_object())
      return corrupt("a commit without its record");
  }
  return event;
}

}  // namespace kiki::channels::bluesky
