#include "channels/x/oauth1.hpp"

#include "channels/x/connect.hpp"
#include "channels/x/fake_x_test.hpp"
#include "channels/x/webhook.hpp"

namespace kiki::channels::x {
namespace {

TEST(OAuth1, SignsEveryVector) {
  NEEDS_SPECS("signature-vectors.json");
  const auto text = read_whole(specs_path("signature-vectors.json"));
  const auto document = JsonDocument::parse(text);
  ASSERT_TRUE(document.ok());
  const auto oauth = document->root()["oauth1"];
  const OAuth1Keys keys{
      std::string(oauth["consumer"]["key"].text()), std::string(oauth["consumer"]["secret"].text()),
      std::string(oauth["token"]["key"].text()), std::string(oauth["token"]["secret"].text())};
  int count = 0;
  ASSERT_TRUE(oauth["cases"]
                  .each([&](JsonView one) -> Result<void> {
                    SignedCall call{one["method"].text(), one["url"].text(), {}, {}};
                    if (one["form"].is_object()) {
                      (void)one["form"]
                          .each_member([&](std::string_view key, JsonView value) -> Result<void> {
                            call.form.emplace_back(key, value.text());
                            return {};
                          })
                          .ok();
                    }
                    EXPECT_EQ(oauth1_signature(keys, call, oauth["nonce"].text(),
                                               oauth["timestamp"].number_or_zero()),
                              one["signature"].text())
                        << one["source"].text();
                    ++count;
                    return {};
                  })
                  .ok());
  EXPECT_EQ(count, 4);
  const auto root = document->root();
  EXPECT_EQ(pkce_challenge(root["pkce_s256"]["verifier"].text()), root["pkce_s256"]["challenge"].text());
  EXPECT_EQ(webhook_proof(root["x_crc"]["consumer_secret"].text(), root["x_crc"]["crc_token"].text()),
            root["x_crc"]["response"]["response_token"].text());
  const auto hook = root["x_webhook_signature"];
  EXPECT_EQ(webhook_proof(hook["consumer_secret"].text(), hook["body"].text()), hook["value"].text());
}

TEST(OAuth1, HostAndPortAreCountedAsTheRfcSays) {
  const OAuth1Keys keys{"k", "s", "t", "ts"};
  const auto sign = [&](std::string_view url) {
    return oauth1_signature(keys, {"GET", url, {}, {}}, "n", 1);
  };
  EXPECT_EQ(sign("https://API.x.com:443/2/users/me"), sign("https://api.x.com/2/users/me"));
  EXPECT_NE(sign("https://api.x.com:8443/2/users/me"), sign("https://api.x.com/2/users/me"));
  EXPECT_EQ(sign("https://api.x.com/2/a?b=1&a=2"), sign("https://api.x.com/2/a?a=2&b=1"));
}

TEST(OAuth1, HeaderHoldsEverythingButTheQuery) {
  const auto header =
      oauth1_header({"k", "s", "t", "ts"}, {"GET", "https://api.x.com/2/a?q=1", {}, {}}, "n", 5);
  EXPECT_TRUE(header.starts_with("OAuth oauth_consumer_key=\"k\", oauth_nonce=\"n\", oauth_signature=\""));
  EXPECT_NE(header.find("oauth_token=\"t\""), std::string::npos);
  EXPECT_EQ(header.find("q="), std::string::npos);
}

TEST(Form, ReadsWhatItWrites) {
  const Params params = {{"a", "x y&z"}, {"b", ""}, {"ü", "+"}};
  EXPECT_EQ(read_form(write_form(params)), params);
  EXPECT_EQ(read_form("a=1+2&&b"), (Params{{"a", "1 2"}, {"b", ""}}));
  EXPECT_EQ(read_form("%zz=%4"), (Params{{"%zz", "%4"}}));
}

}  // namespace
}  // namespace kiki::channels::x
