#pragma once
// A post as one line of JSON, read without a copy: what `kikimimi match` takes.

#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "listening/query/post.hpp"

namespace kiki::listening::match {

struct PostLine {
  std::string_view id;  // as it stands in the JSON: "1", or 1
  query::Post post;
};

class PostLineReader {
 public:
  // So many bytes behind the line must be readable; their values do not matter.
  static constexpr std::size_t kPadding = 64;

  PostLineReader();
  ~PostLineReader();
  // Views into the line and into the reader, until the next read. kInvalid says what is wrong and in which
  // member.
  Result<void> read(std::string_view line, PostLine& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki::listening::match
