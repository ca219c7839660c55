// ICU's NFKC_Casefold straight on UTF-8 (only ICU's C++ interface does that; its C interface wants UTF-16).
// The normalizer is ICU's own shared, immutable instance. Its Edits tell which stretches changed, which is
// all that highlighting needs.

#include "text/normalize.hpp"

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <limits>

#include "base/check.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

// ICU counts in 32 bits; one character of input gives at most 18 of output, so that this leaves room.
constexpr std::size_t kMaxPieceBytes = 64 << 20;

const icu::Normalizer2& normalizer() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(status);
    CHECK(U_SUCCESS(status));  // only when ICU's data is missing
    return found;
  }();
  return *instance;
}

void fold_valid(std::string_view text, std::string& out, icu::Edits* edits) {
  CHECK(text.size() <= kMaxPieceBytes);
  icu::StringByteSink<std::string> sink(&out, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  normalizer().normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                             edits, status);
  CHECK(U_SUCCESS(status));
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  if (find_invalid_utf8(text)) {
    fold_valid(to_valid_utf8(text), out, nullptr);
  } else {
    fold_valid(text, out, nullptr);
  }
  return out;
}

FoldedText fold_with_origins(std::string_view text) {
  FoldedText folded;
  // Each ill-formed subpart becomes three bytes, which shifts what follows: `places` is where each valid byte
  // was.
  std::string valid;
  std::vector<std::size_t> places;
  std::string_view source = text;
  if (find_invalid_utf8(text)) {
    valid.reserve(text.size());
    for (const CodePoint& c : code_points(text)) {
      const std::size_t before = valid.size();
      if (c.valid) {
        valid += text.substr(c.offset, c.bytes);
        for (std::size_t i = 0; i < c.bytes; ++i) places.push_back(c.offset + i);
      } else {
        append_utf8(valid, kReplacement);
        places.insert(places.end(), valid.size() - before, c.offset);
      }
    }
    places.push_back(text.size());
    source = valid;
  }
  icu::Edits edits;
  fold_valid(source, folded.text_, &edits);

  UErrorCode status = U_ZERO_ERROR;
  auto edit = edits.getFineIterator();
  while (edit.next(status)) {
    const auto begin = static_cast<std::size_t>(edit.sourceIndex());
    const auto end = begin + static_cast<std::size_t>(edit.oldLength());
    const auto folded_begin = static_cast<std::size_t>(edit.destinationIndex());
    if (places.empty()) {
      folded.stretches_.push_back({folded_begin, begin, end, edit.hasChange() != 0});
    } else {
      // Rare: the text had ill-formed bytes. One stretch for each code point keeps the shift right.
      if (edit.hasChange()) {
        folded.stretches_.push_back({folded_begin, places[begin], places[end], true});
      } else {
        for (const CodePoint& c : code_points(source.substr(begin, end - begin))) {
          folded.stretches_.push_back(
              {folded_begin + c.offset, places[begin + c.offset], places[begin + c.offset + c.bytes], true});
        }
      }
    }
  }
  CHECK(U_SUCCESS(status));
  return folded;
}

const FoldedText::Stretch& FoldedText::stretch_at(std::size_t folded_offset) const {
  // The last stretch that begins at or before the offset: dropped characters make stretches of no folded
  // length before.
  const auto after = std::upper_bound(
      stretches_.begin(), stretches_.end(), folded_offset,
      [](std::size_t offset, const Stretch& stretch) { return offset < stretch.folded_begin; });
  CHECK(after != stretches_.begin());
  return *std::prev(after);
}

ByteRange FoldedText::original(ByteRange folded) const {
  CHECK(folded.begin <= folded.end && folded.end <= text_.size());
  if (stretches_.empty()) return {0, 0};
  if (folded.begin == text_.size()) {
    const std::size_t end = stretches_.back().original_end;
    return {end, end};
  }
  const Stretch& first = stretch_at(folded.begin);
  const std::size_t begin =
      first.changed ? first.original_begin : first.original_begin + (folded.begin - first.folded_begin);
  if (folded.begin == folded.end) return {begin, begin};
  const Stretch& last = stretch_at(folded.end - 1);
  const std::size_t end =
      last.changed ? last.original_end : last.original_begin + (folded.end - last.folded_begin);
  return {begin, end};
}

}  // namespace kiki::text
