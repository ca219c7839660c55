#include "channels/bluesky/write.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "channels/bluesky/identity.hpp"
#include "channels/bluesky/outgoing_facets.hpp"
#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/tid.hpp"
#include "text/graphemes.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr int kUndoPagesLimit = 5;
constexpr std::size_t kMentionsLimit = 10;

Error refuse(const char* code, std::string message) {
  return {ErrorKind::kUnprocessable, std::move(message), {}, code, 0};
}

std::string record_uri(const Account& account, std::string_view collection, std::string_view rkey) {
  return "at://" + account.external_id + "/" + std::string(collection) + "/" + std::string(rkey);
}

Result<json::value> parse_strict(std::string_view text) {
  boost::system::error_code code;
  auto value = json::parse(text, code);
  if (code) return invalid("not JSON");
  return value;
}

Sent sent(std::string uri, std::string cid) {
  Sent out;
  out.url = uri.find("/app.bsky.feed.post/") != std::string::npos ? post_url(uri) : "";
  out.external_id = std::move(uri);
  out.revision = std::move(cid);
  return out;
}

}  // namespace

std::string_view collection_of(std::string_view action) {
  if (action == "reply" || action == "post") return "app.bsky.feed.post";
  if (action == "like" || action == "unlike") return "app.bsky.feed.like";
  if (action == "repost" || action == "unrepost") return "app.bsky.feed.repost";
  return "";
}

Result<void> check_outgoing(const Outgoing& outgoing) {
  if (outgoing.action != "reply") return {};
  if (outgoing.text.empty() && outgoing.images.empty()) return refuse("text_empty", "the reply is empty");
  const auto graphemes = text::count_graphemes(outgoing.text);
  if (graphemes > static_cast<std::size_t>(kTextLimitGraphemes)) {
    return refuse("text_too_long",
                  "the text has " + std::to_string(graphemes) + " characters, 300 are allowed");
  }
  if (outgoing.text.size() > kPostTextLimitBytes) {
    return refuse("text_too_long",
                  "the text has " + std::to_string(outgoing.text.size()) + " bytes, 3000 are allowed");
  }
  if (outgoing.images.size() > static_cast<std::size_t>(kImagesLimit))
    return refuse("too_many_images", "at most 4 images");
  for (const auto& image : outgoing.images) {
    if (image.body.size() > kImageLimitBytes)
      return refuse("image_too_large", "an image is over 1,000,000 bytes");
    if (!image.content_type.starts_with("image/"))
      return refuse("image_type", "an attachment is not an image");
  }
  return {};
}

Result<std::string> Writer::upload(const Account& account, AccountState& state, const Outgoing::Image& image,
                                   std::stop_token stop) {
  XrpcCall call;
  call.nsid = "com.atproto.repo.uploadBlob";
  call.procedure = true;
  call.body = image.body;
  call.content_type = image.content_type;
  call.timeout_ms = 60'000;
  auto answer = xrpc_.call(account, state, call, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    // A blob nothing refers to is thrown away by the server: uploading again does no harm.
    if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  const auto document = TRY(JsonDocument::parse(*answer));
  if (!document.root()["blob"].is_object()) return unavailable("the upload was answered without a blob");
  return document.root()["blob"].raw();
}

// Normally kept with the post; asked for again when it is not.
Result<std::string> Writer::reply_reference(const Outgoing& outgoing, std::stop_token stop) {
  if (!outgoing.reply_reference.empty()) return outgoing.reply_reference;
  XrpcCall call;
  call.nsid = "app.bsky.feed.getPosts";
  call.params = {{"uris", outgoing.target_external_id}};
  const std::string body = TRY(xrpc_.open_call(options_.appview_url, call, stop));
  const auto document = TRY(JsonDocument::parse(body, JsonLimits{4 << 20, 64}));
  json::object reference;
  (void)document.root()["posts"]
      .each([&](JsonView post) -> Result<void> {
        json::object parent{{"uri", post["uri"].text()}, {"cid", post["cid"].text()}};
        const JsonView root = post["record"]["reply"]["root"];
        if (root.is_object()) {
          reference["root"] = json::object{{"uri", root["uri"].text()}, {"cid", root["cid"].text()}};
        } else {
          reference["root"] = parent;
        }
        reference["parent"] = std::move(parent);
        return {};
      })
      .ok();
  if (reference.empty()) return not_found("the post that is answered is not there any more");
  return json::serialize(reference);
}

Result<std::string> Writer::post_record(const Account& account, AccountState& state, const Outgoing& outgoing,
                                        std::stop_token stop) {
  json::object record{{"$type", "app.bsky.feed.post"}, {"text", outgoing.text}};
  record["createdAt"] = to_rfc3339(outgoing.created_at > 0 ? outgoing.created_at : tools_.clock.now_ms());
  if (!outgoing.language.empty()) record["langs"] = json::array{outgoing.language};
  record["reply"] = TRY(parse_strict(TRY(reply_reference(outgoing, stop))));

  json::array facets;
  std::size_t mentions = 0;
  for (const auto& facet : detect_facets(outgoing.text)) {
    json::object feature;
    if (facet.kind == OutgoingFacet::Kind::kLink) {
      feature = {{"$type", "app.bsky.richtext.facet#link"}, {"uri", facet.value}};
    } else if (facet.kind == OutgoingFacet::Kind::kTag) {
      feature = {{"$type", "app.bsky.richtext.facet#tag"}, {"tag", facet.value}};
    } else {
      if (++mentions > kMentionsLimit) continue;
      XrpcCall call;
      call.nsid = "com.atproto.identity.resolveHandle";
      call.params = {{"handle", facet.value}};
      call.timeout_ms = 5'000;
      const auto answer = xrpc_.call(account, state, call, stop);
      if (!answer.ok() && (answer.error().kind == ErrorKind::kUnauthenticated ||
                           answer.error().kind == ErrorKind::kCancelled))
        return answer.error();
      const auto document = answer.ok() ? JsonDocument::parse(*answer) : Result<JsonDocument>(answer.error());
      if (!document.ok() || !is_did(document->root()["did"].text()))
        continue;  // nobody has this name: it stays plain text
      feature = {{"$type", "app.bsky.richtext.facet#mention"}, {"did", document->root()["did"].text()}};
    }
    facets.push_back(json::object{{"index", {{"byteStart", facet.byte_start}, {"byteEnd", facet.byte_end}}},
                                  {"features", json::array{std::move(feature)}}});
  }
  if (!facets.empty()) record["facets"] = std::move(facets);

  json::array images;
  for (const auto& image : outgoing.images) {
    json::object item{{"image", TRY(parse_strict(TRY(upload(account, state, image, stop))))},
                      {"alt", image.alt}};
    if (image.width > 0 && image.height > 0)
      item["aspectRatio"] = {{"width", image.width}, {"height", image.height}};
    images.push_back(std::move(item));
  }
  if (!images.empty()) record["embed"] = {{"$type", "app.bsky.embed.images"}, {"images", std::move(images)}};
  return json::serialize(record);
}

Result<Sent> Writer::create(const Account& account, AccountState& state, const std::string& collection,
                            const std::string& rkey, const std::string& record, std::stop_token stop) {
  if (!is_record_key(rkey)) return internal_error("a record without its key, chosen beforehand");
  XrpcCall call;
  call.nsid = "com.atproto.repo.createRecord";
  call.procedure = true;
  call.body = json::serialize(
      json::object{{"repo", account.external_id}, {"collection", collection}, {"rkey", rkey}});
  call.body.pop_back();
  call.body += ",\"record\":" + record + "}";
  auto answer = xrpc_.call(account, state, call, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    if (error.kind == ErrorKind::kInvalid) error.kind = ErrorKind::kUnprocessable;
    return error;
  }
  const auto document = JsonDocument::parse(*answer);
  const std::string uri(document.ok() ? document->root()["uri"].text() : std::string_view());
  if (uri != record_uri(account, collection, rkey)) {
    return Error{ErrorKind::kUnclear, "the network's answer cannot be read", {}, "bad_answer", 0};
  }
  return sent(uri, std::string(document->root()["cid"].text()));
}

Result<Sent> Writer::remove(const Account& account, AccountState& state, const std::string& uri,
                            std::stop_token stop) {
  const auto parts = parse_at_uri(uri);
  if (!parts || parts->rkey.empty()) return invalid("not the address of a record");
  if (parts->authority != account.external_id)
    return Error{ErrorKind::kForbidden, "the record is not this account's", {}, "not_ours", 0};
  XrpcCall call;
  call.nsid = "com.atproto.repo.deleteRecord";
  call.procedure = true;
  call.body = json::serialize(
      json::object{{"repo", account.external_id}, {"collection", parts->collection}, {"rkey", parts->rkey}});
  TRY(xrpc_.call(account, state, call, stop));  // deleting what is not there succeeds too
  return sent(uri, "");
}

Result<std::string> Writer::own_record_about(const Account& account, const std::string& collection,
                                             const std::string& subject, std::stop_token stop) {
  // From the data server, newest first: the AppView may not have seen a like of a second ago.
  const std::string pds = TRY(pds_url_of(account));
  std::string cursor, found;
  for (int page = 0; page < kUndoPagesLimit && found.empty(); ++page) {
    XrpcCall call;
    call.nsid = "com.atproto.repo.listRecords";
    call.params = {{"repo", account.external_id}, {"collection", collection}, {"limit", "100"}};
    if (!cursor.empty()) call.params.emplace_back("cursor", cursor);
    const std::string body = TRY(xrpc_.open_call(pds, call, stop));
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{8 << 20, 64}));
    TRY(document.root()["records"].each([&](JsonView record) -> Result<void> {
      if (record["value"]["subject"]["uri"].text() == subject) found = record["uri"].text();
      return {};
    }));
    cursor = document.root()["cursor"].text();
    if (cursor.empty()) break;
  }
  return found;
}

Result<Sent> Writer::undo(const Account& account, AccountState& state, const Outgoing& outgoing,
                          std::stop_token stop) {
  const std::string collection(collection_of(outgoing.action));
  std::string uri = TRY(own_record_about(account, collection, outgoing.target_external_id, stop));
  if (uri.empty()) {  // older than the pages we looked at: the AppView knows it
    XrpcCall call;
    call.nsid = "app.bsky.feed.getPosts";
    call.params = {{"uris", outgoing.target_external_id}};
    const std::string body = TRY(xrpc_.call(account, state, call, stop));
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{4 << 20, 64}));
    const char* member = outgoing.action == "unlike" ? "like" : "repost";
    (void)document.root()["posts"]
        .each([&](JsonView post) -> Result<void> {
          uri = post["viewer"][member].text();
          return {};
        })
        .ok();
  }
  if (uri.empty()) return sent(outgoing.target_external_id, "");  // undone already
  return remove(account, state, uri, stop);
}

Result<Sent> Writer::send(const Account& account, AccountState& state, const Outgoing& outgoing,
                          std::stop_token stop) {
  TRY(check_outgoing(outgoing));
  if (outgoing.action == "reply") {
    // Everything that may fail without harm comes before the one call that may not.
    const std::string record = TRY(post_record(account, state, outgoing, stop));
    return create(account, state, "app.bsky.feed.post", outgoing.network_key, record, stop);
  }
  if (outgoing.action == "like" || outgoing.action == "repost") {
    const std::string collection(collection_of(outgoing.action));
    std::string cid = outgoing.target_revision;
    if (cid.empty())
      cid =
          TRY(parse_strict(TRY(reply_reference(outgoing, stop)))).at("parent").at("cid").as_string().c_str();
    const auto record = json::object{
        {"$type", collection},
        {"subject", {{"uri", outgoing.target_external_id}, {"cid", cid}}},
        {"createdAt", to_rfc3339(outgoing.created_at > 0 ? outgoing.created_at : tools_.clock.now_ms())}};
    return create(account, state, collection, outgoing.network_key, json::serialize(record), stop);
  }
  if (outgoing.action == "unlike" || outgoing.action == "unrepost")
    return undo(account, state, outgoing, stop);
  if (outgoing.action == "delete") return remove(account, state, outgoing.target_external_id, stop);
  return refuse("unknown_action", "Bluesky cannot do this: " + outgoing.action);
}

Result<std::optional<Sent>> Writer::look_up(const Account& account, AccountState& state,
                                            const Outgoing& outgoing, std::stop_token stop) {
  (void)state;
  const std::string pds = TRY(pds_url_of(account));
  const bool undoing = outgoing.action == "unlike" || outgoing.action == "unrepost";
  if (undoing) {
    const auto uri = TRY(own_record_about(account, std::string(collection_of(outgoing.action)),
                                          outgoing.target_external_id, stop));
    if (uri.empty()) return std::optional<Sent>(sent(outgoing.target_external_id, ""));
    return std::optional<Sent>();
  }
  const std::string uri = outgoing.action == "delete"
                              ? outgoing.target_external_id
                              : record_uri(account, collection_of(outgoing.action), outgoing.network_key);
  const auto parts = parse_at_uri(uri);
  if (!parts || parts->rkey.empty()) return invalid("not the address of a record");
  XrpcCall call;
  call.nsid = "com.atproto.repo.getRecord";
  call.params = {{"repo", account.external_id},
                 {"collection", std::string(parts->collection)},
                 {"rkey", std::string(parts->rkey)}};
  auto answer = xrpc_.open_call(pds, call, stop);  // public: works with a dead session as well
  const bool missing =
      !answer.ok() && (answer.error().kind == ErrorKind::kNotFound ||
                       answer.error().message.find("Could not locate record") != std::string::npos);
  if (!answer.ok() && !missing) return std::move(answer).error();
  if (outgoing.action == "delete")
    return missing ? std::optional<Sent>(sent(uri, "")) : std::optional<Sent>();
  if (missing) return std::optional<Sent>();
  const auto document = TRY(JsonDocument::parse(*answer, JsonLimits{4 << 20, 64}));
  return std::optional<Sent>(sent(uri, std::string(document.root()["cid"].text())));
}

Result<bool> Writer::listed(const std::string& nsid, const std::string& list, const std::string& uri,
                            const std::string& did, std::stop_token stop) {
  XrpcCall call;
  call.nsid = nsid;
  call.params = {{"uri", uri}, {"limit", "100"}};
  const std::string body = TRY(xrpc_.open_call(options_.appview_url, call, stop));
  const auto document = TRY(JsonDocument::parse(body, JsonLimits{4 << 20, 64}));
  bool found = false;
  TRY(document.root()[list].each([&](JsonView item) -> Result<void> {
    const JsonView actor = item["actor"].is_object() ? item["actor"] : item;
    found = found || actor["did"].text() == did;
    return {};
  }));
  return found;
}

Result<bool> Writer::is_visible(const Account& account, const Outgoing& outgoing, const Sent& sent_record,
                                std::stop_token stop) {
  const std::string& action = outgoing.action;
  if (action == "like" || action == "unlike") {
    const bool found = TRY(
        listed("app.bsky.feed.getLikes", "likes", outgoing.target_external_id, account.external_id, stop));
    return found == (action == "like");
  }
  if (action == "repost" || action == "unrepost") {
    const bool found = TRY(listed("app.bsky.feed.getRepostedBy", "repostedBy", outgoing.target_external_id,
                                  account.external_id, stop));
    return found == (action == "repost");
  }
  XrpcCall call;
  call.nsid = "app.bsky.feed.getPosts";
  call.params = {{"uris", action == "delete" ? outgoing.target_external_id : sent_record.external_id}};
  const std::string body = TRY(xrpc_.open_call(options_.appview_url, call, stop));
  const auto document = TRY(JsonDocument::parse(body, JsonLimits{4 << 20, 64}));
  const bool found = document.root()["posts"].size() > 0;
  return found != (action == "delete");
}

}  // namespace kiki::channels::bluesky
