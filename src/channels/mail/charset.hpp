#pragma once
// The characters of a mail: what its label says, unless the bytes say otherwise. Japanese mail carries the
// characters of Microsoft's sets (①㈱髙, half-width kana) under the names of the standards (ISO-2022-JP,
// Shift_JIS, EUC-JP), and often no name or a wrong one.

#include <string>
#include <string_view>

namespace kiki::channels::mail {

// UTF-8; never fails. `label` is a MIME charset, "" when the mail names none.
std::string to_utf8(std::string_view bytes, std::string_view label);

}  // namespace kiki::channels::mail
