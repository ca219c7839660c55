#include "store_url.hpp"

#include <filesystem>

namespace kiki {

std::string store_url(const Config& config) {
  const auto& url = config.text("store.url");
  if (!url.empty()) return url;
  return "sqlite://" + (std::filesystem::absolute(config.text("data")) / "kikimimi.db").string();
}

}  // namespace kiki
