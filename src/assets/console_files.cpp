// Bodies are copied once at the start into shared strings, so that an answer copies nothing.

#include "assets/console_files.hpp"

#include <algorithm>

namespace kiki::assets {

namespace {

// No text for people of the desk: whoever sees this builds the program.
constexpr std::string_view kNotBuilt =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Kikimimi</title>"
    "<h1>Kikimimi is running</h1>"
    "<p>This program was built without its console. Run <code>./dev build</code>, or use the API: "
    "<a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>\n";

net::HttpResponse plain(int status, std::string_view type, std::string_view body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", std::string(type));
  response.headers.set("Cache-Control", "no-cache");
  response.body = body;
  return response;
}

// "gzip" as a whole word that is not refused by q=0.
bool accepts_gzip(std::string_view header) {
  while (!header.empty()) {
    std::string_view item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (!item.starts_with("gzip")) continue;
    item.remove_prefix(4);
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item.empty()) return true;
    if (item.starts_with(';'))
      return item.find("q=0") == std::string_view::npos || item.find("q=0.") != item.npos;
  }
  return false;
}

// The list of If-None-Match; weak tags compare like strong ones here.
bool has_tag(std::string_view header, std::string_view etag) {
  return header == "*" || header.find(etag) != std::string_view::npos;
}

}  // namespace

ConsoleServer::ConsoleServer(const std::vector<Asset>& files) {
  for (const Asset& asset : files) {
    File file{asset, std::make_shared<const std::string>(asset.body), nullptr};
    if (!asset.gzip.empty()) file.gzip = std::make_shared<const std::string>(asset.gzip);
    files_.push_back(std::move(file));
  }
  std::sort(files_.begin(), files_.end(),
            [](const File& a, const File& b) { return a.asset.path < b.asset.path; });
}

const ConsoleServer::File* ConsoleServer::find(std::string_view path) const {
  const auto found =
      std::lower_bound(files_.begin(), files_.end(), path,
                       [](const File& file, std::string_view p) { return file.asset.path < p; });
  return found != files_.end() && found->asset.path == path ? &*found : nullptr;
}

net::HttpResponse ConsoleServer::serve(const net::HttpRequest& request) const {
  const File* file = find(request.path);
  const std::size_t last_segment = request.path.rfind('/');
  const bool is_place =
      last_segment != std::string::npos && request.path.find('.', last_segment) == std::string::npos;
  if (!file && is_place) {
    file = find("/index.html");
    if (!file) return plain(200, "text/html; charset=utf-8", kNotBuilt);
  }
  if (!file) return plain(404, "text/plain; charset=utf-8", "Not found\n");

  net::HttpResponse response;
  auto& headers = response.headers;
  headers.set("ETag", std::string(file->asset.etag));
  headers.set("Cache-Control", file->asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->gzip) headers.set("Vary", "Accept-Encoding");
  if (has_tag(request.headers.get("If-None-Match"), file->asset.etag)) {
    response.status = 304;
    return response;
  }
  headers.set("Content-Type", std::string(file->asset.content_type));
  if (file->gzip && accepts_gzip(request.headers.get("Accept-Encoding"))) {
    headers.set("Content-Encoding", "gzip");
    response.shared_body = file->gzip;
  } else {
    response.shared_body = file->body;
  }
  return response;
}

}  // namespace kiki::assets
