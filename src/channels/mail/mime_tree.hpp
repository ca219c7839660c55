#pragma once
// The parts of a mail, with limits: a mail is written by strangers, and some are written to hurt.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "channels/mail/header_words.hpp"

namespace kiki::channels::mail {

inline constexpr std::size_t kPartsLimit = 300;        // leaves that are looked at
inline constexpr std::size_t kDepthLimit = 20;         // of multiparts in multiparts
inline constexpr std::size_t kBoundaryLines = 20'000;  // more lines that may divide parts are a bomb

struct MimeLeaf {
  int index = 0;               // "part:N": the N-th leaf of the mail, from 0
  std::string type;            // lower case, "text/plain" when none is told
  std::string charset;         // as told
  std::string name;            // of a file; cleaned, may be empty
  std::string content_id;      // without brackets
  bool is_attachment = false;  // by its disposition
  bool flowed = false;         // RFC 3676
  bool delete_space = false;
  std::string parent_type;  // "multipart/alternative"; "" for the mail itself
  int parent = 0;           // which multipart, counted from 1; 0: the mail itself
  std::vector<int> path;    // its multiparts from outside, by their number
  bool in_alternative = false;
};

class MimeTree {
 public:
  // A header alone is a mail without parts. Never fails: what is no mail is one part of text.
  static MimeTree read(std::string_view message);
  MimeTree(MimeTree&&) noexcept;
  MimeTree& operator=(MimeTree&&) noexcept;
  ~MimeTree();

  const Headers& headers() const { return headers_; }
  const std::vector<MimeLeaf>& leaves() const { return leaves_; }
  // More parts or deeper ones than the limits: only some are here, or none.
  bool is_too_complex() const { return is_too_complex_; }
  std::string root_type() const { return root_type_; }  // of the whole mail, lower case
  std::string report_type() const { return report_type_; }
  // A leaf's bytes, its transfer encoding undone; a mail inside is its own source.
  std::string bytes(int index) const;
  // Bytes of a text as UTF-8 with line feeds.
  std::string text(const MimeLeaf& leaf) const;

 private:
  struct Impl;
  MimeTree();
  Headers headers_;
  std::vector<MimeLeaf> leaves_;
  std::string root_type_;
  std::string report_type_;
  bool is_too_complex_ = false;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki::channels::mail
