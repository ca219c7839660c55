#pragma once
// Writes DAG-CBOR for tests, so that frames can be made up. The order of keys is the caller's business.

#include <cstdint>
#include <string>
#include <string_view>

#include "net/hmac.hpp"

namespace kiki::channels::bluesky::cbor {

inline std::string head(int major, std::uint64_t value) {
  const auto top = static_cast<char>(major << 5);
  if (value < 24) return std::string(1, static_cast<char>(top | static_cast<char>(value)));
  const int power = value < 256 ? 0 : value < 65'536 ? 1 : value < (std::uint64_t{1} << 32) ? 2 : 3;
  std::string out(1, static_cast<char>(top | static_cast<char>(24 + power)));
  for (int shift = (8 << power) - 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  return out;
}
inline std::string text(std::string_view value) {
  return head(3, value.size()) + std::string(value);
}
inline std::string bytes(std::string_view value) {
  return head(2, value.size()) + std::string(value);
}
inline std::string integer(std::int64_t value) {
  return value >= 0 ? head(0, static_cast<std::uint64_t>(value))
                    : head(1, static_cast<std::uint64_t>(-1 - value));
}
inline std::string boolean(bool value) {
  return value ? "\xf5" : "\xf4";
}
inline std::string null() {
  return "\xf6";
}
inline std::string cid_of(std::string_view block) {
  return std::string("\x01\x71\x12\x20", 4) + net::sha256(block);
}
inline std::string link(std::string_view cid) {
  return "\xd8\x2a" + bytes(std::string(1, '\0') + std::string(cid));
}

// list(a, b) and map("k", value, "l", value): values are encoded already.
template <class... Items>
std::string list(const Items&... items) {
  std::string out = head(4, sizeof...(items));
  ((out += items), ...);
  return out;
}
inline void add_pairs(std::string&) {}
template <class... Rest>
void add_pairs(std::string& out, std::string_view key, const std::string& value, const Rest&... rest) {
  out += text(key) + value;
  add_pairs(out, rest...);
}
template <class... Items>
std::string map(const Items&... items) {
  std::string out = head(5, sizeof...(items) / 2);
  add_pairs(out, items...);
  return out;
}

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 128; value >>= 7) out.push_back(static_cast<char>(value | 128));
  out.push_back(static_cast<char>(value));
  return out;
}
// A CAR file; the first block is the root.
template <class... Blocks>
std::string car(const std::string& first, const Blocks&... blocks) {
  const std::string header = map("roots", list(link(cid_of(first))), "version", integer(1));
  std::string out = varint(header.size()) + header;
  const auto add = [&](const std::string& block) {
    out += varint(36 + block.size()) + cid_of(block) + block;
  };
  add(first);
  (add(blocks), ...);
  return out;
}

inline std::string post(std::string_view words) {
  return map("text", text(words), "$type", text("app.bsky.feed.post"), "langs", list(text("ja")), "createdAt",
             text("2026-11-22T09:00:00.000Z"));
}
// A #commit frame with one operation; `record` empty = a deletion.
inline std::string commit_frame(std::int64_t seq, std::string_view did, std::string_view action,
                                std::string_view path, const std::string& record) {
  const std::string commit = map("did", text(did));
  const std::string op =
      map("cid", record.empty() ? null() : link(cid_of(record)), "path", text(path), "action", text(action));
  return map("t", text("#commit"), "op", integer(1)) +
         map("ops", list(op), "rev", text("3kabcabcabcab"), "seq", integer(seq), "repo", text(did), "time",
             text("2026-11-22T09:00:01.000Z"), "blobs", list(), "since", null(), "blocks",
             bytes(record.empty() ? car(commit) : car(commit, record)), "commit", link(cid_of(commit)),
             "rebase", boolean(false), "tooBig", boolean(false));
}
inline std::string error_frame(std::string_view name) {
  return map("op", integer(-1)) + map("error", text(name), "message", text("test"));
}

}  // namespace kiki::channels::bluesky::cbor
