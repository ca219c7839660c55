#pragma once
// The states of a case, and their names in the database and in the API.
//
//   found ──respond──▶ open ──we answer──▶ waiting ──▶ resolved
//     │                 ▲  ╲ snooze ▶ snoozed
//     ├─▶ watched       ╰── a new post of the customer, from anywhere
//     ╰─▶ dismissed

#include <cstdint>
#include <optional>
#include <string_view>

namespace kiki::model {

enum class CaseStatus : std::uint8_t { kFound, kOpen, kWaiting, kSnoozed, kWatched, kResolved, kDismissed };
inline constexpr CaseStatus kAllCaseStatuses[] = {
    CaseStatus::kFound,   CaseStatus::kOpen,     CaseStatus::kWaiting,  CaseStatus::kSnoozed,
    CaseStatus::kWatched, CaseStatus::kResolved, CaseStatus::kDismissed};

std::string_view name(CaseStatus status);
std::optional<CaseStatus> parse_case_status(std::string_view name);

}  // namespace kiki::model
