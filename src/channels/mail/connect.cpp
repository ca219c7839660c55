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
  return {{"address", "text", true, ""},         {"name", "text", false, ""},
          {"imap_url", "url", true, "imaps://"}, {"imap_user", "text", false, ""},
          {"imap_password", "secret", true, ""}, {"smtp_url", "url", true, "smtps://"},
          {"smtp_user", "text", false, ""},      {"smtp_password", "secret", false, ""},
          {"folder", "text", false, "INBOX"},    {"sent_folder", "text", false, ""},
          {"reply_address", "text", false, ""},  {"subject_tag", "text", false, ""}};
}

Result<Connected> connect_mailbox(const Tools& tools,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  std::stop_token stop) {
  const auto field = [&](std::string_view key) {
    for (const auto& [name, value] : fields) {
      if (name == key) return std::string(trimmed(value));
    }
    return std::string();
  };
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
  if (imap_password.empty()) return invalid("the password is missing", place("imap_password"));

  auto session = net::ImapSession::open(imap_options(settings, imap_password, tools.ssrf), stop);
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

  auto smtp = net::check_mail_login(smtp_options(settings, smtp_password, tools.ssrf), stop);
  if (!smtp.ok())
    return at_field(std::move(smtp).error(), "smtp_url",
                    field("smtp_password").empty() ? "imap_password" : "smtp_password");
  Connected connected;
  connected.external_id = settings.address;
  connected.handle = settings.address;
  connected.name = settings.name;
  connected.settings = write_settings(settings);
  connected.secrets = {{std::string(kImapPassword), imap_password},
                       {std::string(kSmtpPassword), smtp_password}};
  return connected;
}

}  // namespace kiki::channels::mail
