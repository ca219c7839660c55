#include "listening_data.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace kiki::bench {
namespace {

constexpr std::size_t kWords = 60'000;  // a language
constexpr std::string_view kEnglishCommon[] = {
    "the",  "to",    "and",  "a",    "of",   "i",    "is",   "in",    "it",   "for",  "you",  "my",
    "on",   "that",  "this", "with", "was",  "have", "so",   "but",   "not",  "me",   "just", "be",
    "at",   "are",   "all",  "what", "no",   "can",  "like", "from",  "they", "how",  "your", "get",
    "new",  "out",   "now",  "one",  "when", "time", "love", "day",   "good", "if",   "up",   "do",
    "or",   "today", "an",   "has",  "why",  "who",  "more", "phone", "app",  "game", "work", "shop",
    "help", "late",  "box",  "best", "then", "than", "very", "broken"};
constexpr std::string_view kParticles[] = {"は",     "が",   "を",       "に",   "で",     "と",
                                           "も",     "の",   "から",     "まで", "って",   "です",
                                           "ます",   "した", "ない",     "けど", "より",   "ました",
                                           "という", "とか", "ください", "かも", "だった", "してる"};
constexpr std::string_view kKanji =
    "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川"
    "千水半男西電校語"
    "土木聞食車何南万毎白天母火右読友左休父雨会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不"
    "作用度強公持野"
    "以思家世多正安院心界教文元重近考画海売知道集別物使品計死特私始朝運終台広住真有口少町料工建空急止送切転研"
    "足究楽起着店病"
    "質待試族銀早映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤青館屋色走秋夏習駅洋旅服夕借曜飲肉"
    "貸堂鳥飯勉冬昼"
    "茶弟牛魚兄犬妹姉漢政議民連対部合市内相定回選米実関決全表戦経最現調化当約首法性的要制治務成期取都和機平加"
    "受続進数記初指";
constexpr std::string_view kKatakana =
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモラリルレロワンガギグゴザジズダデド"
    "バビブベボパピプペポ";

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) list.emplace_back(text.substr(i, 3));
  return list;
}

}  // namespace

Words::Words(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  std::unordered_set<std::string> known;
  const auto take = [&](std::vector<std::string>& list, std::string word) {
    if (known.insert(word).second) list.push_back(std::move(word));
  };
  for (const auto word : kEnglishCommon) take(english_, std::string(word));
  static constexpr std::string_view kOnsets[] = {"b",  "c",  "d",  "f",  "g",  "h",  "k", "l", "m",
                                                 "n",  "p",  "r",  "s",  "t",  "v",  "w", "z", "br",
                                                 "cr", "st", "tr", "pl", "sh", "ch", "th"};
  static constexpr std::string_view kVowels[] = {"a", "e", "i", "o", "u", "ai", "ea", "oo", "y"};
  static constexpr std::string_view kCodas[] = {"", "", "", "n", "r", "s", "l", "t", "nd", "x"};
  while (english_.size() < kWords) {
    std::string word;
    for (std::size_t i = 2 + below(2); i > 0; --i) {
      word += kOnsets[below(std::size(kOnsets))];
      word += kVowels[below(std::size(kVowels))];
      word += kCodas[below(std::size(kCodas))];
    }
    if (below(20) == 0) word += std::to_string(below(20));
    take(english_, std::move(word));
  }
  const auto kanji = characters(kKanji);
  const auto katakana = characters(kKatakana);
  while (japanese_.size() < kWords) {
    std::string word;
    if (below(10) < 6) {
      // Common words are short.
      const auto length = japanese_.size() < 2'000 ? 2 : 2 + below(3);
      for (std::size_t i = 0; i < length; ++i) word += kanji[below(kanji.size())];
    } else {
      const auto length = 3 + below(4);
      for (std::size_t i = 0; i < length; ++i) {
        word += katakana[below(katakana.size())];
        if (below(7) == 0) word += "ー";
      }
    }
    take(japanese_, std::move(word));
  }
}

std::size_t ListeningData::common_rank() {
  const double part = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
  return static_cast<std::size_t>(std::exp(part * std::log(static_cast<double>(words_.size())))) - 1;
}

std::string ListeningData::text() {
  std::string text;
  const bool japanese = below(10) < 6;
  const std::size_t length = 40 + below(160);
  while (text.size() < length) {
    if (japanese) {
      if (below(14) == 0) {
        text += words_.english(common_rank());
      } else {
        text += words_.japanese(common_rank());
      }
      text += kParticles[below(std::size(kParticles))];
      if (below(5) == 0) text += below(2) == 0 ? "。" : "、";
    } else {
      auto word = words_.english(common_rank());
      if (below(8) == 0 && word[0] >= 'a') word[0] = static_cast<char>(word[0] - 'a' + 'A');
      text += word;
      text += below(12) == 0 ? ", " : " ";
    }
  }
  switch (below(16)) {
    case 0:
      text += "😂😂😂";
      break;
    case 1:
      text += "すごーーーい！！！";
      break;
    case 2:
      text += " #" + words_.japanese(common_rank());
      break;
    case 3:
      text += " #" + words_.english(common_rank());
      break;
    case 4:
      text += " @" + words_.english(common_rank());
      break;
    case 5:
      text += "❤️";
      break;
    case 6:
      text += "ＮＥＷ";
      break;
    default:
      break;
  }
  return text;
}

std::string ListeningData::line_of(std::size_t number, std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  auto line = fmt::format(
      R"({{"id":"{}","text":"{}","author":{{"handle":"{}.example","followers":{}}},"lang":"{}","network":"bluesky")",
      number, escaped, words_.english(below(words_.size())), below(50'000),
      static_cast<unsigned char>(text.empty() ? 'a' : text[0]) >= 0x80 ? "ja" : "en");
  if (below(6) == 0) {
    line += fmt::format(R"(,"links":["https://www.{}.example/{}"])", words_.english(common_rank()),
                        words_.english(common_rank()));
  }
  if (below(5) == 0) line += fmt::format(R"(,"reply_to":"{}")", number / 2);
  return line + "}";
}

std::string ListeningData::post_line(std::size_t number) {
  return line_of(number, text());
}

// The thing somebody listens for: in few posts.
std::string ListeningData::brand(bool japanese) {
  const auto rank = 2'000 + below(words_.size() - 2'000);
  return japanese ? words_.japanese(rank) : words_.english(rank);
}

// What narrows it: anything from common words on.
std::string ListeningData::context(bool japanese) {
  const auto rank = 60 + common_rank();
  return japanese ? words_.japanese(rank) : words_.english(rank);
}

std::string ListeningData::query() {
  const bool ja = below(2) == 0;
  const auto a = brand(ja);
  switch (below(10)) {
    case 0:
    case 1:
      return fmt::format("({} OR {}) ({} OR {}) -{}", a, brand(ja), context(ja), context(ja), context(ja));
    case 2:
      return fmt::format("{} {} -{} -{}", a, context(ja), context(ja), context(ja));
    case 3:
      return fmt::format("{} NEAR/8 ({} OR {} OR {})", a, context(ja), context(ja), context(ja));
    case 4:
      return fmt::format("({} NEAR/20 {}) OR ({} {}) OR {}", context(ja), a, brand(ja), context(ja),
                         brand(ja));
    case 5:
      return fmt::format("\"{} {}\" OR ({} NOT ({} OR {}))", a, context(ja), brand(ja), context(ja),
                         context(ja));
    case 6:
      return fmt::format("({} OR {} OR {} OR {} OR {}) -{} -{}", a, brand(ja), brand(!ja), brand(ja),
                         brand(ja), context(ja), context(ja));
    case 7:
      return fmt::format("({} OR #{} OR {}) lang:{} followers:>{} -is:reply", a, a, brand(ja),
                         ja ? "ja" : "en", below(2'000));
    case 8:
      return fmt::format("{} ({} OR {} OR {}) -({} OR {})", a, context(ja), context(ja), context(ja),
                         context(ja), context(ja));
    default:
      return fmt::format("(({} {}) OR ({} {}) OR \"{}\") -{}", a, context(ja), brand(!ja), context(!ja),
                         brand(!ja), context(ja));
  }
}

std::vector<ListeningData::Adversarial> ListeningData::adversarial(std::size_t queries, std::size_t posts) {
  std::vector<Adversarial> sets;
  {
    Adversarial set{"shared fronts: every term begins with 東京", {}, {}};
    for (std::size_t i = 0; i < queries; ++i) {
      set.queries.push_back(fmt::format("(東京{} OR 東京{}) 東京{} -東京{}", brand(true), brand(true),
                                        context(true), context(true)));
    }
    for (std::size_t i = 0; i < posts; ++i) {
      std::string text;
      while (text.size() < 110) text += below(3) == 0 ? "東京" + words_.japanese(common_rank()) : "東京";
      set.lines.push_back(line_of(i, text));
    }
    sets.push_back(std::move(set));
  }
  {
    Adversarial set{"overlapping terms: アイ, アイア, イアイ …", {}, {}};
    const auto mix = [&](std::size_t length) {
      std::string term;
      for (std::size_t i = 0; i < length; ++i) term += below(2) == 0 ? "ア" : "イ";
      return term;
    };
    for (std::size_t i = 0; i < queries; ++i) {
      set.queries.push_back(fmt::format("({} OR {}) {} -{}", mix(6 + below(10)), mix(6 + below(10)),
                                        mix(4 + below(5)), mix(8 + below(8))));
    }
    for (std::size_t i = 0; i < posts; ++i) set.lines.push_back(line_of(i, mix(36)));
    sets.push_back(std::move(set));
  }
  {
    Adversarial set{"posts made of the queries' own rare terms", {}, {}};
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < queries; ++i) {
      const bool ja = below(2) == 0;
      terms.push_back(brand(ja));
      set.queries.push_back(fmt::format("({} OR {}) ({} OR {}) -{}", terms.back(), brand(ja), context(ja),
                                        context(ja), context(ja)));
    }
    for (std::size_t i = 0; i < posts; ++i) {
      std::string text;
      while (text.size() < 110) text += terms[below(terms.size())] + " ";
      set.lines.push_back(line_of(i, text));
    }
    sets.push_back(std::move(set));
  }
  {
    Adversarial set{"one common term in every query, and in every post", {}, {}};
    for (std::size_t i = 0; i < queries; ++i)
      set.queries.push_back(fmt::format("東京 {} -{}", brand(true), context(true)));
    for (std::size_t i = 0; i < posts; ++i) {
      std::string text = "東京";
      while (text.size() < 110) text += words_.japanese(common_rank()) + "東京";
      set.lines.push_back(line_of(i, text));
    }
    sets.push_back(std::move(set));
  }
  {
    Adversarial set{"common words only: 4 of the 60 most common in each query", {}, {}};
    for (std::size_t i = 0; i < queries; ++i) {
      const bool ja = below(2) == 0;
      const auto word = [&] { return ja ? words_.japanese(below(60)) : words_.english(below(60)); };
      set.queries.push_back(fmt::format("{} {} ({} NEAR/3 {})", word(), word(), word(), word()));
    }
    for (std::size_t i = 0; i < posts; ++i) set.lines.push_back(post_line(i));
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace kiki::bench
