#include "channels/chat/chat_channel.hpp"

#include <boost/json.hpp>

#include "channels/chat/visitor_message.hpp"

namespace kiki::channels::chat {

namespace {

constexpr std::size_t kKeyBytes = 12;  // names the chat in addresses; no secret
constexpr int kImages = 4;

std::string setting(const Account& account, std::string_view name) {
  const auto settings = JsonDocument::parse(account.settings.empty() ? "{}" : account.settings);
  return settings.ok() ? std::string(settings->root()[name].text()) : std::string();
}

class ChatChannel final : public Channel {
 public:
  ChatChannel(Tools tools, ChatOptions options) : tools_(tools), options_(std::move(options)) {
    descriptor_.network = kNetwork;
    descriptor_.mark = "W";
    auto& can = descriptor_.capabilities;
    can.private_reply = can.private_link = can.delete_own = can.deletions = can.typing = true;
    can.images = kImages;
    can.image_bytes = 5 << 20;
    can.image_alt = true;
    can.text_limit = 4'000;
    can.idempotent_send = "native_key";
    descriptor_.connect_fields = {{"name", "text", true, ""}};
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  Result<Connected> connect(const std::vector<std::pair<std::string, std::string>>& fields,
                            std::stop_token) override {
    Connected connected;
    for (const auto& [key, value] : fields) {
      if (key == "name") connected.name = value;
    }
    if (connected.name.empty()) return invalid("a name is needed", "/fields/name");
    if (connected.name.size() > kNameMostBytes) return invalid("longer than 200 bytes", "/fields/name");
    connected.external_id = tools_.random.token(kKeyBytes);
    connected.handle = connected.name;
    connected.settings = "{}";
    connected.secrets = {{std::string(kIdentitySecret), tools_.random.token()}};
    return connected;
  }

  Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                      TimeMs received_at) const override {
    const auto document = TRY(JsonDocument::parse(item.body));
    std::vector<Incoming> facts;
    if (item.source == "chat.message") {
      facts.emplace_back(TRY(read_item(account.id, document.root(), received_at)));
    } else if (item.source == "chat.receipt") {
      IncomingReceipt receipt;
      receipt.external_id = TRY(document.root()["external_id"].string(kUrlMostBytes));
      receipt.kind = TRY(document.root()["kind"].string(20));
      receipt.at = received_at;
      facts.emplace_back(std::move(receipt));
    } else {
      return invalid("the web chat does not know this kind of item: " + item.source);
    }
    return facts;
  }

  Result<void> read(const Account&, AccountState&, Inlet& inlet, std::stop_token) override {
    inlet.health("ok", "");
    return {};
  }

  Result<Media> media(const Account& account, AccountState&, const RawItem&, std::string_view reference,
                      std::stop_token) override {
    return options_.post_box->file(account, reference);
  }

  std::string private_place(const Account& account, std::string_view token) const override {
    auto url = setting(account, "place_url");
    if (url.empty()) url = hosted_page(account, options_.public_url);
    if (token.empty()) return url;
    const auto rest = std::min(url.find('#'), url.size());
    const bool asks = url.find('?') < rest;
    return url.insert(rest, (asks ? "&kikimimi=" : "?kikimimi=") + std::string(token));
  }

  Result<void> show_typing(const Account& account, AccountState&, std::string_view thread_external_id,
                           bool is_writing, std::stop_token) override {
    const auto visitor_id = visitor_of(account.id, thread_external_id);
    if (visitor_id != 0) options_.post_box->show_typing(account, visitor_id, is_writing);
    return {};
  }

  std::string choose_key(const Account&, const Outgoing& outgoing) override {
    return to_string(outgoing.outbox_id);
  }
  std::string planned_external_id(const Account& account, const Outgoing& outgoing) const override {
    return answer_key(account.id, outgoing.outbox_id);
  }

  Result<Sent> send(const Account& account, AccountState&, const Outgoing& outgoing, std::vector<Delivery>&,
                    std::stop_token) override {
    if (outgoing.action == "delete") {
      TRY(options_.post_box->take_back(account, outgoing.target_external_id));
      return Sent{outgoing.target_external_id, {}, {}};
    }
    if (outgoing.action != "reply")
      return Error{ErrorKind::kUnprocessable, "the web chat can only reply", {}, "not_supported", 0};
    const auto visitor_id = visitor_of(account.id, outgoing.thread_external_id);
    if (visitor_id == 0)
      return Error{ErrorKind::kUnprocessable, "there is no such conversation", {}, "no_visitor", 0};
    TRY(options_.post_box->put(account, visitor_id, outgoing));
    return Sent{planned_external_id(account, outgoing), {}, {}};
  }

  Result<std::optional<Sent>> look_up(const Account&, AccountState&, const Outgoing&,
                                      std::stop_token) override {
    return std::optional<Sent>{};  // putting it once more is safe: the outbox's id is the message's
  }
  Result<bool> is_visible(const Account&, AccountState&, const Outgoing&, const Sent&,
                          std::stop_token) override {
    return true;
  }
  Result<std::vector<RawItem>> thread(const Account&, AccountState&, std::string_view,
                                      std::stop_token) override {
    return std::vector<RawItem>{};
  }
  Result<std::optional<Author>> profile(const Account&, AccountState&, std::string_view,
                                        std::stop_token) override {
    return std::optional<Author>{};
  }

 private:
  Tools tools_;
  ChatOptions options_;
  Descriptor descriptor_;
};

}  // namespace

std::string hosted_page(const Account& account, std::string_view public_url) {
  return std::string(public_url) + "/chat/" + account.external_id;
}

std::unique_ptr<Channel> make_chat_channel(Tools tools, ChatOptions options) {
  return std::make_unique<ChatChannel>(tools, std::move(options));
}

}  // namespace kiki::channels::chat
