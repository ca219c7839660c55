#include "channels/open/open_channel.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "channels/open/open_post.hpp"
#include "net/webhook.hpp"

namespace kiki::channels::open {

namespace {

std::string setting(const Account& account, std::string_view name) {
  auto settings = JsonDocument::parse(account.settings.empty() ? "{}" : account.settings);
  if (!settings.ok()) return {};
  return std::string(settings->root()[name].text());
}
std::string webhook_url(const Account& account) {
  return setting(account, "webhook_url");
}

// Our prefix off again: the other side knows its own ids only.
std::string_view without_prefix(const Account& account, std::string_view external_id) {
  const auto prefix = to_string(account.id) + "/";
  return external_id.starts_with(prefix) ? external_id.substr(prefix.size()) : external_id;
}

class OpenChannel final : public Channel {
 public:
  OpenChannel(Tools tools, OpenOptions options) : tools_(tools), options_(std::move(options)) {
    descriptor_.network = "open";
    descriptor_.mark = "API";
    auto& can = descriptor_.capabilities;
    can.private_link = true;
    can.public_reply = can.private_reply = can.edits = can.deletions = true;
    can.images = 4;
    can.image_bytes = 5 << 20;
    can.image_alt = true;
    can.text_limit = 10'000;
    can.text_unit = "grapheme";
    can.idempotent_send = "native_key";
    descriptor_.connect_fields = {
        {"name", "text", true, ""}, {"webhook_url", "url", false, ""}, {"private_url", "url", false, ""}};
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  Result<Connected> connect(const std::vector<std::pair<std::string, std::string>>& fields,
                            std::stop_token) override {
    std::string name;
    std::string url;
    std::string private_url;
    for (const auto& [key, value] : fields) {
      if (key == "name") name = value;
      if (key == "webhook_url") url = value;
      if (key == "private_url") private_url = value;
    }
    if (name.empty()) return invalid("a name is needed", "/fields/name");
    if (name.size() > kNameBytes) return invalid("longer than 500 bytes", "/fields/name");
    if (!url.empty()) {
      if (url.size() > kUrlBytes) return invalid("longer than 2,000 bytes", "/fields/webhook_url");
      auto checked = net::check_url(url, tools_.ssrf);
      if (!checked.ok()) return invalid(checked.error().message, "/fields/webhook_url");
    }
    if (!private_url.empty()) {
      if (private_url.size() > kUrlBytes) return invalid("longer than 2,000 bytes", "/fields/private_url");
      auto checked = net::check_url(private_url, tools_.ssrf);
      if (!checked.ok()) return invalid(checked.error().message, "/fields/private_url");
    }
    Connected connected;
    connected.external_id = tools_.random.token(12);
    connected.handle = name;
    connected.name = name;
    connected.settings = json::serialize(json::object{{"webhook_url", url}, {"private_url", private_url}});
    std::string key(32, '\0');
    for (auto& byte : key) byte = static_cast<char>(tools_.random.below(256));
    connected.secrets = {{"signing_secret", net::new_webhook_secret(key)}};
    return connected;
  }

  Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                      TimeMs received_at) const override {
    auto document = TRY(JsonDocument::parse(item.body));
    std::vector<Incoming> facts;
    if (item.source == "open.post") {
      facts.emplace_back(TRY(read_open_post(account.id, document.root(), received_at)));
    } else if (item.source == "open.deletion") {
      IncomingDeletion deletion;
      deletion.external_id =
          to_string(account.id) + "/" + TRY(document.root()["external_id"].string(kIdBytes));
      deletion.deleted_at = received_at;
      facts.emplace_back(std::move(deletion));
    } else {
      return invalid("the open channel does not know this kind of item: " + item.source);
    }
    return facts;
  }

  Result<void> read(const Account&, AccountState&, Inlet& inlet, std::stop_token) override {
    inlet.health("ok", "");
    return {};
  }

  bool is_pulled(const Account& account) const override { return webhook_url(account).empty(); }

  std::string private_place(const Account& account, std::string_view token) const override {
    auto url = setting(account, "private_url");
    if (url.empty() || token.empty()) return url;
    auto rest = url.find('#');
    if (rest == std::string::npos) rest = url.size();
    const bool asks = url.find('?') < rest;
    return url.insert(rest, (asks ? "&continues=" : "?continues=") + std::string(token));
  }

  std::string choose_key(const Account&, const Outgoing& outgoing) override {
    return "msg_" + to_string(outgoing.outbox_id);
  }

  std::string planned_external_id(const Account& account, const Outgoing& outgoing) const override {
    return to_string(account.id) + "/out/" + to_string(outgoing.outbox_id);
  }

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::vector<Delivery>& log, std::stop_token stop) override {
    if (outgoing.action != "reply") {
      return Error{ErrorKind::kUnprocessable, "the open channel can only reply", {}, "not_supported", 0};
    }
    const auto secret = TRY(state.secret("signing_secret"));
    net::WebhookTry tried;
    auto answer = net::send_webhook(tools_.http, tools_.clock,
                                    {webhook_url(account), secret, outgoing.network_key,
                                     reply_body(account, outgoing, options_.public_url)},
                                    tried, stop);
    log.push_back({tried.url, tried.duration_ms, tried.status, tried.excerpt});
    if (!answer.ok()) return std::move(answer).error();
    return sent_from(account, outgoing, answer->body);
  }

  Result<std::optional<Sent>> look_up(const Account&, AccountState&, const Outgoing&,
                                      std::stop_token) override {
    return std::optional<Sent>{};  // trying again is safe: the receiver drops repeats by webhook-id
  }

  Result<bool> is_visible(const Account&, AccountState&, const Outgoing&, const Sent&,
                          std::stop_token) override {
    return true;  // a 2xx answer is all the confirmation there is
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
  // The receiver may name the post it made: {"external_id": "...", "url": "..."}.
  Sent sent_from(const Account& account, const Outgoing& outgoing, std::string_view body) const {
    Sent sent{planned_external_id(account, outgoing), {}, {}};
    auto document = JsonDocument::parse(body);
    if (!document.ok() || !document->root().is_object()) return sent;
    const auto external_id = document->root()["external_id"].text();
    const auto url = document->root()["url"].text();
    if (!external_id.empty() && external_id.size() <= kIdBytes)
      sent.external_id = to_string(account.id) + "/" + std::string(external_id);
    if (url.starts_with("https://") && url.size() <= kUrlBytes) sent.url = std::string(url);
    return sent;
  }

  Tools tools_;
  OpenOptions options_;
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Channel> make_open_channel(Tools tools, OpenOptions options) {
  return std::make_unique<OpenChannel>(tools, std::move(options));
}

Result<void> check_open_post(std::string_view json_text) {
  auto document = TRY(JsonDocument::parse(json_text));
  return check_open_post(document.root());
}

Result<void> check_open_post(JsonView post) {
  TRY(read_open_post(1, post, 0));
  return {};
}

std::string reply_body(const Account& account, const Outgoing& outgoing, std::string_view public_url) {
  json::array attachments;
  for (const auto& image : outgoing.images) {
    attachments.push_back(
        json::object{{"url", std::string(public_url) + "/api/v1/open/attachments/" + to_string(image.id)},
                     {"alt", image.alt},
                     {"content_type", image.content_type}});
  }
  json::object body{
      {"type", "reply.created"},
      {"id", to_string(outgoing.outbox_id)},
      {"account_id", to_string(account.id)},
      {"case_id", to_string(outgoing.case_id)},
      {"in_reply_to", std::string(without_prefix(account, outgoing.target_external_id))},
      {"thread_id", std::string(without_prefix(account, outgoing.thread_external_id))},
      {"text", outgoing.text},
      {"author", outgoing.author_name},
      {"to", json::object{{"id", std::string(without_prefix(account, outgoing.recipient.external_id))},
                          {"handle", outgoing.recipient.handle},
                          {"name", outgoing.recipient.name}}},
      {"created_at", to_rfc3339(outgoing.created_at)},
      {"attachments", std::move(attachments)}};
  return json::serialize(body);
}

}  // namespace kiki::channels::open
