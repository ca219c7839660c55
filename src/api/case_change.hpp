#pragma once
// Who changes which case: from the path, the person and the body's version.

#include "api/router.hpp"
#include "cases/cases.hpp"

namespace kiki::api {

// With the version of the case that the person saw, when the body names one.
inline Result<cases::Change> change_of(RequestContext& context) {
  cases::Change change;
  change.workspace_id = context.workspace_id();
  change.case_id = TRY(context.id("case_id"));
  change.actor_id = context.user_id();
  if (!context.body()["version"].is_null()) change.version = TRY(context.body()["version"].integer());
  return change;
}

}  // namespace kiki::api
