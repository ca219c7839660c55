#include "model/case_status.hpp"

namespace kiki::model {

std::string_view name(CaseStatus status) {
  switch (status) {
    case CaseStatus::kFound:
      return "found";
    case CaseStatus::kOpen:
      return "open";
    case CaseStatus::kWaiting:
      return "waiting";
    case CaseStatus::kSnoozed:
      return "snoozed";
    case CaseStatus::kWatched:
      return "watched";
    case CaseStatus::kResolved:
      return "resolved";
    case CaseStatus::kDismissed:
      return "dismissed";
  }
  return "";
}

std::optional<CaseStatus> parse_case_status(std::string_view text) {
  for (const auto status : kAllCaseStatuses) {
    if (name(status) == text) return status;
  }
  return std::nullopt;
}

}  // namespace kiki::model
