#include "api/chat_door.hpp"

#include "chat/settings.hpp"
#include "text/html.hpp"

namespace kiki::api {

namespace {

std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

void allow_page(net::HttpResponse& response, const net::HttpRequest& request) {
  const auto origin = request.headers.get("Origin");
  response.headers.set("Vary", "Origin");
  if (!origin.empty()) response.headers.set("Access-Control-Allow-Origin", std::string(origin));
  response.headers.set("Access-Control-Expose-Headers", "Retry-After");
  response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
}

}  // namespace

Result<void> check_origin(const Services& services, const net::HttpRequest& request,
                          const std::vector<std::string>& origins) {
  const auto origin = request.headers.get("Origin");
  if (origin.empty()) {
    // A page's own GET has none; a page of another site that hides its own is not let in either.
    const auto site = request.headers.get("Sec-Fetch-Site");
    if (site.empty() || site == "same-origin" || site == "none") return {};
  } else {
    const auto authority = authority_of(origin);
    const bool is_ours = !authority.empty() && (authority == request.headers.get("Host") ||
                                                authority == authority_of(services.public_url));
    if (is_ours || chat::allows(origins, origin)) return {};
  }
  return Error{ErrorKind::kForbidden, "This site is not allowed to show it.", {}, "origin", 0};
}

net::HttpResponse for_page(Result<net::HttpResponse> answer, const net::HttpRequest& request) {
  // A site that is not allowed is not told why by anything its script can read.
  const bool is_refused = !answer.ok() && answer.error().code == "origin";
  auto response = answer.ok() ? *std::move(answer) : problem(answer.error(), request.request_id);
  if (!is_refused) allow_page(response, request);
  return response;
}

net::HttpResponse preflight(const net::HttpRequest& request) {
  auto response = no_content();
  allow_page(response, request);
  response.headers.set("Access-Control-Allow-Methods", "GET, POST");
  response.headers.set("Access-Control-Allow-Headers",
                       "Content-Type, X-Kikimimi-Visitor, X-Kikimimi-Identity");
  response.headers.set("Access-Control-Max-Age", "600");
  return response;
}

net::HttpResponse visitor_page(std::string_view language, std::string_view title, std::string_view script,
                               std::string_view attributes, const std::vector<std::string>& frames) {
  net::HttpResponse response;
  std::string ancestors = "frame-ancestors 'self'";
  for (const auto& origin : frames) ancestors += ' ' + origin;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
                       "'self' blob:; base-uri 'none'; form-action 'none'; " +
                           ancestors);
  response.body =
      "<!doctype html>\n<html lang=\"" + std::string(language) +
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1, interactive-widget=resizes-content\">\n<meta name=\"color-scheme\" "
      "content=\"light dark\">\n<title>" +
      text::html(title) +
      "</title>\n<link rel=\"stylesheet\" href=\"/chat/page.css\">\n</head>\n<body>\n<noscript>" +
      text::html(title) + "</noscript>\n<script src=\"" + std::string(script) + "\" " +
      std::string(attributes) + "></script>\n</body>\n</html>\n";
  return response;
}

std::string visitor_language(const RequestContext& context) {
  const auto asked = context.query("lang");
  if (asked.starts_with("ja")) return "ja";
  if (!asked.empty()) return "en";
  return context.language();
}

}  // namespace kiki::api
