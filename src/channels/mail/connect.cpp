#include "channels/mail/connect.hpp"

#include <algorithm>

#include "channels/mail/header_words.hpp"
#include "channels/mail/wires.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kFieldBytes = 500;
constexpr std::size_t kTagBytes = 20;

std::string place(std::string_view field) {
  return "/fields/" + std::string(field);
}

// What a server said, at the field that mends it.
Error at_field(Error error, std::string_view url_field, std::string_view password_field) {
  const bool login = error.kind == ErrorKind::kUnauthenticated;
  if (error.kind == ErrorKind::kCancelled) return error;
  return invalid(std::move(error.message), place(login ? password_field : url_field));
}

Result<void> check_reply_address(const MailSettings& settings) {
  const auto& pattern = settings.reply_address;
  if (pattern.empty()) return {};
  const auto star = pattern.find('*');
  const auto at = pattern.find('@');
  const bool fine = star != std::string::npos && star > 0 && at != std::string::npos && star < at &&
                    pattern.find('*', star + 1) == std::string::npos;
  auto plain = pattern;
  std::replace(plain.begin(), plain.end(), '*', 'x');
  const auto read = read_addresses(plain, 2);
  if (!fine || read.size() != 1 || read[0].address != plain)
    return invalid("write it like care+*@example.com: the star becomes the word of the conversation",
                   place("reply_address"));
  return {};
}

}  // namespace

std::vector<SettingField> connect_fields() {
  return {{"address", "text", true, "", ""},
          {"name", "text", false, "", ""},
          {"imap_url", "url", false, "imaps://", ""},
          {"imap_password", "secret", false, "", ""},
          {"smtp_url", "url", false, "smtps://", ""},
          {"imap_user", "text", false, "", "more"},
          {"smtp_user", "text", false, "", "more"},
          {"smtp_password", "secret", false, "", "more"},
          {"folder", "text", false, "INBOX", "more"},
          {"sent_folder", "text", false, "", "more"},
          {"reply_address", "text", false, "", "more"},
          {"subject_tag", "text", false, "", "more"},
          {"quote", "text", false, "below", "more"},
          {"oauth_provider", "text", false, "", "oauth"},
          {"oauth_client_id", "text", false, "", "oauth"},
          {"oauth_client_secret", "secret", false, "", "oauth"},
          {"oauth_authorize_url", "url", false, "", "oauth"},
          {"oauth_token_url", "url", false, "", "oauth"},
          {"oauth_scope", "text", false, "", "oauth"}};
}

Result<Connected> connect_mailbox(const Tools& tools,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  const Tokens* tokens, std::stop_token stop) {
  const auto field = [&](std::string_view key) { return field_of(fields, key); };
  for (const auto& [name, value] : fields) {
    const bool broken = std::any_of(value.begin(), value.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (value.size() > kFieldBytes || broken)
      return invalid("longer than 500 bytes, or with a line break", place(name));
  }
  MailSettings settings;
  const auto addresses = read_addresses(field("address"), 2);
  if (addresses.size() != 1 || !net::address_of(addresses[0].address).ok())
    return invalid("this is no mail address", place("address"));
  settings.address = addresses[0].address;
  settings.name = field("name").empty() ? addresses[0].name : field("name");
  if (settings.name.empty()) settings.name = settings.address;
  settings.imap_url = field("imap_url");
  settings.smtp_url = field("smtp_url");
  settings.imap_user = field("imap_user").empty() ? settings.address : field("imap_user");
  const auto imap_password = field("imap_password");
  auto smtp_password = field("smtp_password");
  settings.smtp_user = field("smtp_user");
  // "-": a relay that asks for no name, as inside one's own network.
  if (settings.smtp_user == "-") {
    settings.smtp_user.clear();
  } else {
    if (settings.smtp_user.empty()) settings.smtp_user = settings.imap_user;
    if (smtp_password.empty()) smtp_password = imap_password;
  }
  settings.folder = field("folder").empty() ? "INBOX" : field("folder");
  settings.sent_folder = field("sent_folder");
  settings.reply_address = lower_ascii(field("reply_address"));
  settings.subject_tag = field("subject_tag");
  TRY(check_reply_address(settings));
  if (settings.subject_tag.size() > kTagBytes ||
      settings.subject_tag.find_first_of("[] ") != std::string::npos)
    return invalid("at most 20 letters, without spaces and brackets", place("subject_tag"));
  const auto quote = lower_ascii(field("quote"));
  if (!quote.empty() && quote != "below" && quote != "none") return invalid("below or none", place("quote"));
  settings.quotes = quote != "none";
  for (const auto& [key, url] :
       {std::pair<std::string_view, const std::string&>("imap_url", settings.imap_url),
        {"smtp_url", settings.smtp_url}}) {
    if (url.empty() || url.ends_with("://")) return invalid("is needed", place(key));
  }
  Proof reading{imap_password, {}};
  Proof sending{smtp_password, {}};
  if (tokens != nullptr) {
    reading = sending = {{}, tokens->access};
    settings.oauth_token_url = field("oauth_token_url");
    settings.oauth_client_id = field("oauth_client_id");
    settings.oauth_scope = field("oauth_scope");
  } else if (imap_password.empty()) {
    return invalid("the password is missing", place("imap_password"));
  }

  auto session = net::ImapSession::open(imap_options(settings, reading, tools.ssrf), stop);
  if (!session.ok()) return at_field(std::move(session).error(), "imap_url", "imap_password");
  auto& imap = **session;
  if (settings.sent_folder.empty()) {
    auto sent = imap.special_folder("\\Sent");
    if (!sent.ok()) return at_field(std::move(sent).error(), "imap_url", "imap_password");
    settings.sent_folder = folder_from_wire(*sent);
  }
  const auto look_at = [&](const std::string& folder, std::string_view name) -> Result<net::ImapFolder> {
    auto looked = imap.select(folder_on_wire(folder));
    if (!looked.ok()) return invalid("there is no such folder: " + looked.error().message, place(name));
    return looked;
  };
  const auto folder = TRY(look_at(settings.folder, "folder"));
  settings.folder_validity = folder.uid_validity;
  settings.folder_next = folder.uid_next;
  if (!settings.sent_folder.empty()) {
    const auto sent = TRY(look_at(settings.sent_folder, "sent_folder"));
    settings.sent_validity = sent.uid_validity;
    settings.sent_next = sent.uid_next;
  }
  settings.connected_at = tools.clock.now_ms();

  auto smtp =
      net::check_mail_login_by_token(smtp_options(settings, sending, tools.ssrf), sending.bearer, stop);
  if (!smtp.ok())
    return at_field(std::move(smtp).error(), "smtp_url",
                    field("smtp_password").empty() ? "imap_password" : "smtp_password");
  Connected connected;
  connected.external_id = settings.address;
  connected.handle = settings.address;
  connected.name = settings.name;
  connected.settings = write_settings(settings);
  // All of them, so that nothing of another way to sign in stays behind.
  connected.secrets = {
      {std::string(kImapPassword), tokens == nullptr ? imap_password : std::string()},
      {std::string(kSmtpPassword), tokens == nullptr ? smtp_password : std::string()},
      {std::string(kAccessToken), tokens == nullptr ? std::string() : tokens->access},
      {std::string(kRefreshToken), tokens == nullptr ? std::string() : tokens->refresh},
      {std::string(kExpiresAt), tokens == nullptr ? std::string() : std::to_string(tokens->expires_at)},
      {std::string(kClientSecret), tokens == nullptr ? std::string() : field("oauth_client_secret")}};
  return connected;
}

Result<void> test_mailbox(const Tools& tools, const Account& account, AccountState& state,
                          std::stop_token stop) {
  const auto settings = read_settings(account.settings);
  const auto reading = TRY(prove(tools, account, settings, state, Server::kImap, stop));
  const auto imap = TRY(net::ImapSession::open(imap_options(settings, reading, tools.ssrf), stop));
  TRY(imap->select(folder_on_wire(settings.folder)));
  const auto sending = TRY(prove(tools, account, settings, state, Server::kSmtp, stop));
  return net::check_mail_login_by_token(smtp_options(settings, sending, tools.ssrf), sending.bearer, stop);
}

}  // namespace kiki::channels::mail
