#include "notify/mail_words.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "notify/texts.hpp"
#include "text/html.hpp"

namespace kiki::notify {

namespace {

std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

net::Mail mail_of(const MailFacts& facts) {
  auto data = facts.data;
  if (data.contains("of_customer") && data["name"] == "")
    data["name"] = words(facts.language, "notices.customer_gone", {});
  const auto say = [&](std::string_view key) { return words(facts.language, key, data); };
  const auto title = one_line(say("notice." + facts.kind + ".title"));
  const auto text = say("notice." + facts.kind + ".text");
  const auto severity = say("notice.severity");
  const auto why = say("server.mail.why");
  std::string link;
  if (!facts.base_url.empty()) {
    const auto* path = facts.data.if_contains("path");
    link = facts.base_url +
           (path != nullptr && path->is_string() ? std::string(path->as_string()) : std::string());
  }
  net::Mail mail;
  mail.language = facts.language;
  mail.subject = one_line("[" + facts.workspace + "] " + title);
  mail.text = title + "\n\n" + text + "\n" + severity + "\n";
  if (!link.empty()) mail.text += "\n" + say("server.mail.open") + ": " + link + "\n";
  mail.text += "\n-- \n" + why + "\n";
  mail.html = "<!doctype html><html lang=\"" + text::html(facts.language) +
              "\"><body style=\"font-family:sans-serif\"><h2>" + text::html(title) + "</h2><p>" +
              text::html(text) + "</p><p>" + text::html(severity) + "</p>";
  if (!link.empty())
    mail.html +=
        "<p><a href=\"" + text::html(link) + "\">" + text::html(say("server.mail.open")) + "</a></p>";
  mail.html += "<hr><p style=\"color:#666;font-size:small\">" + text::html(why) + "</p></body></html>";
  return mail;
}

}  // namespace kiki::notify
