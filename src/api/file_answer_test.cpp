#include "api/file_answer.hpp"

#include <gtest/gtest.h>

namespace kiki::api {
namespace {

net::HttpResponse serve(std::string type, std::string name, std::string range = {}) {
  net::HttpRequest request;
  request.method = "GET";
  if (!range.empty()) request.headers.set("Range", range);
  return file_answer(request, {"0123456789", std::move(type), std::move(name)});
}

TEST(FileAnswer, OnlyAPictureIsShownInPlaceAndNothingIsAPageOfOurs) {
  const auto picture = serve("image/png", "a.png");
  EXPECT_EQ(picture.headers.get("Content-Disposition"), "inline; filename=\"a.png\"");
  for (const auto* type : {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", ""}) {
    const auto page = serve(type, "a.html");
    EXPECT_EQ(page.headers.get("Content-Type"), "application/octet-stream") << type;
    EXPECT_TRUE(page.headers.get("Content-Disposition").starts_with("attachment")) << type;
  }
  EXPECT_EQ(picture.headers.get("Content-Security-Policy"), "default-src 'none'; sandbox");
  EXPECT_EQ(picture.headers.get("X-Content-Type-Options"), "nosniff");
}

TEST(FileAnswer, AJapaneseNameAndAPoisonedOneAreNamesOnly) {
  EXPECT_EQ(serve("application/pdf", "見積書.pdf").headers.get("Content-Disposition"),
            "attachment; filename=\"_.pdf\"; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8.pdf");
  const auto poisoned = serve("image/png", "a\"\r\nSet-Cookie: x=1\\../b.png");
  EXPECT_EQ(poisoned.headers.get("Content-Disposition").find('\n'), std::string_view::npos);
  EXPECT_EQ(poisoned.headers.get("Content-Disposition").find('\r'), std::string_view::npos);
  EXPECT_EQ(poisoned.headers.get("Content-Disposition").substr(0, 19), "inline; filename=\"a");
}

TEST(FileAnswer, AFilmIsReadInPieces) {
  EXPECT_EQ(serve("video/mp4", "").status, 200);
  const auto piece = serve("video/mp4", "", "bytes=2-4");
  EXPECT_EQ(piece.status, 206);
  EXPECT_EQ(piece.body, "234");
  EXPECT_EQ(piece.headers.get("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(serve("video/mp4", "", "bytes=7-").body, "789");
  EXPECT_EQ(serve("video/mp4", "", "bytes=-3").body, "789");
  EXPECT_EQ(serve("video/mp4", "", "bytes=0-99999999").body, "0123456789");
  EXPECT_EQ(serve("video/mp4", "", "bytes=10-").status, 416);
  for (const auto* nonsense : {"bytes=4-2", "bytes=a-b", "bytes=-", "bytes=0-1,3-4", "lines=1-2"})
    EXPECT_EQ(serve("video/mp4", "", nonsense).status, 200) << nonsense;
}

}  // namespace
}  // namespace kiki::api
