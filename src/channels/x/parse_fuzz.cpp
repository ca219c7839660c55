// Whatever X, or somebody in its place, may send: parse() answers or refuses, and says the same twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "channels/x/parse.hpp"
#include "text/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::channels;
  if (size == 0) return 0;
  static const Account account{.workspace_id = 1,
                               .id = 2,
                               .network = "x",
                               .kind = "account",
                               .external_id = "1111111111111111111",
                               .handle = "ExampleUser",
                               .name = "Example",
                               .settings = "{}"};
  static constexpr std::string_view kSources[] = {x::kWebhookSource, x::kPostSource, x::kMessageSource,
                                                  x::kDeletionSource, x::kContextSource};
  const RawItem item{std::string(kSources[data[0] % 5]),
                     std::string(reinterpret_cast<const char*>(data + 1), size - 1)};
  const auto once = x::parse_item(account, item, 1'800'000'000'000);
  const auto twice = x::parse_item(account, item, 1'800'000'000'000);
  if (once.ok() != twice.ok() || (once.ok() && once->size() != twice->size())) std::abort();
  if (once.ok()) {
    for (const auto& fact : *once) {
      const auto* post = std::get_if<IncomingPost>(&fact);
      if (post == nullptr) continue;
      if (!post->external_id.starts_with("x:") || post->author.external_id.empty()) std::abort();
      if (kiki::text::find_invalid_utf8(post->text) || post->posted_at > 1'800'000'000'000) std::abort();
      const auto length = static_cast<std::int32_t>(kiki::text::utf16_length(post->text));
      for (const auto& one : post->inlines) {
        if (one.place.start < 0 || one.place.start > one.place.end || one.place.end > length) std::abort();
      }
    }
  }
  (void)x::split_page(item.body, x::kPostSource).ok();
  return 0;
}
