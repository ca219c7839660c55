// Every trick to name an address inside the network that we know of, and the addresses that must stay
// reachable.

#include "net/ssrf_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiki::net {
namespace {

using testing::HasSubstr;

TEST(IsPublicAddress, ClosedRanges) {
  for (const auto* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "100.64.0.1",
                              "100.100.100.200",
                              "127.0.0.1",
                              "127.255.255.255",
                              "168.63.129.16",
                              "169.254.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.192",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:a9fe:a9fe",
                              "::127.0.0.1",
                              "::ffff:0:127.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b:1::1",
                              "100::1",
                              "2001::1",
                              "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "2002:a00:1::1",
                              "2002:c0a8:101::1",
                              "2002:a9fe:a9fe::1",
                              "3fff::1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "fe80::1",
                              "fec0::1",
                              "ff02::1",
                              "5f00::1",
                              "2600::5efe:a00:1",
                              "2600::200:5efe:7f00:1"}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

TEST(IsPublicAddress, OpenOnes) {
  for (const auto* address :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1",
        "198.17.255.255", "198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808",
        "2002:808:808::1", "2606:4700::1111", "2001:4860:4860::8888", "2a00::1"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
}

TEST(IsPublicAddress, OnlyPlainNumbers) {
  for (const auto* address : {"", "localhost", "0x7f.1", "2130706433", "0177.0.0.1", "8.8.8", "8.8.8.8.8",
                              "[::1]", "8.8.8.8 ", "fe80::1%eth0", "8.8.8.8:80", "08.8.8.8", "256.1.1.1"}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

TEST(CheckUrl, RefusesPrivateAddressesInEverySpelling) {
  for (const auto* url : {"https://127.0.0.1/",
                          "https://127.1/",
                          "https://2130706433/",
                          "https://0x7f000001/",
                          "https://017700000001/",
                          "https://0x7f.0.0.1/",
                          "https://0177.0.0.1/",
                          "https://127.0.0.1./",
                          "https://[::1]/",
                          "https://[::ffff:127.0.0.1]/",
                          "https://[::ffff:7f00:1]/",
                          "https://[0:0:0:0:0:0:0:1]/",
                          "https://[64:ff9b::7f00:1]/",
                          "https://[2002:7f00:1::]/",
                          "https://10.0.0.1/",
                          "https://192.168.0.1:8443/x",
                          "https://169.254.169.254/latest/meta-data/",
                          "https://[fd00:ec2::254]/",
                          "https://0/",
                          "https://0.0.0.0/",
                          "https://[::]/",
                          "https://localhost/",
                          "https://LOCALHOST./",
                          "https://x.localhost/",
                          "HTTPS://127.0.0.1"}) {
    const auto checked = check_url(url, {});
    ASSERT_FALSE(checked.ok()) << url;
    EXPECT_TRUE(checked.error().kind == ErrorKind::kForbidden || checked.error().kind == ErrorKind::kInvalid)
        << url;
  }
}

TEST(CheckUrl, RefusesWhatIsNoPlainUrl) {
  for (const auto* url : {"",
                          "https",
                          "https://",
                          "https:///path",
                          "//host/",
                          "/path",
                          "host",
                          "ftp://host/",
                          "file:///etc/passwd",
                          "gopher://host/",
                          "javascript:alert(1)",
                          "https://user@host/",
                          "https://user:pass@host/",
                          "https://@host/",
                          "https://8.8.8.8@127.0.0.1/",
                          "https://8.8.8.8\\@127.0.0.1/",
                          "https://host name/",
                          "https://host\t/",
                          "https://ho%73t/",
                          "https://127%2e0.0.1/",
                          "https://[fe80::1%25eth0]/",
                          "https://host:0/",
                          "https://host:99999/",
                          "https://host:abc/",
                          "https://b\xc3\xbc"
                          "cher.example/",
                          "https://1.2.3.4.5/",
                          "https://256.256.256.256/",
                          "https://example.0x7f/",
                          "https://a..b/",
                          "https://.a/",
                          "https://[::1/",
                          "https://[::g]/",
                          "https://ho,st/"}) {
    const auto checked = check_url(url, {});
    ASSERT_FALSE(checked.ok()) << url;
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalid) << url << ": " << checked.error().message;
  }
}

TEST(CheckUrl, LetsPublicHostsPass) {
  for (const auto* url : {"https://example.org", "https://example.org:8443/a?b=c#d", "https://8.8.8.8/",
                          "https://[2606:4700::1111]/", "https://xn--bcher-kva.example/",
                          "https://example.org/a@b?c=d@e", "https://a_b.example.org/%2e%2e/x"}) {
    const auto checked = check_url(url, {});
    EXPECT_TRUE(checked.ok()) << url << ": " << checked.error().message;
  }
}

TEST(CheckUrl, PlainHttpNeedsLeave) {
  const auto plain = check_url("http://example.org/", {});
  ASSERT_FALSE(plain.ok());
  EXPECT_EQ(plain.error().kind, ErrorKind::kForbidden);
  EXPECT_THAT(plain.error().message, HasSubstr("https://"));
  SsrfPolicy policy;
  policy.allow_plain_http = true;
  EXPECT_TRUE(check_url("http://example.org/", policy).ok());
  EXPECT_FALSE(check_url("http://127.0.0.1/", policy).ok());
  policy.allow_private = true;
  EXPECT_TRUE(check_url("http://127.0.0.1:3000/", policy).ok());
}

TEST(CheckUrl, AllowList) {
  SsrfPolicy policy;
  policy.allow = {"intra.example",
                  "Other.Example:8080",
                  "10.1.0.0/16",
                  "[fd00::]/8",
                  "127.0.0.1:9000",
                  "[::1]:9001",
                  "",
                  "x:y"};
  EXPECT_TRUE(check_url("http://intra.example/", policy).ok());
  EXPECT_TRUE(check_url("http://INTRA.example.:81/", policy).ok());
  EXPECT_FALSE(check_url("http://not-intra.example/", policy).ok());
  EXPECT_FALSE(check_url("http://intra.example.evil.example/", policy).ok());
  EXPECT_TRUE(check_url("http://other.example:8080/", policy).ok());
  EXPECT_FALSE(check_url("http://other.example/", policy).ok());
  EXPECT_TRUE(check_url("http://10.1.2.3/", policy).ok());
  EXPECT_FALSE(check_url("https://10.2.2.3/", policy).ok());
  EXPECT_TRUE(check_url("https://[fd12::1]:444/", policy).ok());
  EXPECT_TRUE(check_url("http://127.0.0.1:9000/", policy).ok());
  EXPECT_FALSE(check_url("https://127.0.0.1:9002/", policy).ok());
  EXPECT_TRUE(check_url("https://[::1]:9001/", policy).ok());
  EXPECT_FALSE(check_url("https://[::1]:9000/", policy).ok());
}

TEST(CheckAddress, JudgesWhatANameResolvesTo) {
  SsrfPolicy policy;
  policy.allow = {"intra.example", "10.1.0.0/16", "127.0.0.1:9000"};
  const auto to = [&](std::string_view url, std::string_view address) {
    const auto read = read_url(url, policy, "http", "https");
    CHECK(read.ok());
    return check_address(*parse_ip(address), *read, policy).ok();
  };
  EXPECT_TRUE(to("https://example.org/", "8.8.8.8"));
  EXPECT_FALSE(to("https://example.org/", "127.0.0.1"));
  EXPECT_FALSE(to("https://example.org/", "::ffff:169.254.169.254"));
  EXPECT_TRUE(to("https://intra.example/", "192.168.7.7"));
  EXPECT_TRUE(to("https://example.org/", "10.1.9.9"));
  EXPECT_FALSE(to("https://example.org/", "10.2.9.9"));
  EXPECT_TRUE(to("https://example.org:9000/", "127.0.0.1"));
  EXPECT_FALSE(to("https://example.org:9001/", "127.0.0.1"));
}

TEST(ReadUrl, KeepsWhatAWebSocketNeeds) {
  const auto url = read_url("wss://Jet.Example./subscribe?wanted=a.b&x=%20#frag", {}, "ws", "wss");
  ASSERT_TRUE(url.ok()) << url.error().message;
  EXPECT_EQ(url->host, "jet.example");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/subscribe?wanted=a.b&x=%20");
  EXPECT_TRUE(url->encrypted);
  EXPECT_FALSE(read_url("https://jet.example/", {}, "ws", "wss").ok());
  EXPECT_EQ(read_url("wss://jet.example", {}, "ws", "wss").value().target, "/");
}

}  // namespace
}  // namespace kiki::net
