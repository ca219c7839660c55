// Any file, any flags, any variable: a configuration, or an error that names its place. Nothing throws.

#include "base/config.hpp"

using namespace kiki;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto from_file = load_config_text({}, {}, text, "fuzz.toml");
  if (!from_file.ok()) {
    CHECK(from_file.error().where.starts_with("fuzz.toml:"));
    CHECK(from_file.error().message.starts_with("fuzz.toml:"));
  } else {
    CHECK(from_file->shown().size() == settings().size());
  }
  std::vector<std::string> flags;
  for (std::string_view rest = text; flags.size() < 10 && !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    flags.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (const auto from_flags = load_config_text(flags, {}, "", ""); !from_flags.ok()) {
    CHECK(!from_flags.error().where.empty());
  }
  // The first byte picks a setting, the rest is its value.
  if (size > 0) {
    const Setting& setting = settings()[data[0] % settings().size()];
    Config config;
    if (config.set(setting.key, text.substr(1)).ok()) (void)config.shown();
  }
  return 0;
}
