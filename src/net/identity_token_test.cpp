#include "net/identity_token.hpp"

#include <gtest/gtest.h>

#include "net/hmac.hpp"

namespace kiki::net {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr std::string_view kSecret = "a secret of the brand";

std::string signed_with(std::string_view secret, std::string_view payload,
                        std::string_view header = R"({"alg":"HS256","typ":"JWT"})") {
  const auto content = base64url(header) + "." + base64url(payload);
  return content + "." + base64url(hmac_sha256(secret, content));
}

TEST(IdentityToken, TellsWhoItIs) {
  const auto proof = verify_identity(
      signed_with(kSecret,
                  R"({"sub":"u-7","name":"佐藤","email":"sato@example.com","exp":1700000600,"aud":"key"})"),
      kSecret, "key", kNow);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->user, "u-7");
  EXPECT_EQ(proof->name, "佐藤");
  EXPECT_EQ(proof->email, "sato@example.com");
  EXPECT_EQ(proof->expires_at, 1'700'000'600'000);
}

// RFC 7515, appendix A.1: another implementation's token with its published key. It ended in 2011 and names
// no user, so time and claim are what it is refused for, and not the signature.
TEST(IdentityToken, ReadsTheSignatureOfTheStandardsExample) {
  const auto key =
      from_base64("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  ASSERT_TRUE(key.ok());
  const std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_NE(verify_identity(token, *key, "", kNow).error().message.find("names no user"), std::string::npos);
  EXPECT_NE(verify_identity(token, "other", "", kNow).error().message.find("signature"), std::string::npos);
}

TEST(IdentityToken, RefusesEverythingElse) {
  const std::string good = R"({"sub":"u","exp":1700000600})";
  ASSERT_TRUE(verify_identity(signed_with(kSecret, good), kSecret, "key", kNow).ok());
  const std::vector<std::string> refused = {
      "",
      "..",
      "a.b",
      "a.b.c.d",
      signed_with("another secret", good),
      signed_with(kSecret, good, R"({"alg":"none"})"),
      signed_with(kSecret, good, R"({"alg":"HS512"})"),
      signed_with(kSecret, good).substr(0, 40),
      signed_with(kSecret, R"({"sub":"u"})"),
      signed_with(kSecret, R"({"exp":1700000600})"),
      signed_with(kSecret, R"({"sub":"","exp":1700000600})"),
      signed_with(kSecret, R"({"sub":7,"exp":1700000600})"),
      signed_with(kSecret, R"({"sub":"u","exp":1700000000})"),
      signed_with(kSecret, R"({"sub":"u","exp":1700200000})"),
      signed_with(kSecret, R"({"sub":"u","exp":1700000600,"nbf":1700000400})"),
      signed_with(kSecret, R"({"sub":"u","exp":1700000600,"aud":"another chat"})"),
      signed_with(kSecret, "[]"),
      signed_with(kSecret, "{") + "x",
  };
  for (const auto& token : refused) {
    const auto proof = verify_identity(token, kSecret, "key", kNow);
    ASSERT_FALSE(proof.ok()) << token;
    EXPECT_EQ(proof.error().kind, ErrorKind::kUnauthenticated) << token;
    EXPECT_EQ(proof.error().code, "identity_refused") << token;
  }
  EXPECT_FALSE(verify_identity(signed_with("", good), "", "key", kNow).ok()) << "no secret is no key";
}

}  // namespace
}  // namespace kiki::net
