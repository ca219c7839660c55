#include "channels/bluesky/dag_cbor.hpp"

#include "base/json.hpp"
#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/interop_files_test.hpp"
#include "channels/bluesky/utf8.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::bluesky {
namespace {

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

bool accepts(std::string_view hex) {
  return check_dag_cbor(from_hex(hex)).ok();
}

// Both sides as JSON with sorted members, so that the order of members does not matter.
std::string canonical(JsonView view) {
  if (view.is_array()) {
    std::string out = "[";
    EXPECT_TRUE(view.each([&](JsonView item) -> Result<void> {
                      out += canonical(item) + ",";
                      return {};
                    })
                    .ok());
    return out + "]";
  }
  if (view.is_object()) {
    std::vector<std::string> members;
    EXPECT_TRUE(view.each_member([&](std::string_view key, JsonView item) -> Result<void> {
                      members.push_back(std::string(key) + ":" + canonical(item));
                      return {};
                    })
                    .ok());
    std::sort(members.begin(), members.end());
    std::string out = "{";
    for (const auto& member : members) out += member + ",";
    return out + "}";
  }
  return view.raw();
}

TEST(DagCbor, ReadsTheProtocolsDataModelFixtures) {
  NEEDS_INTEROP_FILE("data-model-fixtures.json");
  const auto file = JsonDocument::parse(read_whole(interop_path("data-model-fixtures.json")));
  ASSERT_TRUE(file.ok());
  int count = 0;
  ASSERT_TRUE(file->root()
                  .each([&](JsonView fixture) -> Result<void> {
                    ++count;
                    const std::string cbor = TRY(net::from_base64(fixture["cbor_base64"].text()));
                    TRY(check_dag_cbor(cbor));
                    std::string json;
                    TRY(append_dag_json(json, cbor));
                    const auto ours = TRY(JsonDocument::parse(json));
                    EXPECT_EQ(canonical(ours.root()), canonical(fixture["json"]));
                    // The id of the block, computed from our hash, is the fixture's.
                    const std::string bytes = from_hex("01711220") + net::sha256(cbor);
                    const auto cid = TRY(parse_cid(bytes));
                    EXPECT_EQ(cid.text(), fixture["cid"].text());
                    EXPECT_TRUE(cid.blessed());
                    EXPECT_TRUE(matches(cid, cbor));
                    return {};
                  })
                  .ok());
  EXPECT_GE(count, 3);
}

TEST(DagCbor, EveryTruncationOfAFixtureIsRefused) {
  NEEDS_INTEROP_FILE("data-model-fixtures.json");
  const auto file = JsonDocument::parse(read_whole(interop_path("data-model-fixtures.json")));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->root()
                  .each([&](JsonView fixture) -> Result<void> {
                    const std::string cbor = TRY(net::from_base64(fixture["cbor_base64"].text()));
                    for (std::size_t size = 0; size < cbor.size(); ++size)
                      EXPECT_FALSE(check_dag_cbor(cbor.substr(0, size)).ok()) << size;
                    EXPECT_FALSE(check_dag_cbor(cbor + '\0').ok());
                    return {};
                  })
                  .ok());
}

TEST(DagCbor, IntegersAreSignedSixtyFourBitsInTheShortestForm) {
  EXPECT_TRUE(accepts("00"));
  EXPECT_TRUE(accepts("17"));
  EXPECT_TRUE(accepts("1818"));
  EXPECT_FALSE(accepts("1817"));
  EXPECT_TRUE(accepts("190100"));
  EXPECT_FALSE(accepts("1900ff"));
  EXPECT_TRUE(accepts("1a00010000"));
  EXPECT_FALSE(accepts("1a0000ffff"));
  EXPECT_TRUE(accepts("1b0000000100000000"));
  EXPECT_FALSE(accepts("1b00000000ffffffff"));
  EXPECT_TRUE(accepts("1b7fffffffffffffff"));
  EXPECT_FALSE(accepts("1b8000000000000000"));
  EXPECT_TRUE(accepts("3b7fffffffffffffff"));
  EXPECT_FALSE(accepts("3b8000000000000000"));
  CborReader reader(std::string_view("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", 9));
  CborItem item;
  ASSERT_TRUE(reader.next(item));
  EXPECT_EQ(item.integer, INT64_MIN);
}

TEST(DagCbor, OnlyFiniteDoublesAreFloats) {
  EXPECT_TRUE(accepts("fb3ff8000000000000"));
  EXPECT_FALSE(accepts("fb7ff8000000000000"));  // NaN
  EXPECT_FALSE(accepts("fb7ff0000000000000"));  // infinity
  EXPECT_FALSE(accepts("f93e00"));
  EXPECT_FALSE(accepts("fa3fc00000"));
}

TEST(DagCbor, NoUndefinedNoOtherSimpleValuesNoIndefiniteLengths) {
  EXPECT_TRUE(accepts("f4"));
  EXPECT_TRUE(accepts("f6"));
  EXPECT_FALSE(accepts("f7"));
  EXPECT_FALSE(accepts("e0"));
  EXPECT_FALSE(accepts("f8ff"));
  EXPECT_FALSE(accepts("9fff"));
  EXPECT_FALSE(accepts("bfff"));
  EXPECT_FALSE(accepts("7f6161ff"));
  EXPECT_FALSE(accepts("1c"));
}

TEST(DagCbor, MapKeysAreUniqueSortedText) {
  EXPECT_TRUE(accepts("a2616100616200"));
  EXPECT_FALSE(accepts("a2616200616100"));
  EXPECT_FALSE(accepts("a2616100616100"));
  EXPECT_TRUE(accepts("a261620062616100"));  // the shorter first
  EXPECT_FALSE(accepts("a262616100616200"));
  EXPECT_TRUE(accepts("a16000"));  // an empty key
  EXPECT_FALSE(accepts("a10000"));
}

TEST(DagCbor, OnlyLinksAreTagged) {
  const std::string cid =
      "015512"
      "20" +
      std::string(64, '0');
  EXPECT_TRUE(accepts("d82a582500" + cid));
  EXPECT_FALSE(accepts("d82a5824" + cid));           // no zero byte
  EXPECT_FALSE(accepts("d82a582600" + cid + "00"));  // bytes after it
  EXPECT_FALSE(accepts("d82b582500" + cid));
  EXPECT_FALSE(accepts("c16161"));
  EXPECT_FALSE(accepts("d82a6161"));
}

TEST(DagCbor, TextIsUtf8) {
  EXPECT_TRUE(accepts("63e38182"));
  EXPECT_FALSE(accepts("61ff"));
  EXPECT_FALSE(accepts("63eda080"));  // a surrogate
  EXPECT_FALSE(accepts("62c080"));    // overlong
  EXPECT_FALSE(accepts("62e381"));    // cut off
}

TEST(DagCbor, CountsThatCannotBeTrueAreRefusedAtOnce) {
  EXPECT_FALSE(accepts("9b7fffffffffffffff"));
  EXPECT_FALSE(accepts("bb7fffffffffffffff"));
  EXPECT_FALSE(accepts("5b7fffffffffffffff"));
  EXPECT_FALSE(accepts("9a000000ff00"));
}

TEST(DagCbor, DepthHasALimit) {
  EXPECT_TRUE(check_dag_cbor(std::string(CborReader::kDepthLimit - 1, '\x81') + '\x80').ok());
  EXPECT_FALSE(check_dag_cbor(std::string(CborReader::kDepthLimit, '\x81') + '\x80').ok());
}

TEST(DagCbor, FaultsNameTheirPlace) {
  const auto fault = check_dag_cbor(from_hex("a16161f7"));
  ASSERT_FALSE(fault.ok());
  EXPECT_EQ(fault.error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(fault.error().where, "byte 4");
}

TEST(DagCbor, SkipPassesOverWholeValues) {
  const std::string bytes = from_hex("a3616182010261628161636163a0");  // {a:[1,2], b:["c"], c:{}}
  CborReader reader(bytes);
  CborItem item;
  ASSERT_TRUE(reader.next(item));
  std::string keys;
  while (reader.next(item) && item.kind == CborKind::kKey) {
    keys += item.text;
    reader.skip();
  }
  EXPECT_EQ(keys, "abc");
  EXPECT_TRUE(reader.status().ok());
}

TEST(DagJson, EscapesWhatJsonNeeds) {
  std::string out;
  append_json_string(out, std::string_view("a\"\\\n\0\x1f", 6));
  EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u0000\\u001f\"");
}

TEST(DagJson, CommasStandBetweenNotBefore) {
  std::string out;
  ASSERT_TRUE(append_dag_json(out, from_hex("a3616182010261628161636163a0")).ok());
  EXPECT_EQ(out, R"({"a":[1,2],"b":["c"],"c":{}})");
}

// Found by dag_cbor_fuzz: -609103129394484100000 without an exponent is no number to a JSON reader.
TEST(DagJson, LargeFloatsStayNumbers) {
  for (const char* hex :
       {"fbc440828082824082", "fb3ff8000000000000", "fb8000000000000000", "fb7fefffffffffffff"}) {
    std::string out;
    ASSERT_TRUE(append_dag_json(out, from_hex(hex)).ok()) << hex;
    auto read = JsonDocument::parse("[" + out + "]");
    ASSERT_TRUE(read.ok()) << hex << " gave " << out;
  }
}

TEST(Utf8, CutsAtBordersAndCleans) {
  EXPECT_EQ(cut("あい", 4), "あ");
  EXPECT_EQ(cut("あい", 6), "あい");
  EXPECT_TRUE(char_border("あい", 3));
  EXPECT_FALSE(char_border("あい", 2));
  EXPECT_FALSE(char_border("あい", 7));
  EXPECT_EQ(clean(std::string_view("a\0b", 3), 10), "ab");
  EXPECT_EQ(clean("\xff!", 10), "\xef\xbf\xbd!");
  EXPECT_EQ(clean("あいう", 7), "あい");
}

}  // namespace
}  // namespace kiki::channels::bluesky
