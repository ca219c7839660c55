#include "delivery/public_links.hpp"

#include <gtest/gtest.h>

namespace kiki::delivery {
namespace {

std::string token_of(const std::string& url) {
  return url.substr(url.rfind('/') + 1);
}

TEST(PublicLinks, OpensWhatWeSignedForSomeDaysAndNothingElse) {
  ManualClock clock;
  const PublicLinks links("key", "https://desk.example", clock);
  const auto url = links.url_of(1, 77);
  EXPECT_TRUE(url.starts_with("https://desk.example/files/")) << url;
  const auto named = links.read(token_of(url));
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->workspace_id, 1);
  EXPECT_EQ(named->attachment_id, 77);
  clock.advance_ms(7 * 24 * 3'600'000);
  EXPECT_TRUE(links.read(token_of(url)).ok());
  clock.advance_ms(2 * 24 * 3'600'000);
  EXPECT_FALSE(links.read(token_of(url)).ok());
}

TEST(PublicLinks, AnotherPictureAnotherKeyOrAnotherDayIsNothing) {
  ManualClock clock;
  const PublicLinks links("key", "https://desk.example", clock);
  auto token = token_of(links.url_of(1, 77));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto forged = token;
    forged[i] = forged[i] == '1' ? '2' : '1';
    if (forged == token) continue;
    // The last character of base64 has bits that mean nothing; the text is compared, not the bits.
    EXPECT_FALSE(links.read(forged).ok()) << forged;
  }
  for (const auto* nonsense : {"", ".", "..", "...", "1.77.99999", "1.77.99999."})
    EXPECT_FALSE(links.read(nonsense).ok()) << nonsense;
  EXPECT_FALSE(PublicLinks("other", "https://desk.example", clock).read(token).ok());
  EXPECT_EQ(PublicLinks("key", "", clock).url_of(1, 77), "");
}

}  // namespace
}  // namespace kiki::delivery
