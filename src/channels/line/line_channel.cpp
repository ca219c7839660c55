#include "channels/line/line_channel.hpp"

#include <mutex>
#include <unordered_map>

#include "base/json.hpp"
#include "channels/line/api.hpp"
#include "channels/line/connect.hpp"
#include "channels/line/media.hpp"
#include "channels/line/parse.hpp"
#include "channels/line/quota.hpp"
#include "channels/line/send.hpp"
#include "channels/line/webhook.hpp"
#include "net/hmac.hpp"

namespace kiki::channels {

namespace {

using namespace line;

Descriptor describe() {
  Descriptor descriptor;
  descriptor.network = "line";
  descriptor.mark = "L";
  Capabilities& can = descriptor.capabilities;
  can.private_reply = can.private_link = can.profile = can.deletions = can.edits = true;
  can.webhooks = can.public_files = true;
  can.images = kImagesLimit;
  can.image_bytes = kImageLimitBytes;
  can.preview_bytes = kPreviewLimitBytes;
  can.typing = true;
  can.text_limit = kTextLimitUnits;
  can.text_unit = "utf16";
  can.idempotent_send = "native_key";
  // https://developers.line.biz/en/reference/messaging-api/#rate-limits
  can.rates = {{"", 2'000, 1'000}};
  descriptor.connect_fields = {
      {"channel_secret", "secret", true, ""}, {"access_token", "secret", false, ""},
      {"channel_id", "text", false, ""},      {"quota_reserve", "text", false, "0"},
      {"link_text", "text", false, ""},       {"account_link_url", "url", false, ""}};
  return descriptor;
}

// Who wrote in which group. A name can be asked for only by that, and only the webhook tells it; what is
// forgotten here comes again with their next message.
class Members {
 public:
  void note(std::string_view user, std::string_view chat_path) {
    const std::lock_guard lock(mutex_);
    if (paths_.size() >= kLimit) paths_.clear();
    paths_[std::string(user)] = chat_path;
  }
  std::string path_of(std::string_view user) {
    const std::lock_guard lock(mutex_);
    const auto found = paths_.find(std::string(user));
    return found == paths_.end() ? std::string() : found->second;
  }

 private:
  static constexpr std::size_t kLimit = 20'000;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> paths_;
};

class LineChannel final : public Channel {
 public:
  LineChannel(Tools tools, LineOptions options)
      : tools_(tools),
        options_(std::move(options)),
        descriptor_(describe()),
        api_(tools_, options_),
        quota_(api_, tools_),
        sending_(api_, quota_, tools_) {}

  const Descriptor& descriptor() const override { return descriptor_; }

  Result<Connected> connect(const std::vector<std::pair<std::string, std::string>>& fields,
                            std::stop_token stop) override {
    return connect_account(api_, tools_, fields, stop);
  }

  Result<void> subscribe(const Account& account, AccountState& state, std::string_view webhook_url,
                         std::stop_token stop) override {
    return set_webhook(api_, account, state, webhook_url, stop);
  }

  Result<WebhookAnswer> webhook(const Account& account, AccountState& state,
                                const net::HttpRequest& request) override {
    return take_webhook(account, TRY(state.secret(kChannelSecret)), request,
                        [this](std::string_view user, std::string_view path) { members_.note(user, path); });
  }

  Result<std::vector<Meter>> meters(const Account& account, AccountState& state) override {
    return quota_.meters(account, state, {});
  }

  Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                      TimeMs received_at) const override {
    return parse_event(account, item, received_at);
  }

  Result<void> read(const Account& account, AccountState& state, Inlet& inlet,
                    std::stop_token stop) override {
    return watch(api_, options_.check_interval_ms, account, state, inlet, stop);
  }

  Result<Media> media(const Account& account, AccountState& state, const RawItem& item,
                      std::string_view reference, std::stop_token stop) override {
    return fetch_media(api_, tools_, account, state, item, reference, stop);
  }

  // Opens the chat with the link's word written already; the customer only has to send it.
  std::string private_place(const Account& account, std::string_view token) const override {
    const auto basic_id = setting(account, "basic_id");
    if (basic_id.empty()) return {};
    if (token.empty()) return "https://line.me/R/ti/p/" + net::percent_encode(basic_id);
    auto text = setting(account, "link_text");
    text += (text.empty() ? "#" : "\n#") + std::string(token);
    return "https://line.me/R/oaMessage/" + net::percent_encode(basic_id) + "/?" + net::percent_encode(text);
  }

  Result<void> show_typing(const Account& account, AccountState& state, std::string_view thread_external_id,
                           bool is_writing, std::stop_token stop) override {
    if (!is_writing) return {};  // it ends by itself, and with the answer
    return show_loading(api_, account, state, thread_external_id, stop);
  }

  std::string choose_key(const Account&, const Outgoing&) override { return new_retry_key(tools_.random); }

  std::string planned_external_id(const Account&, const Outgoing&) const override { return {}; }

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::vector<Delivery>&, std::stop_token stop) override {
    return sending_.send(account, state, outgoing, stop);
  }

  Result<std::optional<Sent>> look_up(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      std::stop_token) override {
    return sending_.look_up(state, account, outgoing);
  }

  Result<bool> is_visible(const Account&, AccountState&, const Outgoing&, const Sent&,
                          std::stop_token) override {
    return true;  // LINE took it; more it does not say
  }

  Result<std::vector<RawItem>> thread(const Account&, AccountState&, std::string_view,
                                      std::stop_token) override {
    return std::vector<RawItem>{};  // LINE keeps no history for us
  }

  Result<std::optional<Author>> profile(const Account& account, AccountState& state,
                                        std::string_view external_id, std::stop_token stop) override {
    if (!external_id.starts_with('U')) return std::optional<Author>();  // a group, where nobody is named
    auto read = TRY(read_profile(account, state, "/v2/bot/profile/", external_id, stop));
    if (!read) {  // no friend of ours: as a member of the group they wrote in
      const auto path = members_.path_of(external_id);
      if (!path.empty()) read = TRY(read_profile(account, state, path, external_id, stop));
    }
    return read;
  }

 private:
  Result<std::optional<Author>> read_profile(const Account& account, AccountState& state,
                                             const std::string& path, std::string_view user,
                                             std::stop_token stop) {
    auto answer = read_json(api_.call(account, state, {.path = path + net::percent_encode(user)}, stop));
    if (!answer.ok()) {
      const auto kind = answer.error().kind;
      if (kind == ErrorKind::kNotFound || kind == ErrorKind::kForbidden || kind == ErrorKind::kUnprocessable)
        return std::optional<Author>();
      return std::move(answer).error();
    }
    const auto root = answer->root();
    Author author;
    author.network = "line";
    author.external_id = user;
    author.name = root["displayName"].text();
    author.avatar_url = root["pictureUrl"].text();
    author.bio = root["statusMessage"].text();
    author.full_profile = true;
    return std::optional(std::move(author));
  }

  Tools tools_;
  LineOptions options_;
  Descriptor descriptor_;
  Api api_;
  Quota quota_;
  Sending sending_;
  Members members_;
};

}  // namespace

std::unique_ptr<Channel> make_line_channel(Tools tools, LineOptions options) {
  return std::make_unique<LineChannel>(tools, std::move(options));
}

}  // namespace kiki::channels
