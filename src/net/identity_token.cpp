#include "net/identity_token.hpp"

#include "base/json.hpp"
#include "net/hmac.hpp"

namespace kiki::net {

namespace {

constexpr std::size_t kNameMostBytes = 200;
constexpr std::size_t kEmailMostBytes = 254;

Error refused(std::string why) {
  return {ErrorKind::kUnauthenticated, "The identity token is refused: " + why, {}, "identity_refused", 0};
}

Result<JsonDocument> part_of(std::string_view encoded) {
  const auto text = from_base64(encoded);
  if (!text.ok()) return refused("it is no JWT.");
  auto document = JsonDocument::parse(*text, {.bytes = kIdentityMostBytes, .depth = 4});
  if (!document.ok() || !document->root().is_object()) return refused("it is no JWT.");
  return document;
}

}  // namespace

Result<IdentityProof> verify_identity(std::string_view token, std::string_view secret,
                                      std::string_view account_key, TimeMs now_ms) {
  if (secret.empty()) return refused("the account has no secret.");
  if (token.size() > kIdentityMostBytes) return refused("it is too long.");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return refused("it is no JWT.");
  // The signature before anything is believed, and one algorithm only: "none" and a change of algorithm are
  // the usual attacks.
  const auto signature = base64url(hmac_sha256(secret, token.substr(0, second)));
  if (!equal_constant_time(signature, token.substr(second + 1))) return refused("the signature is wrong.");
  const auto header = TRY(part_of(token.substr(0, first)));
  if (header.root()["alg"].text() != "HS256") return refused("it is not signed with HS256.");
  const auto payload = TRY(part_of(token.substr(first + 1, second - first - 1)));
  const auto claims = payload.root();
  IdentityProof proof;
  const auto user = claims["sub"].string(kNameMostBytes);
  if (!user.ok() || user->empty() || user->find('\0') != std::string::npos)
    return refused("it names no user (sub).");
  proof.user = *user;
  const auto expires_s = claims["exp"].integer();
  if (!expires_s.ok()) return refused("it has no end (exp).");
  const auto now_s = now_ms / 1'000;
  if (*expires_s <= now_s) return refused("it has ended.");
  if (*expires_s > now_s + (kIdentityLifeMostMs + kClockSkewMs) / 1'000)
    return refused("it lives longer than 24 hours.");
  proof.expires_at = *expires_s * 1'000;
  const auto begins_s = claims["nbf"].integer_or(0);
  if (!begins_s.ok() || *begins_s > now_s + kClockSkewMs / 1'000) return refused("it is not valid yet.");
  const auto audience = claims["aud"];
  if (!audience.is_null() && audience.text() != account_key) return refused("it is for another account.");
  const auto email = claims["email"].text();
  if (email.size() <= kEmailMostBytes) proof.email = email;
  const auto name = claims["name"].text();
  if (name.size() <= kNameMostBytes && name.find('\0') == std::string_view::npos) proof.name = name;
  proof.hash = hex(sha256(token));
  return proof;
}

}  // namespace kiki::net
