#pragma once
// The small language of saved replies: {{name}}, or {{name|what stands there when it is empty}}. Pure.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalize.hpp"

namespace kiki::reply::saved {

inline constexpr std::size_t kVariableLimitBytes = 300;

struct Variable {
  std::string name;  // "customer.name", "asset:return-form"; spaces around it do not count
  std::optional<std::string> fallback;
  text::ByteRange range;
};
// In order. What is open and never closed, spans lines or is too long is plain text.
std::vector<Variable> variables_of(std::string_view text);

// Filled when the reply leaves, not while it is written: a reward code, the link to the private place.
bool is_filled_on_sending(std::string_view name);
// The part after the colon of "reward:spring", folded; nothing when `name` is none of this kind.
std::optional<std::string> key_of(std::string_view name, std::string_view kind);

// Nothing: there is no such variable. "": there is, but it has no value here. kNothing: it leaves nothing
// behind.
inline constexpr std::string_view kNothing = "\x01";
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;
struct Filled {
  std::string text;
  std::vector<std::string> missing;  // variables without a value; they still stand in the text
};
// Variables that `lookup` does not know stay as they are and are missing, except those for sending.
Filled fill(std::string_view text, const Lookup& lookup);
// The text without any variable, for comparing.
std::string without_variables(std::string_view text);

}  // namespace kiki::reply::saved
