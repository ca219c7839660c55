#include "channels/contract/status_detail.hpp"

#include <algorithm>
#include <array>

namespace kiki::channels {
namespace {

// Errors whose own words say all there is to say, and those beside which it helps to read what was said.
constexpr std::array<std::string_view, 7> kSayAll = {
    "budget", "credits_depleted", "no_app_token", "no_consumer_secret",
    "no_pds", "session_ended",    "sign_in_ended"};
constexpr std::array<std::string_view, 6> kWithWhatWasSaid = {
    "certificate", "token_refused", "webhook_off", "webhook_refused", "webhook_unreachable", "wrong_secret"};

std::string_view word_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUnauthenticated:
      return "refused";
    case ErrorKind::kForbidden:
      return "not_allowed";
    case ErrorKind::kRateLimited:
      return "too_often";
    case ErrorKind::kUnavailable:
    case ErrorKind::kUnclear:
    case ErrorKind::kCancelled:
      return "away";
    default:
      return "trouble";
  }
}

}  // namespace

std::string status_detail(std::string_view word, std::string_view said) {
  std::string detail(word);
  if (!said.empty()) detail.append(": ").append(said);
  return detail;
}

std::string status_detail(const Error& error) {
  if (std::ranges::find(kSayAll, error.code) != kSayAll.end()) return error.code;
  const bool has_words = std::ranges::find(kWithWhatWasSaid, error.code) != kWithWhatWasSaid.end();
  return status_detail(has_words ? std::string_view(error.code) : word_of(error.kind), error.message);
}

}  // namespace kiki::channels
