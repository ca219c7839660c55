#pragma once
// One table of routes. A route file is a function add_…_routes(Router&, Services&) that adds rows to it; the
// router does everything that is the same for all: finds the route (404, 405 with Allow), asks the gate (401,
// 403; 404 for somebody else's workspace), reads the body (413, 415, 400 with the place), turns errors into
// problem+json, sets the headers.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answer.hpp"
#include "auth/policy.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/metrics.hpp"
#include "net/http.hpp"

namespace kiki::api {

// What a handler gets. References are valid until it returns.
class RequestContext {
 public:
  RequestContext(const net::HttpRequest& request_in, const auth::Principal& principal_in,
                 auth::Access access_in, std::vector<std::pair<std::string_view, std::string_view>> params)
      : request(request_in), principal(principal_in), access(access_in), params_(std::move(params)) {}

  const net::HttpRequest& request;
  const auth::Principal& principal;
  const auth::Access access;

  Id workspace_id() const { return access.workspace_id; }
  Id user_id() const { return access.user_id; }
  auth::Role role() const { return access.role; }
  // For routes whose body decides what is needed (changing an owner …): kForbidden when the role may not.
  Result<void> require(auth::Permission permission) const;

  std::string_view param(std::string_view name) const;  // of the path; CHECKs that the template has it
  // A path parameter that is an id. What is no id cannot exist: kNotFound.
  Result<Id> id(std::string_view name) const;

  // The parsed JSON body; a value that does not exist when there was none (BodyRule::optional_json).
  JsonView body() const { return document_ ? document_->root() : JsonView{}; }
  // kInvalid, naming the member, when the body has one that is not in the list. Catches typing mistakes of
  // clients.
  Result<void> only_members(std::initializer_list<std::string_view> names) const;

  std::string_view query(std::string_view name) const { return request.query_value(name); }
  Result<std::int64_t> query_integer(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                     std::int64_t greatest) const;
  Result<std::optional<Id>> query_id(std::string_view name) const;  // nothing when absent or ""
  Result<int> limit(int otherwise = 50, int greatest = 200) const;  // ?limit=
  Result<std::optional<JsonDocument>> cursor() const;               // ?cursor=, decoded

  // "ja" or "en": the person's own, else what the browser asks for.
  std::string language() const;

 private:
  friend class Router;
  std::vector<std::pair<std::string_view, std::string_view>> params_;
  std::optional<JsonDocument> document_;
};

using RouteHandler = std::function<Result<net::HttpResponse>(RequestContext&)>;

// What the body of a request may be.
struct BodyRule {
  enum class Kind : std::uint8_t { kNone, kJson, kOptionalJson, kBytes };
  Kind kind = Kind::kNone;
  std::size_t limit_bytes = 0;
  std::size_t json_depth = 16;

  static BodyRule none() { return {}; }
  static BodyRule json(std::size_t limit_bytes = 64 * 1024) { return {Kind::kJson, limit_bytes}; }
  static BodyRule optional_json(std::size_t limit_bytes = 64 * 1024) {
    return {Kind::kOptionalJson, limit_bytes};
  }
  static BodyRule bytes(std::size_t limit_bytes) { return {Kind::kBytes, limit_bytes}; }
};

struct Route {
  std::string method;  // GET (answers HEAD as well), POST, PUT, PATCH, DELETE
  std::string path;    // "/api/v1/workspaces/{workspace_id}/cases/{case_id}"
  auth::Permission permission;
  BodyRule body;
  RouteHandler handler;
  bool any_site = false;  // a public route that pages of other sites may call: it checks the Origin itself
};

// What /metrics calls a route: the first word below the workspace, or below /api/v1: "cases", "open",
// "session".
std::string group_of(std::string_view path);

// Short names for route files: kWorkspace + "/cases/{case_id}".
inline constexpr std::string_view kApi = "/api/v1";
inline constexpr std::string_view kWorkspace = "/api/v1/workspaces/{workspace_id}";
inline std::string in_workspace(std::string_view rest) {
  return std::string(kWorkspace).append(rest);
}
inline std::string in_api(std::string_view rest) {
  return std::string(kApi).append(rest);
}

class Router {
 public:
  explicit Router(auth::Gate& gate);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // At start-up only. CHECKs our own mistakes: a permission that is unset, one of the wrong kind for the path
  // (inside a workspace exactly when the path has {workspace_id}), the same route twice.
  void add(Route route);
  // GET and HEAD of everything that no route wants and that is not below /api/: the console.
  void set_fallback(std::function<net::HttpResponse(const net::HttpRequest&)> fallback);
  // Extra Content-Security-Policy or other headers of our own files are not needed: this sets them on every
  // answer.
  void set_https(bool https);  // adds Strict-Transport-Security
  // After all routes are added: every answer's time is counted under its route's group.
  void measure(Metrics& metrics);

  // Thread-safe once all routes are added. For net::start_http_server.
  net::HttpResponse handle(net::HttpRequest&& request) const;
  std::size_t body_limit_bytes(const net::HttpRequest& head) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  struct Match;
  Match find(std::string_view path) const;
  // `group` becomes the place in seconds_ that the answer's time belongs to.
  net::HttpResponse answer(const net::HttpRequest& request, std::size_t& group) const;
  Result<net::HttpResponse> serve(const Route& route, const net::HttpRequest& request,
                                  std::vector<std::pair<std::string_view, std::string_view>> params) const;
  Result<std::optional<JsonDocument>> read_body(const Route& route, const net::HttpRequest& request) const;
  void set_headers(const net::HttpRequest& request, net::HttpResponse& response) const;

  auth::Gate& gate_;
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
  std::function<net::HttpResponse(const net::HttpRequest&)> fallback_;
  bool https_ = false;
  std::vector<Histogram> seconds_;  // by route, then the console, then what fits nothing; empty: not measured
};

}  // namespace kiki::api
