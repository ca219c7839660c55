#include "reply/saved/template.hpp"

#include <algorithm>

namespace kiki::reply::saved {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// What a customer calls themselves must not become a variable when the reply is filled again on sending.
std::string plain(std::string value) {
  for (auto at = value.find("{{"); at != std::string::npos; at = value.find("{{", at)) value.erase(at, 1);
  return value;
}

}  // namespace

std::vector<Variable> variables_of(std::string_view text) {
  std::vector<Variable> found;
  for (auto open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", open)) {
    const auto close = text.find("}}", open + 2);
    if (close == std::string_view::npos) break;
    const auto inside = text.substr(open + 2, close - open - 2);
    if (inside.size() > kVariableLimitBytes || inside.find_first_of("{\n\r") != std::string_view::npos) {
      ++open;
      continue;
    }
    const auto bar = inside.find('|');
    Variable variable;
    variable.name = trimmed(inside.substr(0, bar));
    if (bar != std::string_view::npos) variable.fallback = std::string(trimmed(inside.substr(bar + 1)));
    variable.range = {open, close + 2};
    found.push_back(std::move(variable));
    open = close + 2;
  }
  return found;
}

bool is_filled_on_sending(std::string_view name) {
  return name == "private_link" || key_of(name, "reward").has_value();
}

std::optional<std::string> key_of(std::string_view name, std::string_view kind) {
  if (name.size() <= kind.size() + 1 || !name.starts_with(kind) || name[kind.size()] != ':')
    return std::nullopt;
  return text::fold(trimmed(name.substr(kind.size() + 1)));
}

Filled fill(std::string_view text, const Lookup& lookup) {
  Filled filled;
  std::size_t at = 0;
  for (const auto& variable : variables_of(text)) {
    filled.text += text.substr(at, variable.range.begin - at);
    at = variable.range.end;
    const auto as_it_is = text.substr(variable.range.begin, variable.range.end - variable.range.begin);
    if (is_filled_on_sending(variable.name)) {
      filled.text += as_it_is;
      continue;
    }
    const auto value = lookup(variable.name);
    if (value && *value == kNothing) continue;
    if (value && !value->empty()) {
      filled.text += plain(*value);
    } else if (value && variable.fallback) {
      filled.text += *variable.fallback;
    } else {
      filled.text += as_it_is;
      if (std::find(filled.missing.begin(), filled.missing.end(), variable.name) == filled.missing.end()) {
        filled.missing.push_back(variable.name);
      }
    }
  }
  filled.text += text.substr(at);
  return filled;
}

std::string without_variables(std::string_view text) {
  std::string rest;
  std::size_t at = 0;
  for (const auto& variable : variables_of(text)) {
    rest += text.substr(at, variable.range.begin - at);
    rest += ' ';
    at = variable.range.end;
  }
  rest += text.substr(at);
  return rest;
}

}  // namespace kiki::reply::saved
