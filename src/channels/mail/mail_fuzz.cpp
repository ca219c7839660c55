// A mail as bytes, whole or only its header: everything that reads it, and each of its parts.
#include <cstddef>
#include <cstdint>

#include "channels/mail/envelope.hpp"
#include "channels/mail/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::channels;
  if (size == 0) return 0;
  Account account;
  account.id = 42;
  account.settings =
      R"({"address":"care@example.com","reply_address":"care+*@example.com","subject_tag":"KK"})";
  mail::Envelope envelope;
  envelope.is_sent = data[0] == 's';
  envelope.is_whole = data[0] != 'h';
  const RawItem item{std::string(mail::kSource),
                     mail::pack(envelope, {reinterpret_cast<const char*>(data), size})};
  const auto parsed = mail::parse_mail(account, item, 1'772'530'200'000);
  if (!parsed.ok()) return 0;
  for (const auto& incoming : *parsed) {
    const auto* post = std::get_if<IncomingPost>(&incoming);
    if (post == nullptr) continue;
    for (const auto& attachment : post->attachments) (void)mail::read_part(item, attachment.reference).ok();
  }
  return 0;
}
