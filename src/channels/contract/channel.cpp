#include "channels/contract/channel.hpp"

#include <charconv>

namespace kiki::channels {
namespace {

Error not_of_this_network(std::string_view what) {
  return {
      ErrorKind::kNotFound, "This network has no " + std::string(what) + ".", {}, "not_of_this_network", 0};
}

}  // namespace

Capabilities Capabilities::in(Visibility place) const {
  auto there = *this;
  if (place == Visibility::kPrivate) {
    if (private_text_limit > 0) there.text_limit = private_text_limit;
    if (!private_text_unit.empty()) there.text_unit = private_text_unit;
  }
  return there;
}

Result<std::int64_t> sum_within(std::string_view counted, std::int64_t amount, std::int64_t limit) {
  std::int64_t sum = 0;
  std::from_chars(counted.data(), counted.data() + counted.size(), sum);
  sum = std::max<std::int64_t>(0, sum + amount);
  if (amount > 0 && sum > limit)
    return Error{ErrorKind::kRateLimited, "The limit that was set is reached.", {}, "limit_reached", 0};
  return sum;
}

Result<std::int64_t> AccountState::add(std::string_view counter, std::int64_t amount, std::int64_t limit) {
  const auto sum = TRY(sum_within(TRY(cursor(counter)), amount, limit));
  TRY(set_cursor(counter, std::to_string(sum)));
  return sum;
}

// What most networks do not have. A channel says by its descriptor what it has, and writes that.

Capabilities Channel::capabilities(const Account&) const {
  return descriptor().capabilities;
}

Result<SignInStart> Channel::begin_sign_in(const std::vector<std::pair<std::string, std::string>>&,
                                           std::string_view, std::stop_token) {
  return not_of_this_network("page to agree on");
}

Result<Connected> Channel::finish_sign_in(const std::vector<std::pair<std::string, std::string>>&,
                                          const std::vector<std::pair<std::string, std::string>>&,
                                          std::string_view, std::stop_token) {
  return not_of_this_network("page to agree on");
}

Result<void> Channel::subscribe(const Account&, AccountState&, std::string_view, std::stop_token) {
  return {};
}

Result<WebhookAnswer> Channel::webhook(const Account&, AccountState&, const net::HttpRequest&) {
  return not_of_this_network("webhook");
}

Result<std::vector<Meter>> Channel::meters(const Account&, AccountState&) {
  return std::vector<Meter>{};
}

std::string Channel::compose_url(const Account&, const Outgoing&) const {
  return {};
}

Result<Media> Channel::media(const Account&, AccountState&, const RawItem&, std::string_view,
                             std::stop_token) {
  return not_of_this_network("files");
}

}  // namespace kiki::channels
