#pragma once
// What we do on X: answer, write in private, like, repost, hide, delete. X knows no idempotency key: after an
// unclear failure we look among our own posts, or in the conversation, whether it arrived.

#include <boost/json/array.hpp>

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

class Writer {
 public:
  Writer(Api& api, Tools& tools) : api_(api), tools_(tools) {}

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::stop_token stop);
  Result<std::optional<Sent>> look_up(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      std::stop_token stop);

 private:
  Result<Sent> reply(const Account& account, AccountState& state, const Outgoing& outgoing,
                     std::stop_token stop);
  Result<Sent> message(const Account& account, AccountState& state, const Outgoing& outgoing,
                       std::stop_token stop);
  Result<Sent> react(const Account& account, AccountState& state, const Outgoing& outgoing,
                     std::stop_token stop);
  Result<std::optional<Sent>> find_reply(const Account& account, AccountState& state,
                                         const Outgoing& outgoing, std::stop_token stop);
  Result<std::optional<Sent>> find_message(const Account& account, AccountState& state,
                                           const Outgoing& outgoing, std::stop_token stop);
  Result<json::array> upload(const Account& account, AccountState& state, const Outgoing& outgoing,
                             std::stop_token stop);

  Api& api_;
  Tools& tools_;
};

// X's own page for it, filled in: the composer below a post, or a private conversation.
std::string compose_page(std::string_view web_url, const Outgoing& outgoing);

}  // namespace kiki::channels::x
