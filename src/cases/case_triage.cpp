#include "cases/case_triage.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace kiki::cases {

CaseTriage of_first(const triage::Verdict& verdict) {
  CaseTriage triage{.kind = verdict.kind,
                    .certainty = verdict.certainty,
                    .feeling = verdict.feeling,
                    .urgency = verdict.urgency,
                    .reach = verdict.reach,
                    .among_users = verdict.among_users,
                    .no_contact = verdict.no_contact};
  for (const auto harm : verdict.harms) {
    triage.danger |= harm == triage::Harm::kSafety || harm == triage::Harm::kHealth;
    triage.legal |= harm == triage::Harm::kLegal;
    triage.money |= harm == triage::Harm::kMoney;
  }
  return triage;
}

void add_post(CaseTriage& to, const triage::Verdict& verdict) {
  const auto next = of_first(verdict);
  if (next.kind != triage::Kind::kChatter && next.kind != triage::Kind::kNoise) {
    to.kind = next.kind;
    to.certainty = next.certainty;
    to.feeling = next.feeling;
  }
  to.urgency = std::max(to.urgency, next.urgency);
  to.reach = std::max(to.reach, next.reach);
  to.danger |= next.danger;
  to.legal |= next.legal;
  to.money |= next.money;
  to.among_users = next.among_users;
  to.no_contact |= next.no_contact;
}

std::string to_text(const CaseTriage& triage) {
  const auto truth = [](bool value) { return value ? "true" : "false"; };
  std::string text = R"({"kind":")";
  text += name(triage.kind);
  text += R"(","certainty":)" + std::to_string(triage.certainty);
  text += R"(,"feeling":)" + std::to_string(triage.feeling);
  text += R"(,"urgency":)" + std::to_string(triage.urgency);
  text += R"(,"reach":)" + std::to_string(triage.reach);
  text += std::string(R"(,"danger":)") + truth(triage.danger);
  text += std::string(R"(,"legal":)") + truth(triage.legal);
  text += std::string(R"(,"money":)") + truth(triage.money);
  text += std::string(R"(,"among_users":)") + truth(triage.among_users);
  text += std::string(R"(,"no_contact":)") + truth(triage.no_contact);
  return text += '}';
}

CaseTriage parse_triage(std::string_view text) {
  CaseTriage triage;
  const auto document = JsonDocument::parse(text);
  if (!document.ok()) return triage;
  const auto root = document->root();
  const auto kind = root["kind"].string_or("");
  for (const auto one : triage::kAllKinds) {
    if (kind.ok() && *kind == name(one)) triage.kind = one;
  }
  const auto number = [&](const char* key, int low, int high) {
    const auto value = root[key].integer_or(0);
    return value.ok() ? static_cast<int>(std::clamp<std::int64_t>(*value, low, high)) : 0;
  };
  const auto truth = [&](const char* key) {
    const auto value = root[key].boolean_or(false);
    return value.ok() && *value;
  };
  triage.certainty = number("certainty", 0, 100);
  triage.feeling = number("feeling", -5, 5);
  triage.urgency = number("urgency", 0, 3);
  triage.reach = number("reach", 0, 3);
  triage.danger = truth("danger");
  triage.legal = truth("legal");
  triage.money = truth("money");
  triage.among_users = truth("among_users");
  triage.no_contact = truth("no_contact");
  return triage;
}

}  // namespace kiki::cases
