#include "reply/checks/tone.hpp"

#include <re2/re2.h>

#include <array>

#include "reply/checks/words.hpp"
#include "text/graphemes.hpp"
#include "text/utf8.hpp"

namespace kiki::reply::checks {

namespace {

using text::ByteRange;

bool is_exclamation(char32_t c) {
  return c == U'!' || c == U'！' || c == 0x2757 || c == 0x2755 || c == 0x203C || c == 0x2049;
}
bool is_emoji(char32_t c) {
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF && !is_exclamation(c)) || c == 0x2B50;
}

void check_counts(const Draft& draft, const Voice& voice, Findings& findings) {
  std::vector<ByteRange> exclamations, emoji;
  for (std::size_t at = 0; at < draft.text.size();) {
    const auto size =
        std::max<std::size_t>(text::cut_at_grapheme(std::string_view(draft.text).substr(at), 1).size(), 1);
    const auto c = text::code_point_at(draft.text, at).value;
    if (is_exclamation(c)) {
      exclamations.push_back({at, at + size});
    } else if (is_emoji(c)) {
      emoji.push_back({at, at + size});
    }
    at += size;
  }
  const auto tell = [&](Check check, std::vector<ByteRange>& places, std::int64_t most) {
    const auto count = static_cast<std::int64_t>(places.size());
    if (count <= most) return;
    places.erase(places.begin(), places.begin() + most);
    findings.add(check, places, {{"count", std::to_string(count)}, {"limit", std::to_string(most)}});
  };
  tell(Check::kExclamations, exclamations, voice.max_exclamations);
  tell(Check::kEmoji, emoji, voice.max_emoji);
}

// Sentences end with 。！？ or a line; what hangs behind their last letter is left out.
std::vector<ByteRange> sentences(std::string_view text) {
  std::vector<ByteRange> list;
  std::size_t begin = 0, end = 0;
  const auto finish = [&](std::size_t next) {
    if (end > begin) list.push_back({begin, end});
    begin = end = next;
  };
  for (const auto& c : text::code_points(text)) {
    const auto after = c.offset + c.bytes;
    const bool stop = c.value == U'。' || c.value == U'！' || c.value == U'？' || c.value == U'!' ||
                      c.value == U'?' || c.value == U'\n';
    if (stop) {
      finish(after);
    } else if (end == begin && (c.value == U' ' || c.value == U'　')) {
      begin = end = after;
    } else if (!is_emoji(c.value) && c.value != U' ' && c.value != U'　' && c.value != U'…' &&
               c.value != U'）' && c.value != U')' && c.value != 0xFE0F && c.value != 0x200D) {
      end = after;
    }
  }
  finish(text.size());
  return list;
}

const RE2& casual_ending() {
  static const RE2 pattern(
      R"(((?:だよ|だね|だな|だぜ|だぞ|だもん|じゃん|じゃね|っす|っすね|っすよ|かよ|なんだ|だよね|てね|かもね|だって|)"
      R"((?:[^すま])よね|w+|ｗ+|笑|草|〜ん|ちゃう|ちゃった|しとく|やばい|ヤバい|マジ|まじ|了解|りょ|おけ|どもー|ねー|よー))$)");
  return pattern;
}
// Ends that are plain for certain. Nouns and names end sentences too, and are left alone.
const RE2& plain_ending() {
  static const RE2 pattern(
      R"(((?:である|のだ|んだ|だった|だろう|する|した|している|していた|してる|しない|しよう|きた|くる|いる|いた|ある|あった)"
      R"(|なる|なった|できる|できた|できない|れる|れた|せる|せた|える|ない|なかった|たい|欲しい|ほしい|思う|思った|言う|行く)"
      R"(|送る|待つ|[^く下]ださる|ありがとう|ごめん|すまない|よろしく|[一-龠]だ))$)");
  return pattern;
}
const RE2& polite_ending() {
  static const RE2 pattern(
      R"((?:です|でした|ます|ました|ません|ませんでした|ましょう|ください|下さい|くださいませ|ませ|でしょう|でしょうか)"
      R"(|ございます)(?:か|ね|よ|よね|が|けど|ので|から)?$)");
  return pattern;
}

void check_endings(const Draft& draft, const Voice& voice, Findings& findings) {
  if (!is_japanese(draft.text)) return;
  for (const auto& range : sentences(draft.text)) {
    const re2::StringPiece sentence(draft.text.data() + range.begin, range.end - range.begin);
    if (RE2::PartialMatch(sentence, polite_ending())) continue;
    re2::StringPiece ending;
    if (voice.no_casual && RE2::PartialMatch(sentence, casual_ending(), &ending)) {
      findings.add(Check::kCasual, {{range.end - ending.size(), range.end}},
                   {{"word", std::string(ending.data(), ending.size())}});
    } else if (voice.polite && RE2::PartialMatch(sentence, plain_ending(), &ending)) {
      findings.add(Check::kNotPolite, {{range.end - ending.size(), range.end}},
                   {{"word", std::string(ending.data(), ending.size())}});
    }
  }
}

template <class F>
void each(const RE2& pattern, std::string_view text, F f) {
  re2::StringPiece group[2];
  const re2::StringPiece whole(text.data(), text.size());
  std::size_t from = 0;
  while (from <= text.size() && pattern.Match(whole, from, text.size(), RE2::UNANCHORED, group, 2)) {
    const auto begin = static_cast<std::size_t>(group[1].data() - text.data());
    f(ByteRange{begin, begin + group[1].size()});
    from = begin + std::max<std::size_t>(group[1].size(), 1);
  }
}

void check_english(const Draft& draft, const Voice& voice, Findings& findings) {
  static const RE2 casual(R"((?i)\b(gonna|wanna|gotta|kinda|sorta|dunno|yeah|yep|nope|ya|lol|lmao|omg|btw)"
                          R"(|thx|pls|plz|ur|u|cuz|asap|no worries|my bad)\b)");
  static const RE2 first_person(R"(\b(I|I'm|I’m|I'll|I’ll|I've|I’ve|I'd|I’d|[Mm]y|[Mm]e|[Mm]ine|myself)\b)");
  if (voice.no_casual) {
    each(casual, draft.text, [&](ByteRange range) {
      findings.add(Check::kCasual, {range},
                   {{"word", draft.text.substr(range.begin, range.end - range.begin)}});
    });
  }
  if (voice.we && !is_japanese(draft.text)) {
    each(first_person, draft.text, [&](ByteRange range) {
      findings.add(Check::kFirstPerson, {range},
                   {{"word", draft.text.substr(range.begin, range.end - range.begin)}});
    });
  }
}

void check_japanese_first_person(const Draft& draft, const Voice& voice, Findings& findings) {
  static const RE2 pattern(R"((?:^|[^\p{Han}])(私|わたし|僕|ぼく|俺|オレ|あたし)(?:[はがもにをのへと]|$))");
  if (!voice.we) return;
  each(pattern, draft.text, [&](ByteRange range) {
    findings.add(Check::kFirstPerson, {range},
                 {{"word", draft.text.substr(range.begin, range.end - range.begin)}});
  });
}

// The last word of the last line: ^HT, -HT, (HT), （HT）, /HT, HT.
void check_initials(const Draft& draft, const Voice& voice, Findings& findings) {
  if (!voice.initials) return;
  const auto wanted = text::fold(draft.initials);
  if (!wanted.empty()) {
    auto folded = text::fold(draft.text);
    while (!folded.empty() && std::string_view(" \n\r\t).").find(folded.back()) != std::string_view::npos) {
      folded.pop_back();
    }
    if (folded.ends_with(wanted)) {
      const auto rest = folded.size() - wanted.size();
      const bool apart = rest == 0 ||
                         std::string_view(" \n^-(/~:").find(folded[rest - 1]) != std::string_view::npos ||
                         static_cast<unsigned char>(folded[rest - 1]) >= 0x80;
      if (apart) return;
    }
  }
  findings.add(Check::kInitials, {}, {{"initials", draft.initials}});
}

}  // namespace

void check_tone(const Draft& draft, const Voice& voice, Findings& findings) {
  if (draft.text.empty()) return;
  check_counts(draft, voice, findings);
  check_endings(draft, voice, findings);
  check_english(draft, voice, findings);
  check_japanese_first_person(draft, voice, findings);
  check_initials(draft, voice, findings);
}

}  // namespace kiki::reply::checks
