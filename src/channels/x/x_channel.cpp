#include "channels/x/x_channel.hpp"

#include <algorithm>

#include "channels/x/activity_stream.hpp"
#include "channels/x/api.hpp"
#include "channels/x/connect.hpp"
#include "channels/x/context.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/media_upload.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/reader.hpp"
#include "channels/x/spend.hpp"
#include "channels/x/stream_listener.hpp"
#include "channels/x/subscribe.hpp"
#include "channels/x/webhook.hpp"
#include "channels/x/write.hpp"

namespace kiki::channels {

namespace {

using namespace x;

constexpr std::int64_t kQuarterHourMs = 15 * 60'000;

Descriptor describe(const XOptions& options) {
  Descriptor descriptor;
  descriptor.network = "x";
  descriptor.mark = "X";
  auto& can = descriptor.capabilities;
  can.public_reply = can.private_reply = can.private_link = true;
  can.like = can.repost = can.delete_own = can.hide = true;
  can.thread_context = can.profile = can.edits = can.deletions = true;
  can.webhooks = can.compose_page = true;
  can.listens = !options.bearer_token.empty();  // the stream is the app's: without its token there is none
  can.images = 4;
  can.image_bytes = kImageLimitBytes;
  can.image_alt = true;
  can.text_limit = 280;
  can.text_unit = "weighted";
  can.private_text_limit = 10'000;  // of a direct message, in plain characters
  can.private_text_unit = "utf16";
  can.idempotent_send = "reconcile";
  // https://docs.x.com/x-api/fundamentals/rate-limits, per user
  can.rates = {{"reply", 100, kQuarterHourMs},       {"message", 15, kQuarterHourMs},
               {"message", 1'440, 24LL * 3'600'000}, {"like", 50, kQuarterHourMs},
               {"like", 1'000, 24LL * 3'600'000},    {"repost", 50, kQuarterHourMs}};
  descriptor.connect_fields = connect_fields();
  descriptor.oauth = true;
  return descriptor;
}

class XChannel final : public Channel {
 public:
  XChannel(Tools tools, XOptions options)
      : tools_(tools),
        options_(std::move(options)),
        descriptor_(describe(options_)),
        api_(tools_, options_),
        writer_(api_, tools_),
        streams_(tools_, options_) {
    for (auto* url : {&options_.api_url, &options_.upload_url, &options_.web_url}) {
      while (url->ends_with('/')) url->pop_back();
    }
  }

  const Descriptor& descriptor() const override { return descriptor_; }
  // X took likes out of every self-serve contract (changelog of April 2026).
  Capabilities capabilities(const Account& account) const override {
    auto can = descriptor_.capabilities;
    if (account.kind != "listener" && !is_enterprise(account)) {
      can.like = false;
      can.like_closed = "plan";
    }
    return can;
  }

  Result<Connected> connect(const Params& fields, std::stop_token stop) override {
    return connect_account(api_, fields, stop);
  }
  Result<SignInStart> begin_sign_in(const Params& fields, std::string_view redirect_url,
                                    std::stop_token stop) override {
    return x::begin_sign_in(api_, tools_, options_, fields, redirect_url, stop);
  }
  Result<Connected> finish_sign_in(const Params& keep, const Params& answer, std::string_view redirect_url,
                                   std::stop_token stop) override {
    return x::finish_sign_in(api_, keep, answer, redirect_url, stop);
  }
  Result<void> subscribe(const Account& account, AccountState& state, std::string_view webhook_url,
                         std::stop_token stop) override {
    return subscribe_account(api_, account, state, webhook_url, stop);
  }
  Result<WebhookAnswer> webhook(const Account&, AccountState& state,
                                const net::HttpRequest& request) override {
    return answer_webhook(tools_.clock, state, request);
  }

  Result<std::vector<Meter>> meters(const Account& account, AccountState& state) override {
    const auto now_ms = tools_.clock.now_ms();
    Meter meter;
    meter.name = "spend";
    meter.unit = "microdollar";
    meter.used = number_of(TRY(state.cursor(spend_counter(now_ms))));
    meter.limit = budget_of(account);
    meter.resets_at = next_utc_day(now_ms);
    return std::vector<Meter>{std::move(meter)};
  }

  Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                      TimeMs received_at) const override {
    return parse_item(account, item, received_at);
  }

  Result<void> read(const Account& account, AccountState& state, Inlet& inlet,
                    std::stop_token stop) override {
    return Reader(api_, tools_, options_, streams_, account, state, inlet).run(stop);
  }

  Result<void> listen(StreamInlet& inlet, std::stop_token stop) override {
    return StreamListener(api_, tools_, options_, inlet).run(stop);
  }

  std::string compose_url(const Account&, const Outgoing& outgoing) const override {
    return compose_page(options_.web_url, outgoing);
  }

  Result<Media> media(const Account& account, AccountState& state, const RawItem&, std::string_view reference,
                      std::stop_token stop) override {
    return fetch_file(api_, tools_, options_, account, state, reference, stop);
  }

  // The word stands in the message that X has filled in for them; parse() finds it there.
  std::string private_place(const Account& account, std::string_view token) const override {
    if (account.external_id.empty()) return {};
    const auto compose = options_.web_url + "/messages/compose?";
    if (token.empty()) return compose + write_form({{"recipient_id", account.external_id}});
    return compose +
           write_form({{"recipient_id", account.external_id}, {"text", "ref:" + std::string(token)}});
  }

  std::string choose_key(const Account&, const Outgoing&) override { return {}; }
  std::string planned_external_id(const Account&, const Outgoing&) const override { return {}; }

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::vector<Delivery>&, std::stop_token stop) override {
    return writer_.send(account, state, outgoing, stop);
  }
  Result<std::optional<Sent>> look_up(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      std::stop_token stop) override {
    return writer_.look_up(account, state, outgoing, stop);
  }
  // X names the post it made: there is nothing more to ask, and asking costs.
  Result<bool> is_visible(const Account&, AccountState&, const Outgoing&, const Sent&,
                          std::stop_token) override {
    return true;
  }

  Result<std::vector<RawItem>> thread(const Account& account, AccountState& state,
                                      std::string_view external_id, std::stop_token stop) override {
    return read_thread(api_, tools_, options_, account, state, external_id, stop);
  }
  Result<std::optional<Author>> profile(const Account& account, AccountState& state,
                                        std::string_view external_id, std::stop_token stop) override {
    return read_profile(api_, tools_, options_, account, state, external_id, stop);
  }

 private:
  Tools tools_;
  XOptions options_;
  Descriptor descriptor_;
  Api api_;
  Writer writer_;
  ActivityStreams streams_;
};

}  // namespace

std::unique_ptr<Channel> make_x_channel(Tools tools, XOptions options) {
  return std::make_unique<XChannel>(tools, std::move(options));
}

}  // namespace kiki::channels
