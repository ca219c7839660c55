#include "channels/mail/file_type.hpp"

#include <algorithm>
#include <array>

namespace kiki::channels::mail {
namespace {

constexpr std::string_view kUnknown = "application/octet-stream";

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view type;
};

using namespace std::string_view_literals;

constexpr std::array kMagic = {
    Magic{0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    Magic{0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    Magic{0, "GIF87a"sv, "image/gif"},
    Magic{0, "GIF89a"sv, "image/gif"},
    Magic{8, "WEBP"sv, "image/webp"},
    Magic{0, "II*\0"sv, "image/tiff"},
    Magic{0, "MM\0*"sv, "image/tiff"},
    Magic{4, "ftypheic"sv, "image/heic"},
    Magic{4, "ftypheix"sv, "image/heic"},
    Magic{4, "ftypmif1"sv, "image/heif"},
    Magic{4, "ftypavif"sv, "image/avif"},
    Magic{4, "ftypqt"sv, "video/quicktime"},
    Magic{4, "ftypM4A"sv, "audio/mp4"},
    Magic{4, "ftyp"sv, "video/mp4"},
    Magic{0, "\x1A\x45\xDF\xA3"sv, "video/webm"},
    Magic{8, "AVI "sv, "video/x-msvideo"},
    Magic{8, "WAVE"sv, "audio/wav"},
    Magic{0, "OggS"sv, "audio/ogg"},
    Magic{0, "ID3"sv, "audio/mpeg"},
    Magic{0, "fLaC"sv, "audio/flac"},
    Magic{0, "%PDF-"sv, "application/pdf"},
    Magic{0, "Rar!\x1A\x07"sv, "application/vnd.rar"},
    Magic{0, "7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"},
    Magic{0, "\x1F\x8B"sv, "application/gzip"},
    Magic{0, "\x78\x9F\x3E\x22"sv, "application/ms-tnef"},
};

bool is_clean_type(std::string_view type) {
  return type.size() <= 100 && type.find('/') != std::string_view::npos &&
         std::all_of(type.begin(), type.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '.' ||
                  c == '+' || c == '_';
         });
}

}  // namespace

std::string file_type(std::string_view bytes, std::string_view told) {
  const auto head = bytes.substr(0, 64);
  for (const auto& magic : kMagic) {
    if (head.size() > magic.at && head.substr(magic.at).starts_with(magic.bytes))
      return std::string(magic.type);
  }
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) {
    // Office files are archives; which one is only told.
    const bool office = told.starts_with("application/vnd.openxmlformats-") ||
                        told.starts_with("application/vnd.oasis.opendocument.");
    return std::string(office && is_clean_type(told) ? told : "application/zip");
  }
  if (head.starts_with("\xD0\xCF\x11\xE0")) {
    const bool office = told == "application/msword" || told.starts_with("application/vnd.ms-");
    return std::string(office && is_clean_type(told) ? told : "application/x-ole-storage");
  }
  const bool claims = told.starts_with("image/") || told.starts_with("video/") ||
                      told.starts_with("audio/") || told == "application/pdf" || told == "application/zip" ||
                      told.find("compressed") != std::string_view::npos;
  static constexpr std::array kRuns = {
      std::string_view("text/html"),       std::string_view("application/xhtml+xml"),
      std::string_view("text/javascript"), std::string_view("application/javascript"),
      std::string_view("text/xml"),        std::string_view("application/xml"),
      std::string_view("text/css"),        std::string_view("application/x-shockwave-flash")};
  const bool runs = std::find(kRuns.begin(), kRuns.end(), told) != kRuns.end() || told.ends_with("+xml");
  if (claims || runs || !is_clean_type(told)) return std::string(kUnknown);
  return std::string(told);
}

std::string file_kind(std::string_view type) {
  for (const auto* kind : {"image", "video", "audio"}) {
    if (type.starts_with(std::string(kind) + "/") && type != "image/tiff") return kind;
  }
  return "file";
}

}  // namespace kiki::channels::mail
