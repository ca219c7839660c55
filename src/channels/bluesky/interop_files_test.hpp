#pragma once
// The protocol's own test files, where they lie beside this repository. Tests that need them say that they
// were skipped.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace kiki::channels::bluesky {

inline std::filesystem::path interop_path(const std::string& name) {
  return std::filesystem::path(KIKI_SOURCE_DIR) / ".." / "shared" / "specs" / "bluesky" / "interop" / name;
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Lines of a syntax list, without comments and empty ones. Spaces count.
inline std::vector<std::string> read_list(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return lines;
}

}  // namespace kiki::channels::bluesky

#define NEEDS_INTEROP_FILE(name) \
  if (!std::filesystem::exists(interop_path(name))) GTEST_SKIP() << "../shared/specs is absent: " << (name)
