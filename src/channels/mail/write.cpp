#include "channels/mail/write.hpp"

#include "base/log.hpp"
#include "channels/mail/compose.hpp"
#include "channels/mail/handed_over.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/oauth.hpp"
#include "channels/mail/post_ids.hpp"
#include "channels/mail/wires.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kRandomLetters = 16;
constexpr std::string_view kSmtpRefused = "smtp_refused";  // the mail for which a token was refused

Sent sent_as(const Account& account, const Outgoing& outgoing) {
  return {our_post_id(account.id, outgoing.network_key), "1", ""};
}

Result<std::unique_ptr<net::ImapSession>> open_mailbox(const Tools& tools, const Account& account,
                                                       const MailSettings& settings, AccountState& state,
                                                       std::stop_token stop) {
  auto proof = TRY(prove(tools, account, settings, state, Server::kImap, stop));
  const bool by_token = !proof.bearer.empty();
  auto imap = net::ImapSession::open(imap_options(settings, std::move(proof), tools.ssrf), stop);
  if (imap.ok() || !by_token || imap.error().kind != ErrorKind::kUnauthenticated) return imap;
  // A token can end before its time: the next try asks for another.
  TRY(forget_access(state));
  auto error = std::move(imap).error();
  error.kind = ErrorKind::kUnavailable;
  return error;
}

// An answer to it, or a copy of it that came back to us, proves that it went out.
Result<bool> is_known_to_others(net::ImapSession& imap, const MailSettings& settings,
                                std::string_view message_id) {
  TRY(imap.select(folder_on_wire(settings.folder)));
  for (const auto* field : {"Message-ID", "In-Reply-To", "References"}) {
    if (!TRY(imap.search_header(field, message_id)).empty()) return true;
  }
  return false;
}

Result<bool> is_in_sent(net::ImapSession& imap, const MailSettings& settings, std::string_view message_id) {
  TRY(imap.select(folder_on_wire(settings.sent_folder)));
  return !TRY(imap.search_message_id("<" + std::string(message_id) + ">")).empty();
}

// Some servers keep a copy by themselves: then there is nothing to do.
Result<void> keep_copy(const Tools& tools, const Account& account, const MailSettings& settings,
                       AccountState& state, const std::string& message_id, std::string_view message,
                       std::stop_token stop) {
  if (settings.sent_folder.empty()) return {};
  const auto imap = TRY(open_mailbox(tools, account, settings, state, stop));
  if (TRY(is_in_sent(*imap, settings, message_id))) return {};
  return imap->append(folder_on_wire(settings.sent_folder), message);
}

Error in_doubt() {
  return {ErrorKind::kUnclear,
          "The mail server did not say whether it took this mail, and it is not in the folder of sent mail.",
          {},
          "maybe_sent",
          0};
}

}  // namespace

std::string choose_message_id(const Tools& tools, const Account& account, const Outgoing& outgoing) {
  const auto settings = read_settings(account.settings);
  std::string random;
  for (std::size_t i = 0; i < kRandomLetters; ++i)
    random += "abcdefghijklmnopqrstuvwxyz234567"[tools.random.below(32)];
  return new_message_id(outgoing.outbox_id, read_reply_reference(outgoing).word, random,
                        settings.address.substr(settings.address.find('@') + 1));
}

Result<Sent> send_reply(const Tools& tools, const Account& account, AccountState& state,
                        const Outgoing& outgoing, std::stop_token stop) {
  if (outgoing.action != "reply" || outgoing.network_key.empty())
    return Error{ErrorKind::kUnprocessable, "a mailbox can only reply", {}, "not_supported", 0};
  const auto settings = read_settings(account.settings);
  // A second try of what the server has taken, or may have taken, is no try.
  const auto before = TRY(was_handed_over(state, outgoing.network_key));
  if (before == HandedOver::kAccepted) return sent_as(account, outgoing);
  if (before == HandedOver::kMaybe) return in_doubt();
  const auto answered = read_reply_reference(outgoing);
  const auto reply_address =
      answered.word.empty() ? std::string()
                            : signed_address(settings.reply_address, answered.word, TRY(state.secret(kKey)));
  const auto message = TRY(compose_reply(settings, outgoing, reply_address));
  const auto proof = TRY(prove(tools, account, settings, state, Server::kSmtp, stop));
  TRY(note_handed_over(state, outgoing.network_key, HandedOver::kMaybe));
  const auto hand_over = [&](const std::vector<std::string>& receivers) {
    return net::send_message_by_token(smtp_options(settings, proof, tools.ssrf), proof.bearer,
                                      settings.address, receivers, message, stop);
  };
  auto receivers = std::vector<std::string>{answered.to.address};
  for (const auto& one : outgoing.copies) receivers.push_back(one.address);
  auto sent = hand_over(receivers);
  // A receiver who is refused stops the mail for all. Whoever was answered does not wait for the copies.
  const bool is_apart =
      !sent.ok() && sent.error().kind == ErrorKind::kUnprocessable && !outgoing.copies.empty();
  if (is_apart) sent = hand_over({answered.to.address});
  if (!sent.ok()) {
    auto error = std::move(sent).error();
    if (error.kind == ErrorKind::kUnclear) return error;
    TRY(note_handed_over(state, outgoing.network_key, HandedOver::kNo));
    if (error.kind == ErrorKind::kUnauthenticated && !proof.bearer.empty()) {
      // A token can end before its time, once: who refuses the next as well needs a person.
      TRY(forget_access(state));
      const auto refused = TRY(state.cursor(kSmtpRefused));
      TRY(state.set_cursor(kSmtpRefused, outgoing.network_key));
      if (refused != outgoing.network_key) error.kind = ErrorKind::kUnavailable;
    }
    // Stopped before the text was handed over: certainly not sent.
    if (error.kind == ErrorKind::kCancelled) error.kind = ErrorKind::kUnavailable;
    if (error.kind == ErrorKind::kInvalid || error.kind == ErrorKind::kForbidden)
      error.kind = ErrorKind::kUnprocessable;
    return error;
  }
  // The mail is out: that our store is away is no reason to send it again.
  if (auto noted = note_handed_over(state, outgoing.network_key, HandedOver::kAccepted); !noted.ok()) {
    log::warning("it was not noted that a mail was taken", noted.error(),
                 {{"account_id", account.id}, {"outbox_id", outgoing.outbox_id}});
  }
  auto result = sent_as(account, outgoing);
  if (is_apart) {
    for (const auto& one : outgoing.copies) {
      if (const auto copied = hand_over({one.address}); !copied.ok())
        result.refused_copies.push_back(one.address + ": " + copied.error().message);
    }
  }
  if (auto kept = keep_copy(tools, account, settings, state, outgoing.network_key, message, stop);
      !kept.ok()) {
    log::warning("no copy in the folder of sent mail", kept.error(),
                 {{"account_id", account.id}, {"outbox_id", outgoing.outbox_id}});
  }
  return result;
}

Result<std::optional<Sent>> look_up_reply(const Tools& tools, const Account& account, AccountState& state,
                                          const Outgoing& outgoing, std::stop_token stop) {
  const auto settings = read_settings(account.settings);
  const auto handed_over = TRY(was_handed_over(state, outgoing.network_key));
  if (handed_over == HandedOver::kNo) return std::optional<Sent>{};
  if (handed_over == HandedOver::kAccepted) return std::optional(sent_as(account, outgoing));
  const auto imap = TRY(open_mailbox(tools, account, settings, state, stop));
  const bool is_kept =
      !settings.sent_folder.empty() && TRY(is_in_sent(*imap, settings, outgoing.network_key));
  if (is_kept || TRY(is_known_to_others(*imap, settings, outgoing.network_key))) {
    TRY(note_handed_over(state, outgoing.network_key, HandedOver::kAccepted));
    return std::optional(sent_as(account, outgoing));
  }
  // Sending again could give it twice: a person decides.
  if (handed_over != HandedOver::kLookedInVain)
    TRY(note_handed_over(state, outgoing.network_key, HandedOver::kLookedInVain));
  return in_doubt();
}

}  // namespace kiki::channels::mail
