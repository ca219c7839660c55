#include "channels/x/post_text.hpp"

#include <algorithm>
#include <array>

#include "text/utf8.hpp"

namespace kiki::channels::x {

std::string decode_html(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto found =
        std::ranges::find_if(kEntities, [&](const auto& one) { return text.starts_with(one.first); });
    if (found != kEntities.end()) {
      out.push_back(found->second);
      text.remove_prefix(found->first.size());
    } else {
      const auto next = std::min(text.find('&', 1), text.size());
      out.append(text.substr(0, next));
      text.remove_prefix(next);
    }
  }
  return out;
}

namespace {

constexpr std::size_t kInlinesLimit = 100;

std::string without_controls(std::string_view text) {
  std::string out = text::to_valid_utf8(text);
  std::erase_if(out, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 32 && c != '\n' && c != '\t') || byte == 127;
  });
  return out;
}

}  // namespace

ShownText show_text(std::string_view stored_bytes, std::vector<Entity> entities, std::size_t hidden_until,
                    std::size_t limit_bytes) {
  const std::string stored = text::to_valid_utf8(stored_bytes);
  std::vector<std::size_t> places;  // byte offset of each code point, and the end
  for (const auto& c : text::code_points(stored)) places.push_back(c.offset);
  places.push_back(stored.size());
  const auto length = places.size() - 1;
  const auto part = [&](std::size_t from, std::size_t to) {
    return std::string_view(stored).substr(places[from], places[to] - places[from]);
  };
  // X counts the text it had; its own examples are shorter than their entities say.
  for (auto& one : entities) one.end = std::min(one.end, length);
  std::erase_if(entities, [](const Entity& one) { return one.start >= one.end; });
  std::ranges::stable_sort(entities, {}, &Entity::start);

  ShownText shown;
  std::size_t at = 0;
  bool leading = true;  // still among the names a reply inherits
  for (const auto& entity : entities) {
    if (entity.start < at) continue;  // overlaps the one before
    const auto before = part(at, entity.start);
    leading = leading && before.find_first_not_of(" \n") == std::string_view::npos;
    if (leading && entity.kind == Entity::Kind::kMention && entity.end <= hidden_until) {
      at = entity.end;
      continue;
    }
    if (leading && at > 0) {
      const auto first = before.find_first_not_of(' ');
      shown.text += without_controls(
          decode_html(first == std::string_view::npos ? std::string_view() : before.substr(first)));
    } else {
      shown.text += without_controls(decode_html(before));
    }
    leading = false;
    at = entity.end;
    if (entity.kind == Entity::Kind::kOwnMedia) continue;
    const auto start = static_cast<std::int32_t>(text::utf16_length(shown.text));
    shown.text += entity.kind == Entity::Kind::kLink ? without_controls(entity.target)
                                                     : without_controls(part(entity.start, entity.end));
    if (entity.kind == Entity::Kind::kMention && shown.inlines.size() < kInlinesLimit) {
      Inline mention;
      mention.kind = "mention";
      mention.place = {start, static_cast<std::int32_t>(text::utf16_length(shown.text))};
      mention.of_us = entity.of_us;
      shown.inlines.push_back(std::move(mention));
    }
  }
  auto rest = part(at, length);
  if (leading && at > 0) rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  shown.text += without_controls(decode_html(rest));
  while (!shown.text.empty() && (shown.text.back() == ' ' || shown.text.back() == '\n'))
    shown.text.pop_back();
  if (shown.text.size() > limit_bytes) {
    shown.text = text::cut_at_code_point(shown.text, limit_bytes);
  }
  const auto end = static_cast<std::int32_t>(text::utf16_length(shown.text));
  std::erase_if(shown.inlines, [&](const Inline& one) { return one.place.end > end; });
  return shown;
}

}  // namespace kiki::channels::x
