// Signatures against the vectors that networks publish, read from the specifications beside the repository.

#include "net/hmac.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.hpp"

namespace kiki::net {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class SharedVectors : public testing::Test {
 protected:
  void SetUp() override {
    const auto text = read_file(std::string(KIKI_SOURCE_DIR) + "/../shared/specs/signature-vectors.json");
    if (text.empty()) GTEST_SKIP() << "the shared specifications are not beside the repository";
    auto parsed = JsonDocument::parse(text);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    document_.emplace(std::move(parsed).value());
  }
  JsonView root() const { return document_->root(); }
  static std::string text(JsonView view) { return std::string(view.text()); }

 private:
  std::optional<JsonDocument> document_;
};

TEST_F(SharedVectors, Line) {
  int seen = 0;
  ASSERT_TRUE(root()["line"]
                  .each([&](JsonView one) -> Result<void> {
                    ++seen;
                    EXPECT_EQ(base64(hmac_sha256(text(one["secret"]), text(one["body"]))),
                              text(one["signature"]));
                    return {};
                  })
                  .ok());
  EXPECT_GE(seen, 3);
}

TEST_F(SharedVectors, MetaAndGitHub) {
  int seen = 0;
  ASSERT_TRUE(root()["meta_hub_sha256"]
                  .each([&](JsonView one) -> Result<void> {
                    ++seen;
                    EXPECT_EQ("sha256=" + hex(hmac_sha256(text(one["secret"]), text(one["body"]))),
                              text(one["value"]));
                    return {};
                  })
                  .ok());
  EXPECT_GE(seen, 2);
  const auto proof = root()["meta_appsecret_proof"];
  EXPECT_EQ(hex(hmac_sha256(text(proof["app_secret"]), text(proof["access_token"]))), text(proof["proof"]));
}

TEST_F(SharedVectors, XAndPkce) {
  const auto crc = root()["x_crc"];
  EXPECT_EQ("sha256=" + base64(hmac_sha256(text(crc["consumer_secret"]), text(crc["crc_token"]))),
            text(crc["response"]["response_token"]));
  const auto webhook = root()["x_webhook_signature"];
  EXPECT_EQ("sha256=" + base64(hmac_sha256(text(webhook["consumer_secret"]), text(webhook["body"]))),
            text(webhook["value"]));
  const auto pkce = root()["pkce_s256"];
  EXPECT_EQ(base64url(sha256(text(pkce["verifier"]))), text(pkce["challenge"]));
}

TEST_F(SharedVectors, PercentEncoding) {
  int seen = 0;
  ASSERT_TRUE(root()["percent_encoding"]
                  .each([&](JsonView pair) -> Result<void> {
                    std::vector<std::string> both;
                    auto read = pair.each([&](JsonView one) -> Result<void> {
                      both.push_back(text(one));
                      return {};
                    });
                    ++seen;
                    EXPECT_EQ(percent_encode(both.at(0)), both.at(1));
                    return read;
                  })
                  .ok());
  EXPECT_GE(seen, 4);
}

// RFC 2202 and RFC 4231, test case 2.
TEST(Hmac, PublishedVectors) {
  EXPECT_EQ(hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hmac_sha256("", "").size(), 32U);
}

// The example in the Standard Webhooks reference libraries.
TEST(StandardWebhooks, PublishedVector) {
  EXPECT_EQ(
      standard_webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                 1'614'265'330, R"({"test": 2432232314})"),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// RFC 4648, section 10.
TEST(Base64, PublishedVectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64(plain), encoded);
    auto back = from_base64(encoded);
    ASSERT_TRUE(back.ok()) << encoded;
    EXPECT_EQ(*back, plain);
  }
  EXPECT_EQ(base64("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(from_base64("-_8").value(), "\xfb\xff");
  EXPECT_EQ(from_base64("+/8").value(), "\xfb\xff");
}

TEST(Base64, RefusesWhatHasNoOneMeaning) {
  for (const auto* text :
       {"Z", "Zg=", "Zg===", "Z===", "=", "Zm9vYg==x", "Zm 9v", "Zm9v\n", "Zh==", "Zm9="}) {
    EXPECT_FALSE(from_base64(text).ok()) << text;
  }
}

TEST(EqualConstantTime, IsEquality) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "abcd"));
}

}  // namespace
}  // namespace kiki::net
