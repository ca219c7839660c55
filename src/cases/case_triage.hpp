#pragma once
// What triage says of a case: of the posts that wait for an answer together. Harm, urgency and reach are the
// worst of them, kind and feeling those of the newest one that says something.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "triage/triage.hpp"

namespace kiki::cases {

struct CaseTriage {
  triage::Kind kind = triage::Kind::kChatter;
  int certainty = 0;    // 0 to 100
  int feeling = 0;      // -5 to 5
  int urgency = 0;      // 0 to 3
  int reach = 0;        // 0 to 3
  bool danger = false;  // safety or health
  bool legal = false;
  bool money = false;
  bool among_users = false;
  bool no_contact = false;
  friend bool operator==(const CaseTriage&, const CaseTriage&) = default;
};

CaseTriage of_first(const triage::Verdict& verdict);
void add_post(CaseTriage& to, const triage::Verdict& verdict);

// For the column cases.triage and for the API, the same object.
std::string to_text(const CaseTriage& triage);
// What cannot be read, and "", is a case that was never judged.
CaseTriage parse_triage(std::string_view text);

}  // namespace kiki::cases
