// The verdict by words and circumstances. Each signal's weights are added up, a word once; the kind is the
// signal that passes its threshold first in the order of what a desk must not miss.

#include <algorithm>
#include <array>
#include <optional>

#include "base/check.hpp"
#include "text/utf8.hpp"
#include "triage/lexicon.hpp"
#include "triage/triage.hpp"

extern "C" const char kiki_triage_words_begin[];
extern "C" const char kiki_triage_words_end[];

namespace kiki::triage {

std::string_view name(Kind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"question", "complaint", "praise", "wish",
                                                      "purchase", "chatter",   "noise"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name(Harm harm) {
  constexpr std::array<std::string_view, 4> kNames = {"safety", "health", "legal", "money"};
  return kNames.at(static_cast<std::size_t>(harm));
}

namespace {

enum Signal : std::uint8_t {
  kQuestionSignal,
  kComplaintSignal,
  kPraiseSignal,
  kWishSignal,
  kPurchaseSignal,
  kNoiseSignal,
  kSafetySignal,
  kHealthSignal,
  kLegalSignal,
  kMoneySignal,
  kUrgentSignal,
  kNoContactSignal,
  kUpSignal,
  kDownSignal,
  kSignals
};
constexpr std::array<std::string_view, kSignals> kSignalNames = {
    "question",    "complaint",  "praise",     "wish",   "purchase",   "noise",      "harm_safety",
    "harm_health", "harm_legal", "harm_money", "urgent", "no_contact", "feeling_up", "feeling_down"};

// Thresholds. Found on the sample day's labels (triage_test.cpp tells how well they do).
constexpr int kEnough = 3;
constexpr int kEnoughPraise = 2;
constexpr int kEnoughNoise = 4;
constexpr int kQuestionMark = 2;
constexpr int kManyTags = 5;

struct Weighed {
  std::array<int, kSignals> sums{};
  std::vector<Reason> reasons;
  void add(Signal signal, int weight, text::ByteRange range) {
    sums[signal] += weight;
    if (reasons.size() < kReasonsLimit) reasons.push_back({kSignalNames[signal], range});
  }
};

// A question mark that is not inside a link.
std::optional<text::ByteRange> question_mark(std::string_view text) {
  std::size_t word = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ' || text[at] == '\n') word = at + 1;
    const bool wide = text.compare(at, 3, "\xef\xbc\x9f") == 0;
    if (text[at] != '?' && !wide) continue;
    if (text.substr(word, at - word).find("://") != std::string_view::npos) continue;
    return text::ByteRange{at, at + (wide ? 3 : 1)};
  }
  return std::nullopt;
}

int hashtags(std::string_view folded) {
  return static_cast<int>(std::count(folded.begin(), folded.end(), '#'));
}

class Rules final : public Triage {
 public:
  Rules() {
    auto lexicon = Lexicon::read(
        {kiki_triage_words_begin, static_cast<std::size_t>(kiki_triage_words_end - kiki_triage_words_begin)});
    CHECK(lexicon.ok());  // the words stand in the program; a test reads them
    lexicon_ = std::move(lexicon.value());
    for (std::uint16_t i = 0; i < lexicon_.signals(); ++i) {
      const auto place = std::find(kSignalNames.begin(), kSignalNames.end(), lexicon_.signal(i));
      signal_of_.push_back(static_cast<Signal>(place - kSignalNames.begin()));
    }
  }

  Verdict judge(const Post& post) const override {
    Weighed weighed = weigh(post.text);
    Verdict verdict;
    verdict.language = post.language.empty() ? language_of(post.text) : std::string(post.language);
    decide_kind(weighed, post, verdict);
    const auto& sums = weighed.sums;
    verdict.feeling = std::clamp(sums[kUpSignal] - sums[kDownSignal], -5, 5);
    for (const auto& [signal, harm] :
         {std::pair(kSafetySignal, Harm::kSafety), std::pair(kHealthSignal, Harm::kHealth),
          std::pair(kLegalSignal, Harm::kLegal), std::pair(kMoneySignal, Harm::kMoney)}) {
      if (sums[signal] >= 2) verdict.harms.push_back(harm);
    }
    const bool bodily = sums[kSafetySignal] >= 2 || sums[kHealthSignal] >= 2;
    verdict.urgency = std::min(3, sums[kUrgentSignal] / 2 + (bodily ? 2 : 0));
    if (verdict.kind == Kind::kNoise) verdict.urgency = 0;
    verdict.reach = post.followers >= 1'000'000 ? 3
                    : post.followers >= 100'000 ? 2
                    : post.followers >= 10'000  ? 1
                                                : 0;
    verdict.among_users = post.answers_other_user && !post.to_us;
    verdict.no_contact = sums[kNoContactSignal] > 0;
    verdict.reasons = std::move(weighed.reasons);
    const auto circumstance = [&](bool holds, std::string_view signal) {
      if (holds && verdict.reasons.size() < kReasonsLimit) verdict.reasons.push_back({signal, {}});
    };
    circumstance(verdict.reach > 0, "reach");
    circumstance(verdict.among_users, "among_users");
    return verdict;
  }

 private:
  Weighed weigh(std::string_view original) const {
    const auto folded = text::fold_with_origins(original);
    Weighed weighed;
    std::vector<std::uint32_t> counted;
    for (const auto& hit : lexicon_.find(folded.text())) {
      const auto signal = signal_of_[hit.signal];
      if (signal == kSignals) continue;
      const std::uint32_t key = hit.word * kSignals + signal;
      if (std::find(counted.begin(), counted.end(), key) != counted.end()) continue;
      counted.push_back(key);
      weighed.add(signal, hit.weight, folded.original(hit.range));
    }
    if (const auto mark = question_mark(original)) weighed.add(kQuestionSignal, kQuestionMark, *mark);
    if (hashtags(folded.text()) >= kManyTags) weighed.add(kNoiseSignal, 2, {});
    return weighed;
  }

  static void decide_kind(const Weighed& weighed, const Post& post, Verdict& verdict) {
    const auto& sums = weighed.sums;
    const bool harm = sums[kSafetySignal] >= 2 || sums[kHealthSignal] >= 2;
    // Who writes to us wants something: less is enough to call it a question or a complaint.
    const int enough_question = post.to_us ? 2 : kEnough - 1;
    const auto settle = [&](Kind kind, int sum, int enough) {
      verdict.kind = kind;
      int rival = 0;
      for (const auto signal :
           {kQuestionSignal, kComplaintSignal, kPraiseSignal, kWishSignal, kPurchaseSignal}) {
        if (kSignalNames[signal] != name(kind)) rival = std::max(rival, sums[signal]);
      }
      verdict.certainty = std::clamp(50 + 12 * (sum - enough) - 6 * rival, 5, 99);
    };
    if (sums[kNoiseSignal] >= kEnoughNoise && !post.to_us && !harm) {
      settle(Kind::kNoise, sums[kNoiseSignal], kEnoughNoise);
    } else if (sums[kWishSignal] >= kEnough && sums[kWishSignal] >= sums[kComplaintSignal]) {
      settle(Kind::kWish, sums[kWishSignal], kEnough);
    } else if (sums[kComplaintSignal] >= kEnough && sums[kComplaintSignal] + 2 > sums[kPraiseSignal]) {
      settle(Kind::kComplaint, sums[kComplaintSignal], kEnough);
    } else if (sums[kPurchaseSignal] >= kEnough) {
      settle(Kind::kPurchase, sums[kPurchaseSignal], kEnough);
    } else if (sums[kQuestionSignal] >= enough_question && sums[kQuestionSignal] + 1 >= sums[kPraiseSignal]) {
      settle(Kind::kQuestion, sums[kQuestionSignal], enough_question);
    } else if (sums[kPraiseSignal] >= kEnoughPraise) {
      settle(Kind::kPraise, sums[kPraiseSignal], kEnoughPraise);
    } else if (harm) {
      settle(Kind::kComplaint, sums[kSafetySignal] + sums[kHealthSignal], kEnough);
    } else if (post.to_us) {  // wants something of us, in words we do not know
      verdict.kind = Kind::kQuestion;
      verdict.certainty = 30;
    } else {
      verdict.kind = Kind::kChatter;
      verdict.certainty = 50;
      for (const auto signal :
           {kQuestionSignal, kComplaintSignal, kPraiseSignal, kWishSignal, kPurchaseSignal}) {
        if (sums[signal] > 0) verdict.certainty = 30;
      }
    }
  }

  Lexicon lexicon_;
  std::vector<Signal> signal_of_;
};

}  // namespace

const Triage& rules() {
  static const Rules instance;
  return instance;
}

}  // namespace kiki::triage
