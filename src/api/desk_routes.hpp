#pragma once
// The usual route: something of a workspace, whose handler gets the request and the services.

#include <string_view>

#include "api/router.hpp"

namespace kiki::api {

struct Services;

class DeskRoutes {
 public:
  using Handler = Result<net::HttpResponse> (*)(RequestContext&, Services&);

  DeskRoutes(Router& router, Services& services) : router_(router), services_(services) {}
  // `path` without that of the workspace: "/cases/{case_id}".
  void operator()(const char* method, std::string_view path, auth::Permission permission, BodyRule body,
                  Handler handler) const {
    router_.add(
        {method, in_workspace(path), permission, body,
         [&services = services_, handler](RequestContext& context) { return handler(context, services); }});
  }

 private:
  Router& router_;
  Services& services_;
};

}  // namespace kiki::api
