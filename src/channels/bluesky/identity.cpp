#include "channels/bluesky/identity.hpp"

#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/xrpc.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::int64_t kTimeoutMs = 10'000;

Result<std::string> get(Tools& tools, std::string url, std::stop_token stop) {
  TRY(net::check_url(url, tools.ssrf));
  net::HttpCall call;
  call.url = std::move(url);
  call.timeout_ms = kTimeoutMs;
  call.answer_limit_bytes = 256 << 10;
  auto answer = TRY(tools.http.call(call, stop));
  if (answer.status == 404 || answer.status == 410) return not_found("not found");
  if (answer.status != 200) return unavailable("the server answered " + std::to_string(answer.status));
  return std::move(answer.body);
}

std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

}  // namespace

Result<std::string> resolve_handle(Xrpc& xrpc, Tools& tools, const BlueskyOptions& options,
                                   const std::string& handle, std::stop_token stop) {
  XrpcCall call;
  call.nsid = "com.atproto.identity.resolveHandle";
  call.params = {{"handle", handle}};
  call.timeout_ms = kTimeoutMs;
  auto answer = xrpc.open_call(options.entryway_url, call, stop);
  if (answer.ok()) {
    const auto document = TRY(JsonDocument::parse(*answer));
    std::string did(document.root()["did"].text());
    if (is_did(did)) return did;
  }
  auto file = get(tools, "https://" + handle + "/.well-known/atproto-did", stop);
  if (file.ok()) {
    std::string did = trimmed(std::move(file).value());
    if (is_did(did)) return did;
  }
  // The entryway says 400 "Unable to resolve handle" for a name nobody has.
  if (!answer.ok() && answer.error().kind != ErrorKind::kInvalid &&
      answer.error().kind != ErrorKind::kNotFound) {
    return std::move(answer).error();
  }
  return not_found("no account has this handle");
}

std::string pds_url_from(JsonView document) {
  std::string url;
  (void)document["service"]
      .each([&](JsonView service) -> Result<void> {
        if (url.empty() && service["id"].text().ends_with("#atproto_pds"))
          url = service["serviceEndpoint"].text();
        return {};
      })
      .ok();
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Result<Identity> resolve_did(Tools& tools, const BlueskyOptions& options, const std::string& did,
                             std::stop_token stop) {
  std::string url;
  if (did.starts_with("did:plc:")) {
    url = options.plc_url + "/" + did;
  } else if (did.starts_with("did:web:")) {
    std::string host = did.substr(8);
    if (host.find(':') != std::string::npos)
      return invalid("a did:web with a path is not used on this network");
    if (const auto port = host.find("%3A"); port != std::string::npos) host.replace(port, 3, ":");
    url = "https://" + host + "/.well-known/did.json";
  } else {
    return invalid("an account of an unknown kind: " + did.substr(0, 60));
  }
  const std::string body = TRY(get(tools, std::move(url), stop));
  const auto document = TRY(JsonDocument::parse(body));
  const JsonView root = document.root();
  if (root["id"].text() != did)
    return Error{ErrorKind::kCorrupt, "the DID document belongs to another account", {}, {}, 0};
  Identity identity;
  identity.did = did;
  identity.pds_url = pds_url_from(root);
  (void)root["alsoKnownAs"]
      .each([&](JsonView name) -> Result<void> {
        const auto text = name.text();
        if (identity.handle.empty() && text.starts_with("at://") && is_handle(text.substr(5)))
          identity.handle = text.substr(5);
        return {};
      })
      .ok();
  if (identity.pds_url.empty()) return not_found("the account has no data server");
  // Whoever writes a DID document chooses this address.
  TRY(net::check_url(identity.pds_url, tools.ssrf));
  return identity;
}

}  // namespace kiki::channels::bluesky
