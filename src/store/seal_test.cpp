#include "store/seal.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "store/test_store.hpp"

namespace kiki::store {
namespace {

constexpr SealContext kContext{7, 8, "app_password"};

TEST(Seal, OpensWhatItSealedAlsoAfterARestart) {
  const TemporaryDirectory directory;
  std::string sealed;
  {
    const auto sealer = Sealer::open(directory.path());
    ASSERT_TRUE(sealer.ok()) << sealer.error().message;
    sealed = (*sealer)->seal("abcd-efgh", kContext);
    EXPECT_NE(sealed, (*sealer)->seal("abcd-efgh", kContext));  // another nonce
    EXPECT_EQ(sealed.find("abcd"), std::string::npos);
    EXPECT_EQ((*sealer)->unseal((*sealer)->seal("", kContext), kContext).value(), "");
  }
  const auto again = Sealer::open(directory.path());
  EXPECT_EQ((*again)->unseal(sealed, kContext).value(), "abcd-efgh");
  struct stat info{};
  ASSERT_EQ(::stat((directory.path() / "secret.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(Seal, BelongsToItsPlace) {
  const TemporaryDirectory directory;
  const auto sealer = Sealer::open(directory.path());
  const auto sealed = (*sealer)->seal("secret", kContext);
  for (const auto& other :
       {SealContext{6, 8, "app_password"}, SealContext{7, 9, "app_password"}, SealContext{7, 8, "x"}}) {
    EXPECT_EQ((*sealer)->unseal(sealed, other).error().kind, ErrorKind::kCorrupt);
  }
}

TEST(Seal, NoticesEveryChangedByte) {
  const TemporaryDirectory directory;
  const auto sealer = Sealer::open(directory.path());
  const auto sealed = (*sealer)->seal("secret", kContext);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ((*sealer)->unseal(changed, kContext).error().kind, ErrorKind::kCorrupt) << i;
    EXPECT_EQ((*sealer)->unseal(sealed.substr(0, i), kContext).error().kind, ErrorKind::kCorrupt) << i;
  }
}

TEST(Seal, AWrongKeyIsNamed) {
  const TemporaryDirectory directory;
  const std::string one(64, '1');
  const std::string two(64, '2');
  const auto sealed = (*Sealer::open(directory.path(), one))->seal("secret", kContext);
  const auto wrong = (*Sealer::open(directory.path(), two))->unseal(sealed, kContext);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(wrong.error().code, "wrong_key");
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "secret.key"));  // a configured key is not stored
}

TEST(Seal, RefusesKeysOfAnotherForm) {
  const TemporaryDirectory directory;
  EXPECT_EQ(Sealer::open(directory.path(), "short").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(Sealer::open(directory.path(), std::string(63, 'a') + "g").error().kind, ErrorKind::kInvalid);
  std::ofstream(directory.path() / "secret.key") << "broken";
  EXPECT_EQ(Sealer::open(directory.path()).error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(Sealer::open("/proc/nothing").error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace kiki::store
