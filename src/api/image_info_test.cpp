#include "api/image_info.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kiki::api {
namespace {

using namespace std::string_literals;

const std::string kPng = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0"s;
const std::string kGif = "GIF89a\x20\x03\x58\x02\xf7\0\0"s;
const std::string kJpeg =
    "\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc2\0\x11\x08\x01\xe0\x02\x80\x03\x01\x22\0"s;
const std::string kWebpLossy = "RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01"s;
const std::string kWebpLossless = "RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0\0\0\0\0\0\0"s;
const std::string kWebpExtended = "RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"s;

TEST(ImageInfo, ReadsTypeAndSizeOfFourKinds) {
  const std::pair<const std::string*, const char*> kinds[] = {{&kPng, "image/png"},
                                                              {&kJpeg, "image/jpeg"},
                                                              {&kWebpLossy, "image/webp"},
                                                              {&kWebpLossless, "image/webp"},
                                                              {&kWebpExtended, "image/webp"}};
  for (const auto& [bytes, type] : kinds) {
    const auto info = read_image_info(*bytes);
    ASSERT_TRUE(info) << bytes->substr(0, 16);
    EXPECT_EQ(info->content_type, type);
    EXPECT_EQ(info->width, 640) << type;
    EXPECT_EQ(info->height, 480) << type;
  }
  const auto gif = read_image_info(kGif);
  ASSERT_TRUE(gif);
  EXPECT_EQ(gif->width, 800);
  EXPECT_EQ(gif->height, 600);
}

TEST(ImageInfo, RefusesWhatIsCutOffOrSomethingElse) {
  for (const auto* whole : {&kPng, &kGif, &kJpeg, &kWebpLossy, &kWebpLossless, &kWebpExtended}) {
    for (std::size_t size = 0; size + 9 < whole->size(); ++size) {
      const auto info = read_image_info(whole->substr(0, size));
      if (info) {
        EXPECT_GT(info->width, 0);
      }
    }
  }
  EXPECT_FALSE(read_image_info(""));
  EXPECT_FALSE(read_image_info("<svg xmlns='http://www.w3.org/2000/svg'/>"));
  EXPECT_FALSE(read_image_info("<html><script>alert(1)</script>"));
  EXPECT_FALSE(read_image_info("GIF89a\0\0\0\0"s));
  EXPECT_FALSE(read_image_info("\xff\xd8\xff\xe0\0\0"s));
  EXPECT_FALSE(read_image_info("\xff\xd8\xff\xda\0\x04\0\0"s));
}

}  // namespace
}  // namespace kiki::api
