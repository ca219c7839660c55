#include "api/image_info.hpp"

#include <cstddef>

namespace kiki::api {
namespace {

using namespace std::string_view_literals;

std::uint32_t byte(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}
std::uint32_t big16(std::string_view b, std::size_t at) {
  return byte(b, at) << 8U | byte(b, at + 1);
}
std::uint32_t big32(std::string_view b, std::size_t at) {
  return big16(b, at) << 16U | big16(b, at + 2);
}
std::uint32_t little16(std::string_view b, std::size_t at) {
  return byte(b, at) | byte(b, at + 1) << 8U;
}
std::uint32_t little24(std::string_view b, std::size_t at) {
  return little16(b, at) | byte(b, at + 2) << 16U;
}

std::optional<ImageInfo> sized(std::string_view type, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) return std::nullopt;
  return ImageInfo{type, width, height};
}

// PNG, section 11.2.2: IHDR comes first.
std::optional<ImageInfo> read_png(std::string_view b) {
  if (b.size() < 24 || b.substr(12, 4) != "IHDR") return std::nullopt;
  return sized("image/png", big32(b, 16), big32(b, 20));
}

std::optional<ImageInfo> read_gif(std::string_view b) {
  if (b.size() < 10) return std::nullopt;
  return sized("image/gif", little16(b, 6), little16(b, 8));
}

// JPEG: segments up to the frame header (SOF0 … SOF15 without DHT, JPG and DAC).
std::optional<ImageInfo> read_jpeg(std::string_view b) {
  std::size_t at = 2;
  while (at + 4 <= b.size()) {
    if (byte(b, at) != 0xff) return std::nullopt;
    const auto marker = byte(b, at + 1);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {  // no length
      at += 2;
      continue;
    }
    if (marker == 0xd9 || marker == 0xda) return std::nullopt;  // end, or pixels before a frame
    const std::size_t length = big16(b, at + 2);
    if (length < 2) return std::nullopt;
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      if (length < 8 || at + 9 > b.size()) return std::nullopt;
      return sized("image/jpeg", big16(b, at + 7), big16(b, at + 5));
    }
    at += 2 + length;
  }
  return std::nullopt;
}

// WebP container: lossy (VP8), lossless (VP8L) and extended (VP8X).
std::optional<ImageInfo> read_webp(std::string_view b) {
  if (b.size() < 30) return std::nullopt;
  const auto chunk = b.substr(12, 4);
  if (chunk == "VP8 "sv) {
    if (byte(b, 23) != 0x9d || byte(b, 24) != 0x01 || byte(b, 25) != 0x2a) return std::nullopt;
    return sized("image/webp", little16(b, 26) & 0x3fffU, little16(b, 28) & 0x3fffU);
  }
  if (chunk == "VP8L"sv) {
    if (byte(b, 20) != 0x2f) return std::nullopt;
    const auto bits = little16(b, 21) | little16(b, 23) << 16U;
    return sized("image/webp", (bits & 0x3fffU) + 1, (bits >> 14U & 0x3fffU) + 1);
  }
  if (chunk == "VP8X"sv) return sized("image/webp", little24(b, 24) + 1, little24(b, 27) + 1);
  return std::nullopt;
}

}  // namespace

std::optional<ImageInfo> read_image_info(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return read_png(bytes);
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return read_gif(bytes);
  if (bytes.starts_with("\xff\xd8\xff"sv)) return read_jpeg(bytes);
  if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv)) return read_webp(bytes);
  return std::nullopt;
}

}  // namespace kiki::api
