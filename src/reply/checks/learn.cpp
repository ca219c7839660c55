#include "reply/checks/learn.hpp"

#include <array>
#include <boost/json.hpp>
#include <span>
#include <string>

#include "reply/checks/words.hpp"
#include "text/normalize.hpp"

namespace kiki::reply::checks {

namespace {

using Words = std::span<const std::string_view>;

// All of them folded; written for this program.
constexpr auto kListen = std::to_array<std::string_view>({"お知らせいただき",
                                                          "お知らせくださり",
                                                          "ご連絡いただき",
                                                          "ご連絡ありがとう",
                                                          "ご指摘",
                                                          "教えていただき",
                                                          "教えてくださり",
                                                          "お声を",
                                                          "お聞かせいただき",
                                                          "伺いました",
                                                          "とのこと",
                                                          "拝見しました",
                                                          "拝見いたしました",
                                                          "thank you for telling",
                                                          "thanks for telling",
                                                          "thank you for letting",
                                                          "thanks for letting",
                                                          "thank you for reaching",
                                                          "thanks for reaching",
                                                          "thank you for writing",
                                                          "you mentioned",
                                                          "you wrote",
                                                          "i read",
                                                          "we read",
                                                          "i hear",
                                                          "we hear"});
constexpr auto kEmpathise = std::to_array<std::string_view>({"お困り",
                                                             "ご不便",
                                                             "ご心配",
                                                             "ご不安",
                                                             "お気持ち",
                                                             "残念",
                                                             "がっかり",
                                                             "お辛",
                                                             "おつらい",
                                                             "ごもっとも",
                                                             "楽しみにされ",
                                                             "お楽しみにして",
                                                             "ご期待",
                                                             "驚かれ",
                                                             "お怒り",
                                                             "understand",
                                                             "frustrat",
                                                             "disappoint",
                                                             "inconvenien",
                                                             "annoying",
                                                             "must have been",
                                                             "must be hard",
                                                             "i can see",
                                                             "we can see",
                                                             "that is not what",
                                                             "that's not what",
                                                             "not the experience"});
constexpr auto kApologise = std::to_array<std::string_view>(
    {"申し訳", "申しわけ", "もうしわけ", "お詫び", "おわび", "すみません", "ごめんなさい", "失礼いたしました",
     "失礼しました", "sorry", "apolog", "our mistake", "our fault", "our bad"});
constexpr auto kRespond = std::to_array<std::string_view>({"原因",
                                                           "確認したところ",
                                                           "確認いたしましたところ",
                                                           "確認いたしました",
                                                           "確認しました",
                                                           "調べました",
                                                           "お調べ",
                                                           "交換",
                                                           "返金",
                                                           "再送",
                                                           "修理",
                                                           "手配",
                                                           "対応いたし",
                                                           "対応させ",
                                                           "お試しください",
                                                           "方法",
                                                           "手順",
                                                           "ためです",
                                                           "によるものです",
                                                           "復旧",
                                                           "修正",
                                                           "we found",
                                                           "i found",
                                                           "we checked",
                                                           "i checked",
                                                           "because",
                                                           "the cause",
                                                           "the reason",
                                                           "we have sent",
                                                           "we've sent",
                                                           "we sent",
                                                           "replace",
                                                           "refund",
                                                           "repair",
                                                           "resend",
                                                           "please try",
                                                           "to fix",
                                                           "fixed",
                                                           "you can "});
constexpr auto kNow = std::to_array<std::string_view>({"本日中",
                                                       "明日",
                                                       "営業日",
                                                       "時間以内",
                                                       "分以内",
                                                       "日以内",
                                                       "までに",
                                                       "のちほど",
                                                       "後ほど",
                                                       "改めて",
                                                       "あらためて",
                                                       "次第",
                                                       "再度ご連絡",
                                                       "ご連絡いたします",
                                                       "ご連絡します",
                                                       "お待ちください",
                                                       "お送りください",
                                                       "お知らせください",
                                                       "お知らせいたします",
                                                       "進めます",
                                                       "すぐに",
                                                       "ただいまから",
                                                       "これから",
                                                       "今後は",
                                                       "today",
                                                       "tomorrow",
                                                       "within",
                                                       "by the end of",
                                                       "next step",
                                                       "we will",
                                                       "we'll",
                                                       "i will",
                                                       "i'll",
                                                       "right away",
                                                       "from now on",
                                                       "send us",
                                                       "let us know",
                                                       "as soon as"});

bool has_any(std::string_view folded, Words words) {
  for (const auto word : words) {
    if (folded.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool takes_up(std::string_view folded, std::string_view customer_text) {
  for (const auto& word : telling_words(text::fold(customer_text))) {
    if (folded.find(word) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Learn learn_of(std::string_view text, std::string_view customer_text) {
  auto folded = text::fold(text);
  constexpr std::string_view curly = "’";  // what telephones type for '
  for (auto at = folded.find(curly); at != std::string::npos; at = folded.find(curly, at + 1))
    folded.replace(at, curly.size(), "'");
  Learn learn;
  if (folded.empty()) return learn;
  learn.listen = has_any(folded, kListen) || takes_up(folded, customer_text);
  learn.empathise = has_any(folded, kEmpathise);
  learn.apologise = has_any(folded, kApologise);
  learn.respond = has_any(folded, kRespond);
  learn.now = has_any(folded, kNow);
  return learn;
}

json::object to_json(const Learn& learn) {
  return {{"listen", learn.listen},
          {"empathise", learn.empathise},
          {"apologise", learn.apologise},
          {"respond", learn.respond},
          {"now", learn.now}};
}

}  // namespace kiki::reply::checks
