#pragma once
// The chat on the brand's own site, as a channel of the desk.

#include <memory>
#include <string>
#include <string_view>

#include "channels/contract/channel.hpp"

namespace kiki::channels::chat {

inline constexpr std::string_view kNetwork = "chat";
// Sealed with the account: signs who a visitor is (HS256).
inline constexpr std::string_view kIdentitySecret = "identity_secret";

// Where conversations with visitors are kept. Any thread.
class PostBox {
 public:
  virtual ~PostBox() = default;
  // Puts an answer into the visitor's conversation, durable when it returns; the same outbox id again is
  // nothing new. kUnprocessable "no_visitor" when there is no such conversation.
  virtual Result<void> put(const Account& account, Id visitor_id, const Outgoing& outgoing) = 0;
  virtual Result<void> take_back(const Account& account, std::string_view external_id) = 0;
  virtual Result<Media> file(const Account& account, std::string_view reference) = 0;
  virtual void show_typing(const Account& account, Id visitor_id, bool is_writing) = 0;
};

struct ChatOptions {
  std::string public_url;  // of this desk; empty: the hosted page's address is only a path
  PostBox* post_box = nullptr;
};

std::unique_ptr<Channel> make_chat_channel(Tools tools, ChatOptions options);

// The page of this desk on which one can write to the account.
std::string hosted_page(const Account& account, std::string_view public_url);

}  // namespace kiki::channels::chat
