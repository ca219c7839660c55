#pragma once
// Settings. One table (settings.cpp) names each key, its type, its default and its help. A value comes from
// the strongest source that has it: command line, environment, file, default; "store.url" is there
// --store-url, KIKIMIMI_STORE_URL and, in TOML, url under [store]. Unknown keys, wrong values and unknown
// flags name themselves and, in a file, the line.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace kiki {

enum class SettingType : std::uint8_t {
  kText,
  kAddress,  // HOST:PORT, [IPV6]:PORT; port 0 = any free one
  kUrl,      // with one of the setting's schemes; may be empty where the default is
  kChoice,
  kInteger,
  kDecimal,
  kBoolean,
  kList,  // of texts; separated by commas outside of the file
};

struct Setting {
  std::string_view key;
  SettingType type = SettingType::kText;
  std::string_view default_value;  // as it would be written in the environment
  std::string_view help;           // one line in English, for --help and doctor
  std::string_view allowed = {};   // kChoice: the words, kUrl: the schemes; separated by '|'
  std::int64_t minimum = 0;        // kInteger, kDecimal
  std::int64_t maximum = 0;
  bool secret = false;  // may hold a password: never shown, never in an error
};

std::span<const Setting> settings();
std::string flag_name(std::string_view key);         // "store.url" -> "--store-url"
std::string environment_name(std::string_view key);  // "store.url" -> "KIKIMIMI_STORE_URL"

class Config {
 public:
  // Every setting at its default.
  Config();

  // The value of a setting of that type (text: also address, URL and choice). A key that is not in the table,
  // or is of another type, is our own mistake and ends the program.
  const std::string& text(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  double decimal(std::string_view key) const;
  bool boolean(std::string_view key) const;
  const std::vector<std::string>& list(std::string_view key) const;

  // Sets one value as if it came from the command line: for tests and for subcommands with their own idea.
  Result<void> set(std::string_view key, std::string_view value, std::string_view source = "program");

  struct Shown {
    std::string key;
    std::string value;   // passwords are "***"
    std::string source;  // "default", "--store-url", "KIKIMIMI_STORE_URL", "kikimimi.toml:3"
    std::string help;
  };
  // All settings in the order of the table, for `kikimimi doctor`.
  std::vector<Shown> shown() const;

 private:
  using Value = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;
  struct Entry {
    Value value;
    std::string source;
  };
  friend class ConfigLoader;
  const Value& value(std::string_view key) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

// Nothing where the variable is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;
EnvironmentLookup process_environment();

// `flags` are words of the command line that set settings: "--store-url=URL", or "--store-url" and "URL"; a
// boolean alone means true. The error's `where` is the flag, the variable, or "FILE:LINE".
Result<Config> load_config(std::span<const std::string> flags, const EnvironmentLookup& environment,
                           const std::optional<std::string>& file_path);

// The same with the file's text given; `file_name` is for messages.
Result<Config> load_config_text(std::span<const std::string> flags, const EnvironmentLookup& environment,
                                std::string_view file_text, std::string_view file_name);

}  // namespace kiki
