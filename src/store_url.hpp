#pragma once
// Where the desk's data is: what store.url says, else SQLite in the data directory.

#include <string>

#include "base/config.hpp"

namespace kiki {

std::string store_url(const Config& config);

}  // namespace kiki
