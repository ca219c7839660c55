// Routes stand in a tree of path segments: literal segments are tried before parameters, so /cases/counts
// wins over /cases/{case_id}. Order of the checks for one request: route, method, gate, body, handler. The
// body is parsed only for somebody who may send it.

#include "api/router.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "base/check.hpp"
#include "base/log.hpp"

namespace kiki::api {

namespace {

// For heads that fit no route: enough to read a small body and still answer 404 or 405.
constexpr std::size_t kStrayBodyBytes = 16 * 1024;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  std::size_t begin = 1;  // paths begin with "/"
  while (begin <= path.size()) {
    std::size_t end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

// "application/json", with or without parameters, in any case.
bool is_json(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  constexpr std::string_view kJson = "application/json";
  return std::equal(content_type.begin(), content_type.end(), kJson.begin(), kJson.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// Statuses that belong to HTTP itself and to no ErrorKind.
net::HttpResponse http_problem(int status, std::string_view kind, std::string_view title,
                               std::string_view detail, std::string_view request_id) {
  json::object body;
  body["type"] = "urn:kikimimi:problem:" + std::string(kind);
  body["title"] = title;
  body["status"] = status;
  body["detail"] = detail;
  if (!request_id.empty()) body["request_id"] = request_id;
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "application/problem+json; charset=utf-8");
  response.body = json::serialize(body);
  return response;
}

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; img-src 'self' https: data: blob:; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

bool is_below_api(std::string_view path) {
  return path == "/api" || path.starts_with("/api/");
}

}  // namespace

std::string group_of(std::string_view path) {
  if (path.starts_with(kWorkspace)) {
    path.remove_prefix(kWorkspace.size());
    if (path.empty()) return "workspaces";
  } else if (path.starts_with(kApi)) {
    path.remove_prefix(kApi.size());
  }
  const auto begin = path.find_first_not_of('/');
  if (begin == std::string_view::npos) return "other";
  return std::string(path.substr(begin, path.find('/', begin) - begin));
}

Result<void> RequestContext::require(auth::Permission permission) const {
  if (auth::may(access.role, permission)) return {};
  return Error{ErrorKind::kForbidden, "Your role here does not allow this.", {}, "role", 0};
}

std::string_view RequestContext::param(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return value;
  }
  CHECK(!"the path template has no such parameter");
  return {};
}

Result<Id> RequestContext::id(std::string_view name) const {
  if (const auto id = parse_id(param(name))) return *id;
  return not_found("There is nothing with this id.");
}

Result<void> RequestContext::only_members(std::initializer_list<std::string_view> names) const {
  if (!document_) return {};
  const JsonView root = document_->root();
  if (!root.is_object()) return invalid("Expected a JSON object.", "/");
  return root.each_member([&](std::string_view key, JsonView) -> Result<void> {
    if (std::find(names.begin(), names.end(), key) != names.end()) return {};
    return invalid("There is no member of this name here.", "/" + std::string(key.substr(0, 100)));
  });
}

Result<std::int64_t> RequestContext::query_integer(std::string_view name, std::int64_t otherwise,
                                                   std::int64_t least, std::int64_t greatest) const {
  const std::string_view text = query(name);
  if (text.empty()) return otherwise;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc{} && end == text.data() + text.size() && value >= least && value <= greatest)
    return value;
  return invalid(
      "Expected a whole number from " + std::to_string(least) + " to " + std::to_string(greatest) + ".",
      std::string(name));
}

Result<std::optional<Id>> RequestContext::query_id(std::string_view name) const {
  const std::string_view text = query(name);
  if (text.empty()) return std::optional<Id>();
  if (const auto id = parse_id(text)) return id;
  return invalid("Expected an id.", std::string(name));
}

Result<int> RequestContext::limit(int otherwise, int greatest) const {
  return static_cast<int>(TRY(query_integer("limit", otherwise, 1, greatest)));
}

Result<std::optional<JsonDocument>> RequestContext::cursor() const {
  const std::string_view text = query("cursor");
  if (text.empty()) return std::optional<JsonDocument>();
  return std::optional<JsonDocument>(TRY(decode_cursor(text)));
}

std::string RequestContext::language() const {
  if (!principal.language.empty()) return principal.language;
  const std::string_view asked = request.headers.get("Accept-Language");
  const std::size_t ja = asked.find("ja");
  const std::size_t en = asked.find("en");
  return ja != std::string_view::npos && ja < en ? "ja" : "en";
}

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<std::size_t> routes;  // index into routes_, one per method
};

struct Router::Match {
  const Node* node = nullptr;
  std::vector<std::string_view> values;  // of the parameters, in order
};

Router::Router(auth::Gate& gate) : gate_(gate), root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  CHECK(route.permission != auth::Permission::kUnset);
  CHECK(route.path.starts_with('/') && route.handler != nullptr);
  const bool names_workspace = route.path.find("{workspace_id}") != std::string::npos;
  CHECK(names_workspace == auth::is_inside_workspace(route.permission));
  CHECK(!route.any_site || route.permission == auth::Permission::kPublic);
  Node* node = root_.get();
  for (const std::string_view segment : segments_of(route.path)) {
    auto& next = is_parameter(segment) ? node->parameter : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  for (const std::size_t other : node->routes) CHECK(routes_[other].method != route.method);
  node->routes.push_back(routes_.size());
  routes_.push_back(std::move(route));
}

void Router::set_fallback(std::function<net::HttpResponse(const net::HttpRequest&)> fallback) {
  fallback_ = std::move(fallback);
}
void Router::set_https(bool https) {
  https_ = https;
}

Router::Match Router::find(std::string_view path) const {
  if (!path.starts_with('/')) return {};
  const auto segments = segments_of(path);
  Match match;
  // Depth first, literals before the parameter. Templates are at most some ten segments deep.
  const std::function<const Node*(const Node&, std::size_t)> walk = [&](const Node& node,
                                                                        std::size_t depth) -> const Node* {
    if (depth == segments.size()) return node.routes.empty() ? nullptr : &node;
    if (const auto literal = node.literals.find(segments[depth]); literal != node.literals.end()) {
      if (const Node* found = walk(*literal->second, depth + 1)) return found;
    }
    if (!node.parameter || segments[depth].empty()) return nullptr;
    match.values.push_back(segments[depth]);
    if (const Node* found = walk(*node.parameter, depth + 1)) return found;
    match.values.pop_back();
    return nullptr;
  };
  match.node = walk(*root_, 0);
  return match;
}

std::size_t Router::body_limit_bytes(const net::HttpRequest& head) const {
  const Match match = find(head.path);
  if (!match.node) return kStrayBodyBytes;
  for (const std::size_t index : match.node->routes) {
    if (routes_[index].method == head.method) return routes_[index].body.limit_bytes;
  }
  return kStrayBodyBytes;
}

Result<std::optional<JsonDocument>> Router::read_body(const Route& route,
                                                      const net::HttpRequest& request) const {
  using Kind = BodyRule::Kind;
  if (request.body.size() > route.body.limit_bytes) {
    return Error{ErrorKind::kTooLarge,
                 "The body may have at most " + std::to_string(route.body.limit_bytes) + " bytes.",
                 {},
                 {},
                 0};
  }
  if (route.body.kind == Kind::kNone || route.body.kind == Kind::kBytes) return std::optional<JsonDocument>();
  if (route.body.kind == Kind::kOptionalJson && request.body.empty()) return std::optional<JsonDocument>();
  JsonLimits limits{.bytes = route.body.limit_bytes, .depth = route.body.json_depth};
  return std::optional<JsonDocument>(TRY(JsonDocument::parse(request.body, limits)));
}

Result<net::HttpResponse> Router::serve(
    const Route& route, const net::HttpRequest& request,
    std::vector<std::pair<std::string_view, std::string_view>> params) const {
  auto principal = gate_.authenticate(request);
  if (!principal.ok()) {
    // Wrong credentials must not keep anybody from signing in again; a public route sees them as nobody.
    if (route.permission != auth::Permission::kPublic) return std::move(principal).error();
    principal = auth::Principal{};
  }
  const bool is_safe = request.method == "GET" || request.method == "HEAD";
  if (route.permission == auth::Permission::kPublic && !is_safe && !route.any_site &&
      gate_.is_cross_site(request)) {
    return Error{ErrorKind::kForbidden, "The request came from a page of another site.", {}, "csrf", 0};
  }
  Id workspace_id = 0;
  if (auth::is_inside_workspace(route.permission)) {
    for (const auto& [key, value] : params) {
      if (key == "workspace_id") workspace_id = parse_id(value).value_or(-1);  // -1: never a member
    }
    CHECK(workspace_id != 0);
  }
  const auth::Access access = TRY(gate_.authorize(*principal, workspace_id, route.permission));
  RequestContext context(request, *principal, access, std::move(params));
  context.document_ = TRY(read_body(route, request));
  return route.handler(context);
}

void Router::measure(Metrics& metrics) {
  const auto group = [&](std::string_view name) {
    seconds_.push_back(metrics.histogram("kikimimi_http_request_seconds",
                                         "Time from a request's begin to its answer, without the network.",
                                         kSecondsBuckets, {{"group", name}}));
  };
  for (const auto& route : routes_) group(group_of(route.path));
  group("console");
  group("other");
}

net::HttpResponse Router::answer(const net::HttpRequest& request, std::size_t& group) const {
  group = routes_.size() + 1;
  const Match match = find(request.path);
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  if (!match.node) {
    if (fallback_ && is_read && !is_below_api(request.path)) {
      group = routes_.size();
      return fallback_(request);
    }
    return problem(not_found("There is nothing at this address."), request.request_id);
  }
  const std::string_view wanted = request.method == "HEAD" ? std::string_view("GET") : request.method;
  const Route* route = nullptr;
  std::string allow;
  for (const std::size_t index : match.node->routes) {
    if (routes_[index].method == wanted) {
      route = &routes_[index];
      group = index;
    }
    allow += (allow.empty() ? "" : ", ") + routes_[index].method;
    if (routes_[index].method == "GET") allow += ", HEAD";
  }
  if (!route) {
    auto response = http_problem(405, "method_not_allowed", "Method not allowed",
                                 "This address answers " + allow + " only.", request.request_id);
    response.headers.set("Allow", allow);
    return response;
  }
  const bool wants_json = route->body.kind == BodyRule::Kind::kJson ||
                          (route->body.kind == BodyRule::Kind::kOptionalJson && !request.body.empty());
  if (wants_json && !is_json(request.headers.get("Content-Type"))) {
    return http_problem(415, "unsupported_media_type", "Unsupported media type",
                        "Send the body as application/json.", request.request_id);
  }
  std::vector<std::pair<std::string_view, std::string_view>> params;
  std::size_t next_value = 0;
  for (const std::string_view segment : segments_of(route->path)) {
    if (is_parameter(segment)) {
      params.emplace_back(segment.substr(1, segment.size() - 2), match.values[next_value++]);
    }
  }
  auto response = serve(*route, request, std::move(params));
  if (!response.ok()) return problem(response.error(), request.request_id);
  return *std::move(response);
}

void Router::set_headers(const net::HttpRequest& request, net::HttpResponse& response) const {
  auto& headers = response.headers;
  // A page that stands in others' frames, or shows what somebody uploaded, says more narrowly what it may.
  if (!headers.has("Content-Security-Policy"))
    headers.set("Content-Security-Policy", std::string(kContentSecurityPolicy));
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "strict-origin-when-cross-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  if (https_) headers.set("Strict-Transport-Security", "max-age=31536000");
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  if (!request.request_id.empty()) headers.set("X-Request-Id", request.request_id);
}

net::HttpResponse Router::handle(net::HttpRequest&& request) const {
  const auto begin = std::chrono::steady_clock::now();
  std::size_t group = 0;
  net::HttpResponse response = answer(request, group);
  set_headers(request, response);
  if (!seconds_.empty()) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    auto seconds = seconds_[group];
    seconds.observe(took.count());
  }
  return response;
}

}  // namespace kiki::api
