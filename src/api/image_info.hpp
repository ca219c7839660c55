#pragma once
// What a picture is, from its own bytes: never from its name or from what the sender says. Reads headers
// only, decodes no pixel.

#include <cstdint>
#include <optional>
#include <string_view>

namespace kiki::api {

struct ImageInfo {
  std::string_view content_type;  // image/png, image/jpeg, image/gif, image/webp
  std::int64_t width = 0;         // pixels, as stored (JPEG's orientation is not applied)
  std::int64_t height = 0;
};
// Nothing for what is none of the four, or is cut off before its size is told.
std::optional<ImageInfo> read_image_info(std::string_view bytes);

}  // namespace kiki::api
