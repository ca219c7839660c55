#pragma once
// A case in full, and its timeline, as types.ts has them: what src/cases/ reads, with replies, topics and
// accounts beside it.

#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/timeline.hpp"

namespace kiki::api {

Result<json::object> case_detail_json(Services& services, Id workspace_id, Id case_id);
Result<json::object> timeline_json(Services& services, const cases::TimelineQuery& query);
json::object note_json(const cases::TimelineNote& note);

}  // namespace kiki::api
