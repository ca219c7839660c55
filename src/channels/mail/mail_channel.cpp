#include "channels/mail/mail_channel.hpp"

#include "channels/mail/connect.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/parse.hpp"
#include "channels/mail/post_ids.hpp"
#include "channels/mail/reader.hpp"
#include "channels/mail/settings.hpp"
#include "channels/mail/write.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::mail {
namespace {

class MailChannel final : public Channel {
 public:
  MailChannel(Tools tools, MailChannelOptions options)
      : tools_(tools), reader_{options.message_limit_bytes, options.sent_interval_ms} {
    descriptor_.network = "mail";
    descriptor_.mark = "@";
    descriptor_.connect_fields = connect_fields();
    auto& can = descriptor_.capabilities;
    can.private_reply = can.private_link = true;
    can.images = 10;
    can.image_bytes = 5 << 20;
    can.idempotent_send = "reconcile";
    can.copies = true;
    descriptor_.oauth = true;
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  Result<Connected> connect(const Fields& fields, std::stop_token stop) override {
    return connect_mailbox(tools_, fields, nullptr, std::move(stop));
  }
  Result<SignInStart> begin_sign_in(const Fields& fields, std::string_view redirect_url,
                                    std::stop_token) override {
    return begin_oauth(tools_, fields, redirect_url);
  }
  Result<Connected> finish_sign_in(const Fields& keep, const Fields& answer, std::string_view redirect_url,
                                   std::stop_token stop) override {
    const auto tokens = TRY(finish_oauth(tools_, keep, answer, redirect_url, stop));
    auto connected = connect_mailbox(tools_, keep, &tokens, std::move(stop));
    if (connected.ok() || connected.error().kind != ErrorKind::kInvalid) return connected;
    auto error = std::move(connected).error();
    if (error.code.empty()) error.code = "mailbox_refused";
    return error;
  }

  Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                      TimeMs received_at) const override {
    return parse_mail(account, item, received_at);
  }

  Result<void> read(const Account& account, AccountState& state, Inlet& inlet,
                    std::stop_token stop) override {
    return read_mailbox(tools_, reader_, account, state, inlet, std::move(stop));
  }

  Result<Media> media(const Account&, AccountState&, const RawItem& item, std::string_view reference,
                      std::stop_token) override {
    return read_part(item, reference);
  }

  std::string private_place(const Account& account, std::string_view token) const override {
    const auto settings = read_settings(account.settings);
    if (settings.address.empty()) return {};
    if (token.empty()) return "mailto:" + settings.address;
    return "mailto:" + settings.address + "?subject=" + net::percent_encode(settings.name) +
           "&body=" + net::percent_encode("\r\n\r\n" + link_mark(token));
  }

  std::string choose_key(const Account& account, const Outgoing& outgoing) override {
    return choose_message_id(tools_, account, outgoing);
  }
  std::string planned_external_id(const Account& account, const Outgoing& outgoing) const override {
    return outgoing.network_key.empty() ? std::string() : our_post_id(account.id, outgoing.network_key);
  }

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::vector<Delivery>&, std::stop_token stop) override {
    return send_reply(tools_, account, state, outgoing, std::move(stop));
  }
  Result<std::optional<Sent>> look_up(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      std::stop_token stop) override {
    return look_up_reply(tools_, account, state, outgoing, std::move(stop));
  }
  Result<bool> is_visible(const Account&, AccountState&, const Outgoing&, const Sent&,
                          std::stop_token) override {
    return true;  // the server took it; a bounce says otherwise later
  }

  Result<std::vector<RawItem>> thread(const Account&, AccountState&, std::string_view,
                                      std::stop_token) override {
    return std::vector<RawItem>{};
  }
  // Nobody has a page; ours is asked for to see whether the mailbox still lets us in.
  Result<std::optional<Author>> profile(const Account& account, AccountState& state,
                                        std::string_view external_id, std::stop_token stop) override {
    if (external_id == account.external_id) TRY(test_mailbox(tools_, account, state, std::move(stop)));
    return std::optional<Author>{};
  }

 private:
  Tools tools_;
  ReaderOptions reader_;
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Channel> make_mail_channel(Tools tools, MailChannelOptions options) {
  return std::make_unique<MailChannel>(tools, options);
}

}  // namespace kiki::channels::mail
