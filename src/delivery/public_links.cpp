#include "delivery/public_links.hpp"

#include <charconv>

#include "net/hmac.hpp"

namespace kiki::delivery {

namespace {
constexpr TimeMs kDayMs = 24 * 3'600'000;
constexpr TimeMs kDays =
    7;  // networks copy what they show within minutes; a reply may wait for days in the outbox
}  // namespace

std::string PublicLinks::signature(std::string_view named) const {
  return net::base64url(net::hmac_sha256(key_, "file " + std::string(named)).substr(0, 16));
}

std::string PublicLinks::url_of(Id workspace_id, Id attachment_id) const {
  if (base_url_.empty()) return {};
  // To the day: the same picture has the same address for a while, also when it is sent again.
  const auto until_day = clock_.now_ms() / kDayMs + kDays + 1;
  const auto named =
      to_string(workspace_id) + "." + to_string(attachment_id) + "." + std::to_string(until_day);
  return base_url_ + "/files/" + named + "." + signature(named);
}

Result<PublicLinks::Named> PublicLinks::read(std::string_view token) const {
  const auto nothing = not_found("There is nothing at this address.");
  const auto last = token.rfind('.');
  if (token.size() > 200 || last == std::string_view::npos) return nothing;
  const auto named = token.substr(0, last);
  if (!net::equal_constant_time(signature(named), token.substr(last + 1))) return nothing;
  const auto first = named.find('.');
  const auto second = named.rfind('.');
  const auto workspace_id = parse_id(named.substr(0, first));
  const auto attachment_id = parse_id(named.substr(first + 1, second - first - 1));
  std::int64_t until_day = 0;
  std::from_chars(named.data() + second + 1, named.data() + named.size(), until_day);
  if (!workspace_id || !attachment_id || clock_.now_ms() / kDayMs >= until_day) return nothing;
  return Named{*workspace_id, *attachment_id};
}

}  // namespace kiki::delivery
