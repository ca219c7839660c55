#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace kiki::bench {

// A new empty data directory, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::string("build/bench/data-XXXXXX")) {
    std::filesystem::create_directories("build/bench");
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kiki::bench
