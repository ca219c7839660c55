#pragma once
// The doors of visitors: pages of other sites that may call, and those that may not. Shared by the chat's and
// the reach page's routes.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/router.hpp"
#include "api/services.hpp"

namespace kiki::api {

// kForbidden "origin" when the request comes from a page that is neither ours nor of `origins`.
Result<void> check_origin(const Services& services, const net::HttpRequest& request,
                          const std::vector<std::string>& origins);
// The answer, or the problem, readable for the page that asked.
net::HttpResponse for_page(Result<net::HttpResponse> answer, const net::HttpRequest& request);
// What a browser asks before it lets a page of another site call.
net::HttpResponse preflight(const net::HttpRequest& request);
// A page of ours that carries a script of ours and may stand in frames of these sites.
net::HttpResponse visitor_page(std::string_view language, std::string_view title, std::string_view script,
                               std::string_view attributes, const std::vector<std::string>& frames);
std::string visitor_language(const RequestContext& context);  // ?lang=, else what the browser asks for

}  // namespace kiki::api
