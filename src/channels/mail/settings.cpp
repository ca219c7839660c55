#include "channels/mail/settings.hpp"

#include <unicode/ucnv.h>

#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::channels::mail {
namespace {

std::string convert(const char* to, const char* from, std::string_view text) {
  auto status = U_ZERO_ERROR;
  std::string out(text.size() * 8 + 16, '\0');
  const auto bytes = ucnv_convert(to, from, out.data(), static_cast<std::int32_t>(out.size()), text.data(),
                                  static_cast<std::int32_t>(text.size()), &status);
  if (U_FAILURE(status)) return std::string(text);
  out.resize(static_cast<std::size_t>(bytes));
  return out;
}

}  // namespace

MailSettings read_settings(std::string_view text) {
  MailSettings out;
  const auto document = JsonDocument::parse(text.empty() ? "{}" : text);
  if (!document.ok()) return out;
  const auto root = document->root();
  const auto word = [&](std::string_view key) { return std::string(root[key].text()); };
  const auto number = [&](std::string_view key) {
    return static_cast<std::uint32_t>(root["start"][key].number_or_zero());
  };
  out.address = word("address");
  out.name = word("name");
  out.imap_url = word("imap_url");
  out.imap_user = word("imap_user");
  out.smtp_url = word("smtp_url");
  out.smtp_user = word("smtp_user");
  out.folder = word("folder");
  out.sent_folder = word("sent_folder");
  out.reply_address = word("reply_address");
  out.subject_tag = word("subject_tag");
  out.quotes = word("quote") != "none";
  out.oauth_token_url = word("oauth_token_url");
  out.oauth_client_id = word("oauth_client_id");
  out.oauth_scope = word("oauth_scope");
  out.connected_at = root["connected_at"].number_or_zero();
  out.folder_validity = number("folder_validity");
  out.folder_next = number("folder_next");
  out.sent_validity = number("sent_validity");
  out.sent_next = number("sent_next");
  return out;
}

std::string write_settings(const MailSettings& settings) {
  return json::serialize(json::object{{"address", settings.address},
                                      {"name", settings.name},
                                      {"imap_url", settings.imap_url},
                                      {"imap_user", settings.imap_user},
                                      {"smtp_url", settings.smtp_url},
                                      {"smtp_user", settings.smtp_user},
                                      {"folder", settings.folder},
                                      {"sent_folder", settings.sent_folder},
                                      {"reply_address", settings.reply_address},
                                      {"subject_tag", settings.subject_tag},
                                      {"quote", settings.quotes ? "below" : "none"},
                                      {"oauth_token_url", settings.oauth_token_url},
                                      {"oauth_client_id", settings.oauth_client_id},
                                      {"oauth_scope", settings.oauth_scope},
                                      {"connected_at", settings.connected_at},
                                      {"start", json::object{{"folder_validity", settings.folder_validity},
                                                             {"folder_next", settings.folder_next},
                                                             {"sent_validity", settings.sent_validity},
                                                             {"sent_next", settings.sent_next}}}});
}

std::string folder_on_wire(std::string_view utf8) {
  return convert("IMAP-mailbox-name", "UTF-8", utf8);
}
std::string folder_from_wire(std::string_view wire) {
  return convert("UTF-8", "IMAP-mailbox-name", wire);
}

}  // namespace kiki::channels::mail
