#include "assets/console_files.hpp"

#include <gtest/gtest.h>

namespace kiki::assets {
namespace {

const std::vector<Asset> kFiles = {
    {"/index.html", "text/html; charset=utf-8", "\"aa\"", "<p>console", "zipped page", false},
    {"/assets/app-1234.js", "text/javascript; charset=utf-8", "\"bb\"", "let a", "zipped script", true},
    {"/favicon.png", "image/png", "\"cc\"", "png", "", false},
};

net::HttpRequest get(std::string path, std::string encoding = "") {
  net::HttpRequest request;
  request.method = "GET";
  request.path = std::move(path);
  if (!encoding.empty()) request.headers.set("Accept-Encoding", encoding);
  return request;
}

TEST(ConsoleServer, ServesFilesPackedWhereTheBrowserTakesIt) {
  const ConsoleServer server(kFiles);
  const auto packed = server.serve(get("/assets/app-1234.js", "br, gzip"));
  EXPECT_EQ(packed.status, 200);
  EXPECT_EQ(*packed.shared_body, "zipped script");
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.headers.get("Vary"), "Accept-Encoding");
  EXPECT_EQ(packed.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(*server.serve(get("/assets/app-1234.js", "br")).shared_body, "let a");
  EXPECT_EQ(*server.serve(get("/assets/app-1234.js", "gzip;q=0, br")).shared_body, "let a");
  EXPECT_EQ(*server.serve(get("/assets/app-1234.js", "gzip;q=0.5")).shared_body, "zipped script");
  EXPECT_EQ(*server.serve(get("/favicon.png", "gzip")).shared_body, "png");
}

TEST(ConsoleServer, EveryPlaceOfTheConsoleIsItsFirstPage) {
  const ConsoleServer server(kFiles);
  for (const char* path : {"/", "/setup", "/w/12/now/34"}) {
    const auto response = server.serve(get(path));
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(*response.shared_body, "<p>console") << path;
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-cache") << path;
  }
}

TEST(ConsoleServer, AFileThatIsNotThereIs404NotAPage) {
  EXPECT_EQ(ConsoleServer(kFiles).serve(get("/assets/app-0000.js")).status, 404);
}

TEST(ConsoleServer, AnUnchangedFileIs304) {
  auto request = get("/");
  request.headers.set("If-None-Match", "W/\"aa\"");
  const auto response = ConsoleServer(kFiles).serve(request);
  EXPECT_EQ(response.status, 304);
  EXPECT_FALSE(response.shared_body);
  EXPECT_EQ(response.headers.get("ETag"), "\"aa\"");
}

TEST(ConsoleServer, WithoutAConsoleSaysSo) {
  const auto response = ConsoleServer(std::vector<Asset>{}).serve(get("/"));
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("without its console"), std::string::npos);
}

// What this very build holds: either nothing, or a console with its first page.
TEST(ConsoleServer, TheEmbeddedTableIsWhole) {
  bool has_index = console_files().empty();
  for (const auto& file : console_files()) {
    EXPECT_FALSE(file.body.empty()) << file.path;
    has_index |= file.path == "/index.html";
    if (!file.gzip.empty()) {
      EXPECT_TRUE(file.gzip.starts_with("\x1f\x8b")) << file.path;
    }
  }
  EXPECT_TRUE(has_index);
}

}  // namespace
}  // namespace kiki::assets
