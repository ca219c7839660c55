#pragma once
// What a file is, by its first bytes: the header that came with it is only a claim.

#include <string>
#include <string_view>

namespace kiki::channels::mail {

// The type by content. What claims to be a picture, film, sound or archive and is not, and what a browser
// would run, becomes application/octet-stream.
std::string file_type(std::string_view bytes, std::string_view told);
// image, video, audio or file.
std::string file_kind(std::string_view type);

}  // namespace kiki::channels::mail
