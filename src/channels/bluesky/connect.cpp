#include "channels/bluesky/connect.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/identity.hpp"
#include "channels/bluesky/parse.hpp"
#include "channels/bluesky/syntax.hpp"
#include "net/http_client.hpp"

namespace kiki::channels::bluesky {

namespace {

std::string field(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view key) {
  for (const auto& [name, value] : fields) {
    if (name == key) return value;
  }
  return {};
}

Error wrong(const char* where, const char* code, std::string message) {
  return {ErrorKind::kInvalid, std::move(message), where, code, 0};
}

std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

// A refused login in the words of the form.
Error login_error(Error error) {
  if (error.code == "AuthFactorTokenRequired") {
    return wrong("app_password", "app_password_needed",
                 "this is the account's main password and needs a second factor; make an app password");
  }
  if (error.code == "AccountTakedown" || error.code == "AccountDeactivated" ||
      error.code == "AccountSuspended") {
    return wrong("handle", "account_closed", "the network has closed this account");
  }
  if (error.kind == ErrorKind::kUnauthenticated || error.kind == ErrorKind::kUnprocessable) {
    return wrong("app_password", "wrong_password", "the network does not accept this password");
  }
  return error;
}

}  // namespace

bool is_app_password(std::string_view password) {
  if (password.size() != 19) return false;
  for (std::size_t i = 0; i < password.size(); ++i) {
    const char c = password[i];
    if (i % 5 == 4 ? c != '-' : !((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'))) return false;
  }
  return true;
}

Result<Connected> connect_account(Xrpc& xrpc, Tools& tools, const BlueskyOptions& options,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  std::stop_token stop) {
  const auto identifier = handle_from_input(field(fields, "handle"));
  if (!identifier) return wrong("handle", "invalid_handle", "a handle looks like name.bsky.social");
  const std::string password = trimmed(field(fields, "app_password"));
  if (password.empty() || password.size() > 512)
    return wrong("app_password", "required", "the app password is missing");
  std::string service = trimmed(field(fields, "service"));
  while (service.ends_with('/')) service.pop_back();
  if (!service.empty()) {
    if (service.find("://") == std::string::npos) service = "https://" + service;
    if (auto checked = net::check_url(service, tools.ssrf); !checked.ok()) {
      return wrong("service", "invalid_url", checked.error().message);
    }
  }

  Identity identity;
  if (service.empty()) {
    if (is_did(*identifier)) {
      identity.did = *identifier;
    } else {
      auto did = resolve_handle(xrpc, tools, options, *identifier, stop);
      if (!did.ok() && did.error().kind == ErrorKind::kNotFound)
        return wrong("handle", "unknown_handle", did.error().message);
      identity.did = TRY(std::move(did));
    }
    auto found = resolve_did(tools, options, identity.did, stop);
    if (!found.ok() &&
        (found.error().kind == ErrorKind::kNotFound || found.error().kind == ErrorKind::kInvalid ||
         found.error().kind == ErrorKind::kForbidden)) {
      return wrong("handle", "no_data_server", found.error().message);
    }
    identity = TRY(std::move(found));
  }
  const std::string& server = service.empty() ? identity.pds_url : service;
  auto logged_in = xrpc.create_session(server, *identifier, password, stop);
  if (!logged_in.ok()) return login_error(std::move(logged_in).error());
  Session session = std::move(logged_in).value();
  if (!identity.did.empty() && session.did != identity.did) {
    return wrong("handle", "other_account", "the server logged in another account than the handle names");
  }
  // An entryway hands the session on to the account's own data server.
  std::string pds = session.pds_url.empty() ? server : session.pds_url;
  if (auto checked = net::check_url(pds, tools.ssrf); !checked.ok()) pds = server;

  Connected connected;
  connected.external_id = session.did;
  connected.handle = session.handle.empty() ? *identifier : session.handle;
  connected.name = connected.handle;
  // A main password is used once and not kept: whoever reads our database must not own the account.
  const bool app_password = is_app_password(password);
  connected.settings = "{\"pds_url\":";
  append_json_string(connected.settings, pds);
  connected.settings += std::string(",\"password_kind\":\"") + (app_password ? "app" : "main") + "\"}";
  connected.secrets = {{std::string(kAccessSecret), session.access_jwt},
                       {std::string(kRefreshSecret), session.refresh_jwt}};
  if (app_password) connected.secrets.emplace_back(std::string(kPasswordSecret), password);

  // Name and picture are pleasant, not needed.
  XrpcCall call;
  call.nsid = "app.bsky.actor.getProfile";
  call.params = {{"actor", session.did}};
  if (auto profile = xrpc.open_call(options.appview_url, call, stop); profile.ok()) {
    if (const auto document = JsonDocument::parse(*profile); document.ok()) {
      const auto author = read_author(document->root(), true);
      if (!author.name.empty()) connected.name = author.name;
      connected.avatar_url = author.avatar_url;
    }
  }
  return connected;
}

}  // namespace kiki::channels::bluesky
