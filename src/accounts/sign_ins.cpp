#include "accounts/sign_ins.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "net/hmac.hpp"

namespace kiki::accounts {

namespace {

constexpr TimeMs kMinutes = 10 * 60'000;
constexpr std::string_view kSealName = "sign_in";

Error unknown() {
  return {ErrorKind::kNotFound,
          "This sign-in is not known any more. Begin again from the console.",
          {},
          "sign_in_unknown",
          0};
}

std::string_view value_of(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, [](const auto& pair) { return pair.first; });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

// OAuth 2.0 brings "state", OAuth 1.0a the request token, under another name when it was denied.
std::string_view state_of(const Fields& answer) {
  for (const auto* name : {"state", "oauth_token", "denied"}) {
    if (const auto value = value_of(answer, name); !value.empty()) return value;
  }
  return {};
}

std::string hash_of(std::string_view state) {
  return net::hex(net::sha256("sign-in " + std::string(state)));
}

}  // namespace

bool was_denied(const Fields& answer) {
  return !value_of(answer, "error").empty() || !value_of(answer, "denied").empty();
}

Result<std::string> SignIns::begin(const Begin& wanted, std::stop_token stop) {
  auto* channel = parts_.channel(wanted.network);
  if (channel == nullptr || !channel->descriptor().oauth)
    return invalid("This network has no page to agree on.", "/network");
  if (wanted.account_id != 0) {
    const auto row = TRY(accounts_.read(wanted.workspace_id, wanted.account_id));
    if (row.account.network != wanted.network)
      return invalid("The account is on another network.", "/account_id");
  }
  const auto started = TRY(channel->begin_sign_in(wanted.fields, wanted.redirect_url, stop));
  if (started.state.size() < 16) return internal_error("a state that could be guessed");
  if (!started.authorize_url.starts_with("https://") && !started.authorize_url.starts_with("http://"))
    return internal_error("an address to agree on that is none");
  json::array keep;
  for (const auto& [name, value] : started.keep) keep.push_back(json::array{name, value});
  const auto sealed = sealer_.seal(json::serialize(keep), {wanted.workspace_id, wanted.user_id, kSealName});
  const auto now_ms = parts_.clock.now_ms();
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("DELETE FROM sign_ins WHERE expires_at <= $1", {now_ms}));
    TRY(tx.db().run(
        "INSERT INTO sign_ins (state_hash, workspace_id, account_id, network, user_id, "
        "session_hash, keep, redirect_url, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
        "$9)",
        {hash_of(started.state), wanted.workspace_id, wanted.account_id, wanted.network, wanted.user_id,
         wanted.session_hash, store::Blob{sealed}, wanted.redirect_url, now_ms + kMinutes}));
    return {};
  }));
  return started.authorize_url;
}

Result<SignIns::Pending> SignIns::take(const Fields& answer, Id user_id, std::string_view session_hash) {
  const auto state = state_of(answer);
  if (state.empty() || user_id == 0) return unknown();
  struct Row {
    Pending pending;
    std::string session_hash;
    std::string sealed;
    TimeMs expires_at = 0;
  };
  // Whoever comes first has it, right or wrong: a state that was tried from another browser is burnt.
  const auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) {
    return tx.db().one(
        "DELETE FROM sign_ins WHERE state_hash = $1 RETURNING workspace_id, account_id, "
        "user_id, network, redirect_url, session_hash, keep, expires_at",
        {hash_of(state)}, [](const store::Row& found) {
          return Row{
              {found.integer(0), found.integer(1), found.integer(2), found.string(3), found.string(4), {}},
              found.string(5),
              std::string(found.blob(6)),
              found.integer(7)};
        });
  }));
  if (!row || row->expires_at <= parts_.clock.now_ms() || row->pending.user_id != user_id ||
      !net::equal_constant_time(row->session_hash, session_hash))
    return unknown();
  auto pending = row->pending;
  const auto keep = TRY(sealer_.unseal(row->sealed, {pending.workspace_id, pending.user_id, kSealName}));
  const auto document = TRY(JsonDocument::parse(keep));
  TRY(document.root().each([&](JsonView pair) -> Result<void> {
    std::vector<std::string> both;
    TRY(pair.each([&](JsonView one) -> Result<void> {
      both.push_back(TRY(one.string()));
      return {};
    }));
    if (both.size() == 2) pending.keep.emplace_back(std::move(both[0]), std::move(both[1]));
    return {};
  }));
  return pending;
}

Result<SignIns::Done> SignIns::finish(const Pending& pending, const Fields& answer, std::stop_token stop) {
  auto* channel = parts_.channel(pending.network);
  if (channel == nullptr) return invalid("This network is not available.");
  auto connected = TRY(channel->finish_sign_in(pending.keep, answer, pending.redirect_url, stop));
  if (pending.account_id != 0) {
    TRY(accounts_.reconnect_as(pending.workspace_id, pending.user_id, pending.account_id, connected));
    return Done{pending.account_id, false};
  }
  // Connected already: then these are new credentials for it, and its history stays.
  for (const auto& row : TRY(accounts_.list(pending.workspace_id))) {
    if (row.account.network != pending.network || row.account.kind != "account") continue;
    if (row.account.external_id != connected.external_id) continue;
    TRY(accounts_.reconnect_as(pending.workspace_id, pending.user_id, row.account.id, connected));
    return Done{row.account.id, false};
  }
  const auto made =
      TRY(accounts_.connect_as(pending.workspace_id, pending.user_id, pending.network, std::move(connected)));
  return Done{made.row.account.id, true};
}

}  // namespace kiki::accounts
