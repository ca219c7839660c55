#include "channels/bluesky/bluesky_channel.hpp"

#include "base/json.hpp"
#include "channels/bluesky/connect.hpp"
#include "channels/bluesky/notification_reader.hpp"
#include "channels/bluesky/parse.hpp"
#include "channels/bluesky/stream_listener.hpp"
#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/thread.hpp"
#include "channels/bluesky/tid.hpp"
#include "channels/bluesky/write.hpp"

namespace kiki::channels {

namespace {

using namespace bluesky;

Descriptor describe() {
  Descriptor descriptor;
  descriptor.network = "bluesky";
  descriptor.mark = "B";
  Capabilities& can = descriptor.capabilities;
  can.public_reply = can.like = can.repost = can.delete_own = true;
  can.thread_context = can.profile = can.edits = can.deletions = can.listens = true;
  can.images = kImagesLimit;
  can.image_bytes = kImageLimitBytes;
  can.image_alt = true;
  can.text_limit = kTextLimitGraphemes;
  can.text_unit = "grapheme";
  can.idempotent_send = "chosen_id";
  descriptor.connect_fields = {
      {"handle", "handle", true, ""}, {"app_password", "secret", true, ""}, {"service", "url", false, ""}};
  return descriptor;
}

bool creates(const Outgoing& outgoing) {
  return outgoing.action == "reply" || outgoing.action == "like" || outgoing.action == "repost";
}

class BlueskyChannel final : public Channel {
 public:
  BlueskyChannel(Tools tools, BlueskyOptions options)
      : tools_(tools),
        options_(std::move(options)),
        descriptor_(describe()),
        xrpc_(tools_),
        writer_(xrpc_, tools_, options_) {
    for (auto* url : {&options_.plc_url, &options_.entryway_url, &options_.appview_url}) {
      while (url->ends_with('/')) url->pop_back();
    }
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  Result<Connected> connect(const std::vector<std::pair<std::string, std::string>>& fields,
                            std::stop_token stop) override {
    return connect_account(xrpc_, tools_, options_, fields, stop);
  }

  Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                      TimeMs received_at) const override {
    return parse_item(account, item, received_at);
  }

  Result<void> read(const Account& account, AccountState& state, Inlet& inlet,
                    std::stop_token stop) override {
    return NotificationReader(xrpc_, tools_, options_, account, state, inlet).run(stop);
  }

  Result<void> listen(StreamInlet& inlet, std::stop_token stop) override {
    return StreamListener(tools_, options_, inlet).run(stop);
  }

  std::string choose_key(const Account&, const Outgoing& outgoing) override {
    return creates(outgoing) ? choose_tid(tools_.clock, tools_.random) : "";
  }

  std::string planned_external_id(const Account& account, const Outgoing& outgoing) const override {
    if (!creates(outgoing) || outgoing.network_key.empty()) return {};
    return "at://" + account.external_id + "/" + std::string(collection_of(outgoing.action)) + "/" +
           outgoing.network_key;
  }

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::vector<Delivery>&, std::stop_token stop) override {
    return writer_.send(account, state, outgoing, stop);
  }

  Result<std::optional<Sent>> look_up(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      std::stop_token stop) override {
    return writer_.look_up(account, state, outgoing, stop);
  }

  Result<bool> is_visible(const Account& account, AccountState&, const Outgoing& outgoing, const Sent& sent,
                          std::stop_token stop) override {
    return writer_.is_visible(account, outgoing, sent, stop);
  }

  Result<std::vector<RawItem>> thread(const Account& account, AccountState& state,
                                      std::string_view external_id, std::stop_token stop) override {
    if (!parse_post_uri(external_id)) return invalid("not the address of a post");
    return read_thread(TRY(ask(account, state, thread_call(external_id), stop)));
  }

  Result<std::optional<Author>> profile(const Account& account, AccountState& state,
                                        std::string_view external_id, std::stop_token stop) override {
    XrpcCall call;
    call.nsid = "app.bsky.actor.getProfile";
    call.params = {{"actor", std::string(external_id)}};
    auto answer = ask(account, state, call, stop);
    if (!answer.ok()) {
      // 400 "Profile not found", or an account that was closed: nobody to show.
      const auto kind = answer.error().kind;
      if (kind == ErrorKind::kInvalid || kind == ErrorKind::kNotFound ||
          answer.error().code == "AccountTakedown")
        return std::optional<Author>();
      return std::move(answer).error();
    }
    const auto document = TRY(JsonDocument::parse(*answer));
    Author author = read_author(document.root(), true);
    if (author.external_id.empty()) return unavailable("the profile cannot be read");
    return std::optional<Author>(std::move(author));
  }

 private:
  // As the account where there is one (its data server knows its AppView), else the public view.
  Result<std::string> ask(const Account& account, AccountState& state, const XrpcCall& call,
                          std::stop_token stop) {
    if (account.kind == "listener") return xrpc_.open_call(options_.appview_url, call, stop);
    return xrpc_.call(account, state, call, stop);
  }

  Tools tools_;
  BlueskyOptions options_;
  Descriptor descriptor_;
  Xrpc xrpc_;
  Writer writer_;
};

}  // namespace

std::unique_ptr<Channel> make_bluesky_channel(Tools tools, BlueskyOptions options) {
  return std::make_unique<BlueskyChannel>(tools, std::move(options));
}

}  // namespace kiki::channels
