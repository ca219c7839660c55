#include "channels/mail/automatic.hpp"

#include <algorithm>
#include <array>

namespace kiki::channels::mail {
namespace {

bool subject_says_answer(const Headers& headers) {
  static constexpr std::array kBeginnings = {
      std::string_view("out of office"), std::string_view("automatic reply"), std::string_view("auto-reply"),
      std::string_view("autoreply"),     std::string_view("auto reply"),      std::string_view("[auto-reply"),
      std::string_view("abwesenheit"),   std::string_view("自動応答"),        std::string_view("自動返信"),
      std::string_view("【自動返信】"),  std::string_view("[自動返信]"),      std::string_view("不在通知"),
      std::string_view("不在のお知らせ")};
  const auto subject = lower_ascii(decode_header(headers.get("subject")));
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view one) { return subject.starts_with(one); });
}

}  // namespace

Automatic judge_automatic(const Headers& headers, std::string_view root_type, std::string_view sender) {
  const auto local = sender.substr(0, sender.find('@'));
  const auto return_path = headers.all("return-path");
  const bool nobody = std::any_of(return_path.begin(), return_path.end(),
                                  [](std::string_view value) { return value == "<>" || value.empty(); });
  if (root_type == "multipart/report" || local == "mailer-daemon" || sender.empty() ||
      (local == "postmaster" && nobody))
    return Automatic::kReport;
  const auto submitted = lower_ascii(headers.get("auto-submitted"));
  const auto precedence = lower_ascii(headers.get("precedence"));
  // Words behind "auto-replied" may follow, as in "auto-replied (vacation)".
  if (submitted.starts_with("auto-replied") || precedence == "auto_reply" || headers.has("x-autoreply") ||
      headers.has("x-autorespond") || headers.has("x-autoresponder") || headers.has("x-auto-reply"))
    return Automatic::kAnswer;
  const bool generated = !submitted.empty() && !submitted.starts_with("no");
  const bool list = headers.has("list-id") || headers.has("list-post") || precedence == "bulk" ||
                    precedence == "list" || precedence == "junk";
  if ((nobody || generated) && subject_says_answer(headers)) return Automatic::kAnswer;
  const auto reply_to = read_addresses(headers.get("reply-to"), 1);
  const bool elsewhere = !reply_to.empty() && reply_to[0].address != sender;
  if (list) return Automatic::kNotice;
  if (generated) return elsewhere ? Automatic::kForm : Automatic::kNotice;
  if (headers.has("list-unsubscribe") && !elsewhere) return Automatic::kNotice;
  const auto is_deaf = [&](std::string_view name) {
    return local == name || local.starts_with(std::string(name) + "+");
  };
  if (is_deaf("noreply") || is_deaf("no-reply") || is_deaf("donotreply") || is_deaf("do-not-reply") ||
      is_deaf("no_reply"))
    return elsewhere ? Automatic::kForm : Automatic::kNotice;
  if (nobody && subject_says_answer(headers)) return Automatic::kAnswer;
  return Automatic::kNo;
}

}  // namespace kiki::channels::mail
