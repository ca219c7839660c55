#pragma once
// What a post is: the verdict of triage, with its reasons. Rules and words stand behind the interface for
// now, trained models later; who asks knows only Triage::judge.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalize.hpp"

namespace kiki::triage {

enum class Kind : std::uint8_t {
  kQuestion,
  kComplaint,
  kPraise,
  kWish,
  kPurchase,  // interest in buying: a queue of its own, selling is not support
  kChatter,   // mentions us, wants nothing
  kNoise,     // advertising, give-aways, news of the stock exchange
};
inline constexpr Kind kAllKinds[] = {Kind::kQuestion, Kind::kComplaint, Kind::kPraise, Kind::kWish,
                                     Kind::kPurchase, Kind::kChatter,   Kind::kNoise};
std::string_view name(Kind kind);  // snake_case, as in the database and the API

enum class Harm : std::uint8_t { kSafety, kHealth, kLegal, kMoney };
inline constexpr Harm kAllHarms[] = {Harm::kSafety, Harm::kHealth, Harm::kLegal, Harm::kMoney};
std::string_view name(Harm harm);

// Why: the name of a signal ("complaint", "urgent", "harm_safety", …) or of a circumstance ("reach",
// "among_users", "to_us"), for which the console has words, and where in the text it was seen.
struct Reason {
  std::string_view signal;
  text::ByteRange range;  // in the original text; empty: not in the text
};
inline constexpr std::size_t kReasonsLimit = 20;

struct Verdict {
  std::string language;  // BCP 47; empty: cannot be told
  Kind kind = Kind::kChatter;
  int certainty = 0;            // of the kind, 0 to 100; below kBorderline a second opinion is worth having
  int feeling = 0;              // -5 furious … 5 delighted
  int urgency = 0;              // 0 to 3
  std::vector<Harm> harms;      // each once, in the order of the enum
  int reach = 0;                // 0 to 3: from 10,000, 100,000, 1,000,000 followers
  bool among_users = false;     // people talk to each other, not to us
  bool no_contact = false;      // would rather not be spoken to
  std::vector<Reason> reasons;  // at most kReasonsLimit
};
inline constexpr int kBorderline = 40;

struct Post {
  std::string_view text;
  std::string_view language;        // as the network says; empty: not told
  std::int64_t followers = -1;      // of the author; -1: not known
  bool to_us = false;               // a message or mention, or an answer to us
  bool answers_other_user = false;  // an answer to somebody who is not us
};

class Triage {
 public:
  virtual ~Triage() = default;
  virtual Verdict judge(const Post& post) const = 0;  // from any thread
};

// By rules and the words that stand in the program.
const Triage& rules();

// Of the script a text is written in, and for Latin letters of small words. Empty: cannot be told.
std::string language_of(std::string_view text);

}  // namespace kiki::triage
