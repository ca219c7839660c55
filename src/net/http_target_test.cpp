// Request targets, cookies, addresses: the pure parts.

#include "net/http_target.hpp"

#include <gtest/gtest.h>

#include "net/http.hpp"
#include "net/ip_address.hpp"

namespace kiki::net {
namespace {

std::string path_of(std::string_view target) {
  auto parsed = parse_target(target);
  return parsed.ok() ? parsed->path : "refused";
}

TEST(ParseTarget, Paths) {
  EXPECT_EQ(path_of("/"), "/");
  EXPECT_EQ(path_of("/a/b"), "/a/b");
  EXPECT_EQ(path_of("/a/b/"), "/a/b/");
  EXPECT_EQ(path_of("//a///b"), "/a/b");
  EXPECT_EQ(path_of("/%E6%9D%B1/%41"), "/東/A");
  EXPECT_EQ(path_of("/東"), "/東");
  EXPECT_EQ(path_of("/a+b"), "/a+b");
  EXPECT_EQ(path_of("/.well-known/...x"), "/.well-known/...x");
  EXPECT_EQ(path_of("http://host/a?b"), "/a");
  EXPECT_EQ(path_of("HTTPS://host"), "/");
  for (const auto* bad :
       {"",      "a",        "*",      "http://", "http:///a", "ftp://h/",   "/a/.",
        "/../a", "/%2E%2e/", "/a%2fb", "/a%5Cb",  "/a\\b",     "/%",         "/%4",
        "/%zz",  "/%00",     "/%0a",   "/%7f",    "/%c0%af",   "/%ed%a0%80", "/%f4%90%80%80",
        "/a#b"}) {
    EXPECT_EQ(path_of(bad), "refused") << bad;
  }
}

TEST(ParseTarget, SaysWhere) {
  const auto bad = parse_target("/abc/%zz");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().where, "5");
}

TEST(ParseTarget, Queries) {
  const auto parsed = parse_target("/s?q=%E6%9D%B1%E4%BA%AC&empty=&flag&a=1&a=2&&b=x+y%2Bz&e=a=b&?");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  HttpRequest request;
  request.query = parsed->query;
  EXPECT_EQ(request.query_value("q"), "東京");
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y+z");
  EXPECT_EQ(request.query_value("e"), "a=b");
  EXPECT_EQ(request.query_value("nothing"), "");
  EXPECT_EQ(request.query.size(), 8U);
  EXPECT_FALSE(parse_target("/?a=%0").ok());
  EXPECT_FALSE(parse_target("/?%ff=1").ok());
  std::string many = "/?";
  for (int i = 0; i < 300; ++i) many += "a&";
  EXPECT_FALSE(parse_target(many).ok());
}

TEST(HttpRequest, Cookies) {
  HttpRequest request;
  request.headers.add("Cookie", "a=1; kiki_session=abc=; q=\"z\"; broken; =x;");
  request.headers.add("cookie", "later=2");
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("kiki_session"), "abc=");
  EXPECT_EQ(request.cookie("q"), "z");
  EXPECT_EQ(request.cookie("later"), "2");
  EXPECT_EQ(request.cookie("session"), "");
  EXPECT_EQ(request.cookie("broken"), "");
}

TEST(Headers, SetReplacesAllOfAName) {
  Headers headers;
  headers.add("A", "1");
  headers.add("b", "2");
  headers.add("a", "3");
  headers.set("a", "4");
  headers.set("C", "5");
  EXPECT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers.get("A"), "4");
  EXPECT_EQ(headers.get("c"), "5");
  EXPECT_TRUE(headers.has("B"));
  EXPECT_FALSE(headers.has("D"));
}

TEST(IpRange, Contains) {
  const auto in = [](std::string_view range, std::string_view address) {
    return parse_ip_range(range)->contains(*parse_ip(address));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(in("10.0.0.0/9", "10.127.0.1"));
  EXPECT_FALSE(in("10.0.0.0/9", "10.128.0.1"));
  EXPECT_TRUE(in("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001::1"));
  EXPECT_TRUE(in("[fd00::]/8", "fdff::1"));
  EXPECT_TRUE(in("::1", "::1"));
  EXPECT_TRUE(in("127.0.0.1", "::ffff:127.0.0.1"));
  for (const auto* bad :
       {"", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0/8", "::/129", "host", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(parse_ip_range(bad)) << bad;
  }
}

TEST(ClientAddress, BelievesOnlyTrustedProxies) {
  const std::vector<IpRange> trusted = {*parse_ip_range("10.0.0.0/8")};
  const auto seen = [&](std::string_view peer, std::vector<std::string_view> forwarded) {
    return to_string(client_address(*parse_ip(peer), forwarded, trusted));
  };
  EXPECT_EQ(seen("8.8.8.8", {"1.1.1.1"}), "8.8.8.8");
  EXPECT_EQ(seen("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(seen("10.0.0.1", {"1.1.1.1"}), "1.1.1.1");
  EXPECT_EQ(seen("10.0.0.1", {"6.6.6.6, 1.1.1.1, 10.0.0.2"}), "1.1.1.1");
  EXPECT_EQ(seen("10.0.0.1", {"6.6.6.6", "1.1.1.1"}), "1.1.1.1");
  EXPECT_EQ(seen("10.0.0.1", {"[2001:4860::1]:4711"}), "2001:4860::1");
  EXPECT_EQ(seen("10.0.0.1", {"1.1.1.1:4711"}), "1.1.1.1");
  EXPECT_EQ(seen("10.0.0.1", {"1.1.1.1, nonsense"}), "10.0.0.1");
  EXPECT_EQ(seen("10.0.0.1", {"10.0.0.9, 10.0.0.2"}), "10.0.0.9");
  EXPECT_EQ(seen("10.0.0.1", {""}), "10.0.0.1");
}

}  // namespace
}  // namespace kiki::net
