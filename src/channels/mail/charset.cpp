#include "channels/mail/charset.hpp"

#include <iconv.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <memory>

#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";
constexpr char kEscape = '\x1B';
// ICU's name for Windows' Shift_JIS: it has the rows of NEC and IBM.
constexpr const char* kWindows31j = "ibm-943_P15A-2003";

struct CloseConverter {
  void operator()(UConverter* one) const { ucnv_close(one); }
};

using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter open_converter(const char* charset) {
  auto status = U_ZERO_ERROR;
  Converter converter(ucnv_open(charset, &status));
  if (U_FAILURE(status)) converter.reset();
  return converter;
}

// Empty when ICU does not know the charset.
std::string by_icu(std::string_view bytes, UConverter* converter) {
  if (converter == nullptr) return {};
  auto status = U_ZERO_ERROR;
  std::u16string wide(bytes.size() * 2 + 16, u'\0');
  auto* to = reinterpret_cast<UChar*>(wide.data());
  auto* const start = to;
  const char* from = bytes.data();
  ucnv_resetToUnicode(converter);
  ucnv_toUnicode(converter, &to, start + wide.size(), &from, bytes.data() + bytes.size(), nullptr, 1,
                 &status);
  if (U_FAILURE(status)) return {};
  const auto units = static_cast<std::size_t>(to - start);
  std::string out;
  out.reserve(units * 3);
  for (std::size_t i = 0; i < units; ++i) {
    char32_t c = wide[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < units && wide[i + 1] >= 0xDC00 && wide[i + 1] < 0xE000)
      c = 0x10000 + ((c - 0xD800) << 10) + (wide[++i] - 0xDC00U);
    text::append_utf8(out, c);
  }
  return out;
}
std::string by_icu(std::string_view bytes, const std::string& charset) {
  return by_icu(bytes, open_converter(charset.c_str()).get());
}

// Opening one takes longer than a subject's conversion; each thread keeps that of the set nearly all use.
std::string from_windows_31j(std::string_view bytes) {
  thread_local const Converter converter = open_converter(kWindows31j);
  return by_icu(bytes, converter.get());
}

struct CloseIconv {
  void operator()(void* one) const {
    if (one != reinterpret_cast<iconv_t>(-1)) ::iconv_close(one);
  }
};

// One character of JIS X 0212, with IBM's in it: glibc has the table, ICU has not.
std::string supplementary(unsigned char row, unsigned char cell) {
  std::array<char, 3> bytes{'\x8F', static_cast<char>(row | 0x80), static_cast<char>(cell | 0x80)};
  std::array<char, 8> out{};
  // Stateless sets: what one call leaves behind does not reach the next.
  thread_local const std::unique_ptr<void, CloseIconv> converter(::iconv_open("UTF-8", "EUC-JP-MS"));
  if (converter.get() == reinterpret_cast<iconv_t>(-1)) return std::string(kReplacementUtf8);
  char* from = bytes.data();
  char* to = out.data();
  std::size_t from_left = bytes.size();
  std::size_t to_left = out.size();
  const auto done = ::iconv(converter.get(), &from, &from_left, &to, &to_left);
  if (done == static_cast<std::size_t>(-1)) return std::string(kReplacementUtf8);
  return {out.data(), out.size() - to_left};
}

// Collects characters of the Japanese sets as Shift_JIS, whose Microsoft table knows all that mail programs
// send, also where the standard's table has a hole.
class JapaneseText {
 public:
  void ascii(char c) { sjis_ += c; }
  void kana(unsigned char c) { sjis_ += static_cast<char>(c | 0x80); }
  void jis(unsigned char row, unsigned char cell) {  // both 0x21 … 0x7E
    const unsigned lead = (row + 1U) / 2U + (row < 0x5F ? 0x70U : 0xB0U);
    const unsigned trail = row % 2 == 1 ? cell + (cell < 0x60 ? 0x1FU : 0x20U) : cell + 0x7EU;
    sjis_ += static_cast<char>(lead);
    sjis_ += static_cast<char>(trail);
  }
  void supplement(unsigned char row, unsigned char cell) {
    flush();
    out_ += supplementary(row, cell);
  }
  void fault() {
    flush();
    out_ += kReplacementUtf8;
  }
  std::string take() {
    flush();
    return std::move(out_);
  }

 private:
  void flush() {
    if (sjis_.empty()) return;
    out_ += from_windows_31j(sjis_);
    sjis_.clear();
  }
  std::string sjis_;
  std::string out_;
};

bool is_jis_byte(unsigned char c) {
  return c >= 0x21 && c <= 0x7E;
}

// RFC 1468, and what Windows sends under its name (CP50220 … 50222): kana by ESC ( I, by shift-out, or with
// the eighth bit set.
std::string from_iso_2022_jp(std::string_view bytes) {
  enum class Set : std::uint8_t { kAscii, kKana, kJis, kSupplement };
  auto set = Set::kAscii;
  bool shifted = false;
  JapaneseText out;
  const auto starts = [&](std::size_t at, std::string_view what) {
    return bytes.substr(at, what.size()) == what;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c == static_cast<unsigned char>(kEscape)) {
      struct Sequence {
        std::string_view bytes;
        Set set;
      };
      static constexpr std::array<Sequence, 8> kSequences = {{{"\x1B(B", Set::kAscii},
                                                              {"\x1B(J", Set::kAscii},
                                                              {"\x1B(H", Set::kAscii},
                                                              {"\x1B(I", Set::kKana},
                                                              {"\x1B$@", Set::kJis},
                                                              {"\x1B$B", Set::kJis},
                                                              {"\x1B$(B", Set::kJis},
                                                              {"\x1B$(D", Set::kSupplement}}};
      const auto found = std::find_if(kSequences.begin(), kSequences.end(),
                                      [&](const Sequence& one) { return starts(i, one.bytes); });
      if (found != kSequences.end()) {
        set = found->set;
        i += found->bytes.size() - 1;
      } else if (starts(i, "\x1B&@")) {
        i += 2;
      } else {
        out.fault();
      }
    } else if (c == 0x0E || c == 0x0F) {
      shifted = c == 0x0E;
    } else if (c == '\n' || c == '\r') {
      set = Set::kAscii;  // a line ends in ASCII (RFC 1468); where the program forgot, the next is read anew
      shifted = false;
      out.ascii(bytes[i]);
    } else if (c >= 0xA1 && c <= 0xDF) {
      out.kana(c);
    } else if (shifted || set == Set::kKana) {
      if (c >= 0x21 && c <= 0x5F)
        out.kana(c);
      else
        out.ascii(bytes[i]);
    } else if (set == Set::kAscii || c <= 0x20) {
      if (c >= 0x80)
        out.fault();
      else
        out.ascii(bytes[i]);
    } else if (i + 1 < bytes.size() && is_jis_byte(c) &&
               is_jis_byte(static_cast<unsigned char>(bytes[i + 1]))) {
      const auto cell = static_cast<unsigned char>(bytes[++i]);
      if (set == Set::kJis)
        out.jis(c, cell);
      else
        out.supplement(c, cell);
    } else {
      out.fault();
    }
  }
  return out.take();
}

std::string from_euc_jp(std::string_view bytes) {
  JapaneseText out;
  const auto at = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : static_cast<unsigned char>(0);
  };
  const auto is_high = [](unsigned char c) { return c >= 0xA1 && c <= 0xFE; };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = at(i);
    if (c < 0x80) {
      out.ascii(bytes[i]);
    } else if (c == 0x8E && at(i + 1) >= 0xA1 && at(i + 1) <= 0xDF) {
      out.kana(at(++i));
    } else if (c == 0x8F && is_high(at(i + 1)) && is_high(at(i + 2))) {
      out.supplement(at(i + 1) & 0x7F, at(i + 2) & 0x7F);
      i += 2;
    } else if (is_high(c) && is_high(at(i + 1))) {
      out.jis(c & 0x7F, at(++i) & 0x7F);
    } else {
      out.fault();
    }
  }
  return out.take();
}

std::size_t count_faults(std::string_view text) {
  std::size_t found = 0;
  for (auto at = text.find(kReplacementUtf8); at != std::string_view::npos;
       at = text.find(kReplacementUtf8, at + 3))
    ++found;
  return found;
}

// How much a text looks like Japanese that somebody wrote.
std::int64_t likeness(std::string_view text) {
  std::int64_t score = 0;
  char32_t before = 0;
  for (const auto& c : text::code_points(text)) {
    const auto v = c.value;
    if (v == text::kReplacement || (v >= 0xE000 && v <= 0xF8FF) || (v >= 0x80 && v < 0xA0)) {
      score -= 50;
    } else if (v >= 0x3041 && v <= 0x30FC) {
      score += 4;
    } else if (v == 0x3001 || v == 0x3002 || (v >= 0x300C && v <= 0x300F)) {
      score += 4;
    } else if (v >= 0x4E00 && v <= 0x9FFF) {
      score += 1;
    } else if (v >= 0xFF61 && v <= 0xFF9F) {
      // Half-width kana come in runs; a single one is another set's byte.
      score += before >= 0xFF61 && before <= 0xFF9F ? 1 : -2;
    } else if (v > 0x7F) {
      score -= 1;
    }
    before = v;
  }
  return score;
}

bool has_kana(std::string_view text) {
  const auto all = text::code_points(text);
  return std::any_of(all.begin(), all.end(), [](const text::CodePoint& c) {
    return (c.value >= 0x3041 && c.value <= 0x30FE) || (c.value >= 0xFF66 && c.value <= 0xFF9F);
  });
}

bool has_escapes(std::string_view bytes) {
  for (auto at = bytes.find(kEscape); at != std::string_view::npos; at = bytes.find(kEscape, at + 1)) {
    if (at + 2 < bytes.size() && (bytes[at + 1] == '$' || bytes[at + 1] == '(')) return true;
  }
  return false;
}

bool is_ascii(std::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

std::string by_detector(std::string_view bytes) {
  auto status = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&status),
                                                                            ucsdet_close);
  if (U_FAILURE(status)) return {};
  const auto sample = bytes.substr(0, 64 * 1024);
  ucsdet_setText(detector.get(), sample.data(), static_cast<std::int32_t>(sample.size()), &status);
  const auto* const match = ucsdet_detect(detector.get(), &status);
  if (U_FAILURE(status) || match == nullptr) return {};
  const char* const name = ucsdet_getName(match, &status);
  return U_FAILURE(status) || name == nullptr ? std::string() : by_icu(bytes, name);
}

std::string guess(std::string_view bytes) {
  if (has_escapes(bytes)) return from_iso_2022_jp(bytes);
  if (!text::find_invalid_utf8(bytes)) return std::string(bytes);
  auto best = from_windows_31j(bytes);
  if (auto euc = from_euc_jp(bytes); likeness(euc) > likeness(best)) best = std::move(euc);
  if (count_faults(best) == 0 && (has_kana(best) || likeness(best) > 2)) return best;
  if (auto other = by_detector(bytes); !other.empty() && count_faults(other) <= count_faults(best))
    return other;
  if (likeness(best) > 0) return best;
  return by_icu(bytes, "windows-1252");
}

enum class Family : std::uint8_t { kNone, kUtf8, kJis, kShiftJis, kEucJp, kGb, kLatin, kOther };

Family family_of(const std::string& label) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), label) != names.end();
  };
  if (label.empty() || is_one_of({"us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default",
                                  "_autodetect", "8bit", "binary"}))
    return Family::kNone;
  if (is_one_of({"utf-8", "utf8", "unicode-1-1-utf-8"})) return Family::kUtf8;
  if (label.starts_with("iso-2022-jp") || label.starts_with("cp5022") || label.starts_with("windows-5022") ||
      is_one_of({"iso2022jp", "csiso2022jp", "x-iso-2022-jp", "jis", "iso-2022jp"}))
    return Family::kJis;
  if (label.starts_with("shift") || label.starts_with("cp932") || label.starts_with("ms932") ||
      is_one_of({"sjis", "x-sjis", "windows-31j", "cswindows31j", "ms_kanji", "csshiftjis", "windows-932",
                 "x-ms-cp932"}))
    return Family::kShiftJis;
  if (label.starts_with("euc-jp") || label.starts_with("eucjp") ||
      is_one_of({"x-euc-jp", "cp51932", "ujis", "x-eucjp", "cseucpkdfmtjapanese", "x-euc"}))
    return Family::kEucJp;
  if (is_one_of({"gb2312", "gbk", "gb18030", "cp936", "x-gbk", "csgb2312", "gb_2312-80", "euc-cn", "ms936"}))
    return Family::kGb;
  if (label.starts_with("iso-8859-1") || is_one_of({"latin1", "windows-1252", "cp1252", "iso8859-1"}))
    return label == "iso-8859-1" || !label.starts_with("iso-8859-1") ? Family::kLatin : Family::kOther;
  return Family::kOther;
}

std::string decode(std::string_view bytes, Family family, const std::string& label) {
  switch (family) {
    case Family::kUtf8:
      return text::to_valid_utf8(bytes);
    case Family::kJis:
      return from_iso_2022_jp(bytes);
    case Family::kShiftJis:
      return from_windows_31j(bytes);
    case Family::kEucJp:
      return from_euc_jp(bytes);
    case Family::kGb:
      return by_icu(bytes, "gb18030");
    case Family::kLatin:
      return by_icu(bytes, "windows-1252");
    case Family::kOther:
      return by_icu(bytes, label);
    case Family::kNone:
      break;
  }
  return {};
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view label) {
  std::string name;
  for (const char c : label.substr(0, 60)) {
    if (c == '"' || c == '\'' || c == ' ' || c == ';') continue;
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const auto family = family_of(name);
  if (is_ascii(bytes) && !has_escapes(bytes) && (family != Family::kOther && family != Family::kJis))
    return std::string(bytes);
  if (family == Family::kNone) return guess(bytes);
  auto labelled = decode(bytes, family, name);
  if (labelled.empty() && !bytes.empty()) return guess(bytes);
  // Nobody writes escape sequences, but programs that think it is ASCII or Latin-1 send them on.
  if (family != Family::kJis && family != Family::kOther && has_escapes(bytes))
    return from_iso_2022_jp(bytes);
  if (family == Family::kLatin) {
    if (!text::find_invalid_utf8(bytes)) return std::string(bytes);
    auto other = guess(bytes);
    return count_faults(other) == 0 && has_kana(other) ? other : labelled;
  }
  const auto faults = count_faults(labelled);
  if (faults == 0) return labelled;
  auto other = guess(bytes);
  // One broken character is no other charset.
  return count_faults(other) == 0 || likeness(other) > likeness(labelled) + 100 ? other : labelled;
}

}  // namespace kiki::channels::mail
