#include "notify/mail_words.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "notify/texts.hpp"

namespace kiki::notify {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

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
  mail.html = "<!doctype html><html lang=\"" + escaped(facts.language) +
              "\"><body style=\"font-family:sans-serif\"><h2>" + escaped(title) + "</h2><p>" + escaped(text) +
              "</p><p>" + escaped(severity) + "</p>";
  if (!link.empty())
    mail.html += "<p><a href=\"" + escaped(link) + "\">" + escaped(say("server.mail.open")) + "</a></p>";
  mail.html += "<hr><p style=\"color:#666;font-size:small\">" + escaped(why) + "</p></body></html>";
  return mail;
}

}  // namespace kiki::notify
