// Reads settings from their sources. toml++ is included here only. Every value takes the same road: a text
// (or a TOML value) and the place it came from go through one check, so that all sources refuse the same
// things in one wording.

#include "base/config.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace kiki {

namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxListItems = 1000;
constexpr std::size_t kMaxShownBytes = 200;

const Setting* find_setting(std::string_view key) {
  for (const Setting& setting : settings()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// What a wrong value looked like, for a message: cut, and one line.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kMaxShownBytes)) out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  if (text.size() > kMaxShownBytes) out += "...";
  return out + "\"";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// ", did you mean X?" when one name is near.
template <class Name>
std::string suggestion(std::string_view wrong, Name name_of) {
  std::string best;
  std::size_t best_distance = std::min<std::size_t>(4, wrong.size() / 2);
  if (wrong.size() > 100) return {};
  for (const Setting& setting : settings()) {
    const std::string name = name_of(setting.key);
    const std::size_t distance = edit_distance(wrong, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best.empty() ? "" : ", did you mean " + best + "?";
}

std::string expectation(const Setting& setting) {
  switch (setting.type) {
    case SettingType::kText:
      return "a text";
    case SettingType::kAddress:
      return "HOST:PORT";
    case SettingType::kUrl: {
      std::string schemes;
      for (const std::string_view scheme : split(setting.allowed, '|')) {
        schemes += (schemes.empty() ? "" : " or ") + std::string(scheme) + "://";
      }
      return "a URL that begins with " + schemes;
    }
    case SettingType::kChoice: {
      std::string words;
      for (const std::string_view word : split(setting.allowed, '|'))
        words += (words.empty() ? "" : ", ") + std::string(word);
      return "one of " + words;
    }
    case SettingType::kInteger:
      return "a whole number from " + std::to_string(setting.minimum) + " to " +
             std::to_string(setting.maximum);
    case SettingType::kDecimal:
      return "a number from " + std::to_string(setting.minimum) + " to " + std::to_string(setting.maximum);
    case SettingType::kBoolean:
      return "true or false";
    case SettingType::kList:
      return "a list of texts";
  }
  return "a value";
}

Error wrong_value(const Setting& setting, std::string_view source, std::string_view shown) {
  std::string message =
      std::string(source) + ": " + std::string(setting.key) + " must be " + expectation(setting);
  if (!setting.secret) message += ", not " + std::string(shown);
  return invalid(std::move(message), std::string(source));
}

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 4 || host.back() != ']') return false;
    host = host.substr(1, host.size() - 2);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.%") != std::string_view::npos) return false;
  } else if (host.find_first_of(":[]/@ \t") != std::string_view::npos) {
    return false;
  }
  std::uint16_t number = 0;
  const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), number);
  return !port.empty() && fault == std::errc{} && end == port.data() + port.size();
}

bool is_url(const Setting& setting, std::string_view text) {
  if (text.empty()) return setting.default_value.empty();
  if (text.find_first_of(" \t\r\n\"<>") != std::string_view::npos) return false;
  for (const std::string_view scheme : split(setting.allowed, '|')) {
    const std::string prefix = std::string(scheme) + "://";
    if (text.starts_with(prefix) && text.size() > prefix.size()) return true;
  }
  return false;
}

// Hides the password of URL authorities and of password= parameters.
std::string masked(std::string_view text) {
  std::string out(text);
  const std::size_t scheme = out.find("://");
  if (scheme == std::string::npos) return out;
  const std::size_t authority = scheme + 3;
  const std::size_t authority_end = std::min(out.find_first_of("/?#", authority), out.size());
  const std::size_t at = out.rfind('@', authority_end);
  if (at != std::string::npos && at >= authority && at < authority_end) {
    const std::size_t colon = out.find(':', authority);
    if (colon < at) out.replace(colon + 1, at - colon - 1, "***");
  }
  for (std::size_t i = out.find("password="); i != std::string::npos; i = out.find("password=", i + 9)) {
    out.replace(i + 9, std::min(out.find('&', i), out.size()) - i - 9, "***");
  }
  return out;
}

}  // namespace

std::string flag_name(std::string_view key) {
  std::string flag = "--" + std::string(key);
  std::replace_if(flag.begin(), flag.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return flag;
}

std::string environment_name(std::string_view key) {
  std::string variable = "KIKIMIMI_";
  for (const char c : key)
    variable += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return variable;
}

EnvironmentLookup process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

class ConfigLoader {
 public:
  static Result<void> set_text(Config& config, const Setting& setting, std::string_view text,
                               std::string source) {
    Config::Value value;
    const char* end = text.data() + text.size();
    switch (setting.type) {
      case SettingType::kText:
        if (text.empty() || text.find('\0') != std::string_view::npos) return wrong(setting, text, source);
        value = std::string(text);
        break;
      case SettingType::kAddress:
        if (!is_address(text)) return wrong(setting, text, source);
        value = std::string(text);
        break;
      case SettingType::kUrl:
        if (!is_url(setting, text)) return wrong(setting, text, source);
        value = std::string(text);
        break;
      case SettingType::kChoice: {
        const auto words = split(setting.allowed, '|');
        if (std::find(words.begin(), words.end(), text) == words.end()) return wrong(setting, text, source);
        value = std::string(text);
        break;
      }
      case SettingType::kInteger: {
        std::int64_t number = 0;
        const auto [stop, fault] = std::from_chars(text.data(), end, number);
        if (text.empty() || fault != std::errc{} || stop != end) return wrong(setting, text, source);
        return set_integer(config, setting, number, std::move(source));
      }
      case SettingType::kDecimal: {
        double number = 0;
        const auto [stop, fault] = std::from_chars(text.data(), end, number);
        if (text.empty() || fault != std::errc{} || stop != end) return wrong(setting, text, source);
        return set_decimal(config, setting, number, std::move(source));
      }
      case SettingType::kBoolean:
        if (text != "true" && text != "false" && text != "1" && text != "0")
          return wrong(setting, text, source);
        value = text == "true" || text == "1";
        break;
      case SettingType::kList: {
        std::vector<std::string> items;
        for (const std::string_view part : split(text, ',')) {
          if (!trimmed(part).empty()) items.emplace_back(trimmed(part));
        }
        return set_list(config, setting, std::move(items), std::move(source));
      }
    }
    config.entries_[std::string(setting.key)] = {std::move(value), std::move(source)};
    return {};
  }

  static Result<void> set_integer(Config& config, const Setting& setting, std::int64_t number,
                                  std::string source) {
    if (number < setting.minimum || number > setting.maximum) {
      return wrong_value(setting, source, std::to_string(number));
    }
    config.entries_[std::string(setting.key)] = {Config::Value(number), std::move(source)};
    return {};
  }

  static Result<void> set_decimal(Config& config, const Setting& setting, double number, std::string source) {
    if (!(number >= static_cast<double>(setting.minimum) && number <= static_cast<double>(setting.maximum))) {
      return wrong_value(setting, source, std::to_string(number));
    }
    config.entries_[std::string(setting.key)] = {Config::Value(number), std::move(source)};
    return {};
  }

  static Result<void> set_list(Config& config, const Setting& setting, std::vector<std::string> items,
                               std::string source) {
    if (items.size() > kMaxListItems) {
      return invalid(source + ": " + std::string(setting.key) + " has more than " +
                         std::to_string(kMaxListItems) + " items",
                     source);
    }
    config.entries_[std::string(setting.key)] = {Config::Value(std::move(items)), std::move(source)};
    return {};
  }

  static Result<void> set_toml(Config& config, const Setting& setting, const toml::node& node,
                               std::string source) {
    if (setting.type == SettingType::kList) {
      const toml::array* array = node.as_array();
      if (array == nullptr) return wrong_value(setting, source, shown(node));
      std::vector<std::string> items;
      for (const toml::node& item : *array) {
        const auto* text = item.as_string();
        if (text == nullptr || trimmed(text->get()).empty()) return wrong_value(setting, source, shown(item));
        items.emplace_back(trimmed(text->get()));
      }
      return set_list(config, setting, std::move(items), std::move(source));
    }
    if (const auto* text = node.as_string()) {
      // "8" is no number in a file: TOML has types, and a quoted number is most often a slip.
      const bool typed = setting.type == SettingType::kInteger || setting.type == SettingType::kDecimal ||
                         setting.type == SettingType::kBoolean;
      if (typed) return wrong(setting, text->get(), source);
      return set_text(config, setting, text->get(), std::move(source));
    }
    if (const auto* number = node.as_integer()) {
      if (setting.type == SettingType::kInteger)
        return set_integer(config, setting, number->get(), std::move(source));
      if (setting.type == SettingType::kDecimal) {
        return set_decimal(config, setting, static_cast<double>(number->get()), std::move(source));
      }
    }
    if (const auto* number = node.as_floating_point();
        number != nullptr && setting.type == SettingType::kDecimal) {
      return set_decimal(config, setting, number->get(), std::move(source));
    }
    if (const auto* flag = node.as_boolean(); flag != nullptr && setting.type == SettingType::kBoolean) {
      config.entries_[std::string(setting.key)] = {Config::Value(flag->get()), std::move(source)};
      return {};
    }
    return wrong_value(setting, source, shown(node));
  }

  static Result<void> load_table(Config& config, const toml::table& table, const std::string& prefix,
                                 std::string_view file_name) {
    for (const auto& [name, node] : table) {
      const std::string key =
          prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      const std::string source = std::string(file_name) + ":" + std::to_string(name.source().begin.line);
      const Setting* setting = find_setting(key);
      if (setting != nullptr) {
        TRY(set_toml(config, *setting, node, source));
        continue;
      }
      const bool is_group = std::any_of(settings().begin(), settings().end(),
                                        [&](const Setting& one) { return one.key.starts_with(key + "."); });
      if (is_group && node.is_table()) {
        TRY(load_table(config, *node.as_table(), key, file_name));
        continue;
      }
      const std::string shown_key = key.substr(0, kMaxShownBytes);
      return invalid(source + ": unknown setting " + quoted(shown_key) +
                         suggestion(key, [](std::string_view one) { return std::string(one); }),
                     source);
    }
    return {};
  }

  static Result<void> load_flags(Config& config, std::span<const std::string> flags) {
    for (std::size_t i = 0; i < flags.size(); ++i) {
      const std::string_view word = flags[i];
      const std::size_t equals = word.find('=');
      const std::string_view flag = word.substr(0, equals);
      const auto settings_end = settings().end();
      const auto setting = std::find_if(settings().begin(), settings_end,
                                        [&](const Setting& one) { return flag_name(one.key) == flag; });
      if (setting == settings_end) {
        if (!word.starts_with("--")) {
          return invalid("unexpected " + quoted(word) + " on the command line", quoted(word));
        }
        return invalid(
            "unknown flag " + std::string(flag.substr(0, kMaxShownBytes)) + suggestion(flag, flag_name),
            std::string(flag.substr(0, kMaxShownBytes)));
      }
      std::string_view value;
      const bool next_is_value = i + 1 < flags.size() && !flags[i + 1].starts_with("--");
      if (equals != std::string_view::npos) {
        value = word.substr(equals + 1);
      } else if (setting->type == SettingType::kBoolean) {
        // "--flag" alone is true, "--flag false" is false.
        value = "true";
        if (next_is_value && (flags[i + 1] == "true" || flags[i + 1] == "false")) value = flags[++i];
      } else if (next_is_value) {
        value = flags[++i];
      } else {
        return invalid(std::string(flag) + " needs a value: " + expectation(*setting), std::string(flag));
      }
      TRY(set_text(config, *setting, value, std::string(flag)));
    }
    return {};
  }

 private:
  static Error wrong(const Setting& setting, std::string_view text, std::string_view source) {
    return wrong_value(setting, source, quoted(text));
  }
  static std::string shown(const toml::node& node) {
    if (const auto text = node.value<std::string>()) return quoted(*text);
    std::ostringstream kind;
    kind << "this " << node.type();
    return kind.str();
  }
};

Config::Config() {
  for (const Setting& setting : settings()) {
    const auto result = ConfigLoader::set_text(*this, setting, setting.default_value, "default");
    CHECK(result.ok());
  }
}

const Config::Value& Config::value(std::string_view key) const {
  const auto found = entries_.find(key);
  CHECK(found != entries_.end());
  return found->second.value;
}

const std::string& Config::text(std::string_view key) const {
  const auto* found = std::get_if<std::string>(&value(key));
  CHECK(found != nullptr);
  return *found;
}

std::int64_t Config::integer(std::string_view key) const {
  const auto* found = std::get_if<std::int64_t>(&value(key));
  CHECK(found != nullptr);
  return *found;
}

double Config::decimal(std::string_view key) const {
  const auto* found = std::get_if<double>(&value(key));
  CHECK(found != nullptr);
  return *found;
}

bool Config::boolean(std::string_view key) const {
  const auto* found = std::get_if<bool>(&value(key));
  CHECK(found != nullptr);
  return *found;
}

const std::vector<std::string>& Config::list(std::string_view key) const {
  const auto* found = std::get_if<std::vector<std::string>>(&value(key));
  CHECK(found != nullptr);
  return *found;
}

Result<void> Config::set(std::string_view key, std::string_view value, std::string_view source) {
  const Setting* setting = find_setting(key);
  if (setting == nullptr) return invalid("unknown setting " + quoted(key), std::string(source));
  return ConfigLoader::set_text(*this, *setting, value, std::string(source));
}

std::vector<Config::Shown> Config::shown() const {
  std::vector<Shown> out;
  for (const Setting& setting : settings()) {
    const Entry& entry = entries_.find(setting.key)->second;
    std::string text;
    if (const auto* string = std::get_if<std::string>(&entry.value)) {
      text = setting.type == SettingType::kUrl || setting.secret ? masked(*string) : *string;
    } else if (const auto* integer = std::get_if<std::int64_t>(&entry.value)) {
      text = std::to_string(*integer);
    } else if (const auto* decimal = std::get_if<double>(&entry.value)) {
      std::ostringstream stream;
      stream << *decimal;
      text = stream.str();
    } else if (const auto* flag = std::get_if<bool>(&entry.value)) {
      text = *flag ? "true" : "false";
    } else {
      for (const std::string& item : std::get<std::vector<std::string>>(entry.value)) {
        text += (text.empty() ? "" : ",") + item;
      }
    }
    out.push_back({std::string(setting.key), std::move(text), entry.source, std::string(setting.help)});
  }
  return out;
}

Result<Config> load_config_text(std::span<const std::string> flags, const EnvironmentLookup& environment,
                                std::string_view file_text, std::string_view file_name) {
  Config config;
  const toml::parse_result parsed = toml::parse(file_text, file_name);
  if (!parsed) {
    const std::string source =
        std::string(file_name) + ":" + std::to_string(parsed.error().source().begin.line);
    return invalid(source + ": " + std::string(parsed.error().description()), source);
  }
  TRY(ConfigLoader::load_table(config, parsed.table(), "", file_name));
  for (const Setting& setting : settings()) {
    const std::string variable = environment_name(setting.key);
    if (const auto value = environment ? environment(variable) : std::nullopt) {
      TRY(ConfigLoader::set_text(config, setting, *value, variable));
    }
  }
  TRY(ConfigLoader::load_flags(config, flags));
  return config;
}

Result<Config> load_config(std::span<const std::string> flags, const EnvironmentLookup& environment,
                           const std::optional<std::string>& file_path) {
  std::string text;
  if (file_path) {
    std::ifstream file(*file_path, std::ios::binary);
    if (!file) return invalid("cannot read the configuration file " + *file_path, *file_path);
    text.resize(kMaxFileBytes + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (file.fail() && !file.eof())) {
      return invalid("cannot read the configuration file " + *file_path, *file_path);
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) {
      return invalid("the configuration file " + *file_path + " is longer than " +
                         std::to_string(kMaxFileBytes) + " bytes",
                     *file_path);
    }
  }
  return load_config_text(flags, environment, text, file_path.value_or(""));
}

}  // namespace kiki
