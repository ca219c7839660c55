#pragma once
// What the page of an account says beside its state: a word that i18n knows (account.detail.WORD, or
// error.WORD) and, where it helps whoever mends it, ": " and what the other side said. The tidy test holds
// the words.

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::channels {

std::string status_detail(const Error& error);
std::string status_detail(std::string_view word, std::string_view said);

}  // namespace kiki::channels
