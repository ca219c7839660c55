// The description of the API, for people and machines.

#include <memory>

#include "api/all_routes.hpp"
#include "api/openapi.hpp"
#include "api/router.hpp"

extern "C" const char kiki_openapi_begin[], kiki_openapi_end[];

namespace kiki::api {

std::string_view openapi_document() {
  return {kiki_openapi_begin, kiki_openapi_end};
}

void add_openapi_routes(Router& router, Services&) {
  router.add({"GET", in_api("/openapi.json"), auth::Permission::kPublic, BodyRule::none(),
              [body = std::make_shared<const std::string>(openapi_document())](
                  RequestContext&) -> Result<net::HttpResponse> {
                net::HttpResponse response;
                response.headers.set("Content-Type", "application/json; charset=utf-8");
                response.headers.set("Cache-Control", "no-cache");
                response.shared_body = body;
                return response;
              }});
}

}  // namespace kiki::api
