#include "channels/bluesky/car.hpp"

#include "base/json.hpp"
#include "channels/bluesky/dag_cbor.hpp"
#include "channels/bluesky/interop_files_test.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::bluesky {
namespace {

TEST(Car, ReadsTheProtocolsFixtures) {
  NEEDS_INTEROP_FILE("car-file-fixtures.json");
  const auto file = JsonDocument::parse(read_whole(interop_path("car-file-fixtures.json")));
  ASSERT_TRUE(file.ok());
  int count = 0;
  const auto done = file->root().each([&](JsonView fixture) -> Result<void> {
    ++count;
    const std::string bytes = TRY(net::from_base64(fixture["car"].text()));
    auto car = TRY(CarReader::open(bytes));
    EXPECT_EQ(car.roots().size(), 1u);
    EXPECT_EQ(car.roots()[0].text(), fixture["root"].text());
    TRY(fixture["blocks"].each([&](JsonView expected) -> Result<void> {
      const auto block = TRY(car.next());
      EXPECT_TRUE(block.has_value());
      if (!block) return {};
      EXPECT_EQ(block->cid.text(), expected["cid"].text());
      EXPECT_EQ(std::string(block->bytes), TRY(net::from_base64(expected["bytes"].text())));
      EXPECT_TRUE(matches(block->cid, block->bytes));
      EXPECT_TRUE(check_dag_cbor(block->bytes).ok());
      const auto found = TRY(car.find(block->cid, true));
      EXPECT_TRUE(found && found->bytes == block->bytes);
      return {};
    }));
    EXPECT_FALSE(TRY(car.next()).has_value());
    // Cut anywhere, it never reads past the end, and never gives every block.
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
      const std::string part = bytes.substr(0, size);
      auto opened = CarReader::open(part);
      if (!opened.ok()) continue;
      std::size_t blocks = 0;
      for (auto block = opened->next(); block.ok() && block->has_value(); block = opened->next()) ++blocks;
      EXPECT_LT(blocks, fixture["blocks"].size());
    }
    return {};
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_GE(count, 1);
}

std::string small_car(std::string_view block) {
  const std::string cid = std::string("\x01\x71\x12\x20", 4) + net::sha256(block);
  const std::string link = std::string("\xd8\x2a\x58\x25\x00", 5) + cid;
  const std::string header = "\xa2\x65roots\x81" + link + "\x67version\x01";
  std::string out(1, static_cast<char>(header.size()));
  out += header;
  out.push_back(static_cast<char>(cid.size() + block.size()));
  return out + cid + std::string(block);
}

TEST(Car, ContentThatDoesNotHashToItsIdIsFoundOut) {
  std::string bytes = small_car("\xa0");
  auto car = CarReader::open(bytes);
  ASSERT_TRUE(car.ok());
  ASSERT_TRUE(car->find(car->roots()[0], true).ok());
  bytes.back() = '\x80';
  auto forged = CarReader::open(bytes);
  ASSERT_TRUE(forged.ok());
  EXPECT_TRUE(forged->find(forged->roots()[0], false).ok());
  const auto found = forged->find(forged->roots()[0], true);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::kCorrupt);
}

TEST(Car, WrongHeadersAreRefused) {
  EXPECT_FALSE(CarReader::open("").ok());
  EXPECT_FALSE(CarReader::open(std::string_view("\x00", 1)).ok());
  EXPECT_FALSE(CarReader::open("\x01\xa0").ok());  // neither roots nor version
  EXPECT_FALSE(CarReader::open("\x11\xa2\x65roots\x80\x67version\x02").ok());
  EXPECT_TRUE(CarReader::open("\x11\xa2\x65roots\x80\x67version\x01").ok());
  EXPECT_FALSE(CarReader::open("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").ok());
}

TEST(Varint, OnlyTheShortestForm) {
  std::uint64_t value = 0;
  std::string_view good("\xac\x02", 2);
  EXPECT_TRUE(take_varint(good, value));
  EXPECT_EQ(value, 300u);
  EXPECT_TRUE(good.empty());
  std::string_view longer("\x81\x00", 2);
  EXPECT_FALSE(take_varint(longer, value));
  std::string_view endless("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11);
  EXPECT_FALSE(take_varint(endless, value));
}

}  // namespace
}  // namespace kiki::channels::bluesky
