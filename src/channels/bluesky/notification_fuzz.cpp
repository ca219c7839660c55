// Journal items of every shape, with whatever inside: parsed or refused, and what comes out keeps the
// contract.

#include <cstdlib>

#include "channels/bluesky/parse.hpp"
#include "channels/bluesky/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::channels;
  using namespace kiki::channels::bluesky;
  if (size == 0) return 0;
  static constexpr std::string_view kSources[] = {kNotificationSource, kRecordSource, kPostViewSource,
                                                  kDeletionSource};
  Account account;
  account.external_id = "did:plc:brand";
  const RawItem item{std::string(kSources[data[0] % 4]),
                     std::string(reinterpret_cast<const char*>(data + 1), size - 1)};
  const auto parsed = parse_item(account, item, 1'795'338'000'000);
  if (!parsed.ok()) return 0;
  for (const auto& incoming : *parsed) {
    const auto* post = std::get_if<IncomingPost>(&incoming);
    if (!post) continue;
    if (post->external_id.empty() || post->author.external_id.empty()) std::abort();
    if (!is_utf8(post->text) || post->text.find('\0') != std::string::npos) std::abort();
    if (post->posted_at > 1'795'338'000'000) std::abort();
  }
  return 0;
}
