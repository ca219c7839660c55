#include "channels/bluesky/connect.hpp"

#include <gtest/gtest.h>

#include "channels/bluesky/fake_platform_test.hpp"

namespace kiki::channels::bluesky {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Connecting : testing::Test {
  Desk desk;
  std::string document =
      R"({"id":"did:plc:brand","alsoKnownAs":["at://brand.example"],"service":[{"id":"#atproto_pds",)"
      R"("type":"AtprotoPersonalDataServer","serviceEndpoint":"https://pds.example/"}]})";
  net::HttpAnswer login =
      answered(200, R"({"did":"did:plc:brand","handle":"brand.example","accessJwt":"a","refreshJwt":"r"})");

  Result<Connected> connect(Fields fields) {
    desk.http.answer = [this](const net::HttpCall& call) -> Result<net::HttpAnswer> {
      if (call.url.starts_with(
              "https://entryway.example/xrpc/com.atproto.identity.resolveHandle?handle=brand.example")) {
        return answered(200, R"({"did":"did:plc:brand"})");
      }
      if (call.url == "https://plc.example/did:plc:brand") return answered(200, document);
      if (call.url == "https://pds.example/xrpc/com.atproto.server.createSession") return login;
      if (call.url.starts_with("https://appview.example/xrpc/app.bsky.actor.getProfile")) {
        return answered(200, R"({"did":"did:plc:brand","handle":"brand.example","displayName":"ブランド",)"
                             R"("avatar":"https://cdn.example/b"})");
      }
      return refused(400, "InvalidRequest", "Unable to resolve handle");
    };
    Xrpc xrpc(desk.tools);
    return connect_account(xrpc, desk.tools, desk.options, fields, {});
  }
  std::string fault(Fields fields) {
    const auto connected = connect(std::move(fields));
    return connected.ok() ? "connected" : connected.error().where + " " + connected.error().code;
  }
};

TEST_F(Connecting, FindsTheServerFromTheHandle) {
  const auto connected = connect({{"handle", "@Brand.example "}, {"app_password", "abcd-efgh-ijkl-mnop"}});
  ASSERT_TRUE(connected.ok()) << connected.error().message;
  EXPECT_EQ(connected->external_id, "did:plc:brand");
  EXPECT_EQ(connected->handle, "brand.example");
  EXPECT_EQ(connected->name, "ブランド");
  EXPECT_EQ(connected->settings, R"({"pds_url":"https://pds.example","password_kind":"app"})");
  EXPECT_EQ(connected->secrets.size(), 3u);
}

TEST_F(Connecting, AMainPasswordIsNotKept) {
  const auto connected = connect({{"handle", "brand.example"}, {"app_password", "correct horse"}});
  ASSERT_TRUE(connected.ok());
  EXPECT_EQ(connected->settings, R"({"pds_url":"https://pds.example","password_kind":"main"})");
  EXPECT_EQ(connected->secrets.size(), 2u);
}

TEST_F(Connecting, FaultsNameTheField) {
  const Fields good{{"handle", "brand.example"}, {"app_password", "abcd-efgh-ijkl-mnop"}};
  EXPECT_EQ(fault({{"handle", "no handle"}, {"app_password", "x"}}), "handle invalid_handle");
  EXPECT_EQ(fault({{"handle", "brand.example"}}), "app_password required");
  EXPECT_EQ(fault({{"handle", "nobody.example"}, {"app_password", "x"}}), "handle unknown_handle");
  EXPECT_EQ(fault({{"handle", "brand.example"}, {"app_password", "x"}, {"service", "http://127.0.0.1:1"}}),
            "service invalid_url");
  login = refused(401, "AuthenticationRequired", "Invalid identifier or password");
  EXPECT_EQ(fault(good), "app_password wrong_password");
  login = refused(401, "AuthFactorTokenRequired");
  EXPECT_EQ(fault(good), "app_password app_password_needed");
  login = refused(401, "AccountTakedown");
  EXPECT_EQ(fault(good), "handle account_closed");
  login =
      answered(200, R"({"did":"did:plc:else","handle":"brand.example","accessJwt":"a","refreshJwt":"r"})");
  EXPECT_EQ(fault(good), "handle other_account");
}

TEST_F(Connecting, ADocumentCannotSendUsInside) {
  document = R"({"id":"did:plc:brand","service":[{"id":"#atproto_pds",)"
             R"("serviceEndpoint":"http://169.254.169.254"}]})";
  EXPECT_EQ(fault({{"handle", "brand.example"}, {"app_password", "x"}}), "handle no_data_server");
}

TEST(AppPassword, HasItsShape) {
  EXPECT_TRUE(is_app_password("abcd-efgh-ijkl-mn27"));
  EXPECT_FALSE(is_app_password("abcd-efgh-ijkl-mnoP"));
  EXPECT_FALSE(is_app_password("hunter2"));
}

}  // namespace
}  // namespace kiki::channels::bluesky
