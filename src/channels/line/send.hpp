#pragma once
// What leaves. One way for each message, and never both after an unclear failure: the reply token while it is
// fresh (free; single use; LINE cannot say afterwards whether it arrived), or a push with a retry key (may be
// repeated for 24 hours; LINE takes it once).

#include <optional>
#include <stop_token>
#include <string>

#include "channels/contract/channel.hpp"
#include "channels/line/api.hpp"
#include "channels/line/quota.hpp"
#include "channels/line/send_notes.hpp"

namespace kiki::channels::line {

constexpr int kTextLimitUnits =
    5'000;  // UTF-16; https://developers.line.biz/en/reference/messaging-api/#text-message
constexpr int kMessagesLimit = 5;  // in one call
constexpr int kImagesLimit = 4;    // with a text before them
// https://developers.line.biz/en/reference/messaging-api/#image-message
constexpr std::size_t kImageLimitBytes = 10'000'000;
constexpr std::size_t kPreviewLimitBytes = 1'000'000;
constexpr std::int64_t kRetryKeyMs = 23LL * 3'600'000;  // LINE remembers a key for 24 hours

class Sending {
 public:
  Sending(Api& api, Quota& quota, Tools& tools) : api_(api), quota_(quota), tools_(tools) {}

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::stop_token stop);
  Result<std::optional<Sent>> look_up(AccountState& state, const Account& account, const Outgoing& outgoing);

 private:
  struct Way;
  Result<std::string> messages(const Account& account, AccountState& state, const Outgoing& outgoing,
                               const Way& way, std::stop_token stop);
  Result<Sent> by_either(const Account& account, AccountState& state, const Outgoing& outgoing,
                         const Way& way, bool was_tried, std::stop_token stop);
  Result<Sent> by_reply(const Account& account, AccountState& state, const Outgoing& outgoing, const Way& way,
                        const std::string& messages, bool& is_refused, std::stop_token stop);
  Result<Sent> by_push(const Account& account, AccountState& state, const Outgoing& outgoing, const Way& way,
                       const std::string& messages, std::stop_token stop);
  Result<Sent> taken(const Account& account, AccountState& state, const Outgoing& outgoing, SendNote note,
                     const net::HttpAnswer& answer);
  Result<void> note(AccountState& state, const SendNote& note);
  Result<void> forget(AccountState& state, Id outbox_id);
  Result<std::string> with_account_link(const Account& account, AccountState& state, const std::string& text,
                                        const std::string& to, std::stop_token stop);

  Api& api_;
  Quota& quota_;
  Tools& tools_;
};

// "…" in the chat for as long as a console tells again, or until the answer is there. In groups LINE has
// none.
Result<void> show_loading(Api& api, const Account& account, AccountState& state,
                          std::string_view thread_external_id, std::stop_token stop);
// A random UUID (version 4): the retry key of a push.
std::string new_retry_key(Random& random);
// kUnprocessable for what LINE would refuse.
Result<void> check_outgoing(const Outgoing& outgoing);

}  // namespace kiki::channels::line
