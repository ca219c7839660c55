#pragma once
// GET /cases with view=saved:ID, team:ID, member:ID, due:overdue, due:soon or due:failed.

#include "api/router.hpp"
#include "api/services.hpp"

namespace kiki::api {

Result<net::HttpResponse> list_saved_view(RequestContext& context, Services& services);

}  // namespace kiki::api
