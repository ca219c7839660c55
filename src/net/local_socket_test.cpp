#include "net/local_socket.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace kiki::net {
namespace {

struct LocalSocket : testing::Test {
  std::string directory = [] {
    std::string name = (std::filesystem::temp_directory_path() / "kikimimi-local-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    // Longer than a socket's path may be.
    const auto deep = std::filesystem::path(name) / std::string(200, 'd');
    std::filesystem::create_directories(deep);
    return deep.string();
  }();
  ~LocalSocket() override {
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(directory).parent_path(), ignored);
  }
  std::unique_ptr<LocalServer> serve() {
    auto server = LocalServer::start(directory, "x.sock",
                                     [](std::string_view text) { return "got " + std::string(text); });
    EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
    return std::move(server).value();
  }
};

TEST_F(LocalSocket, AnswersOneAfterTheOther) {
  EXPECT_EQ(ask_local(directory, "x.sock", "a").error().kind, ErrorKind::kNotFound);
  {
    const auto server = serve();
    struct stat info{};
    ASSERT_EQ(::stat((directory + "/x.sock").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    for (const auto* text : {"one", "", "two"}) {
      const auto answer = ask_local(directory, "x.sock", text);
      ASSERT_TRUE(answer.ok());
      EXPECT_EQ(*answer, "got " + std::string(text));
    }
    EXPECT_FALSE(ask_local(directory, "x.sock", std::string(kLocalMessageLimitBytes + 1, 'x')).ok());
    EXPECT_TRUE(ask_local(directory, "x.sock", "still there").ok());
  }
  EXPECT_EQ(ask_local(directory, "x.sock", "a").error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(directory + "/x.sock"));
}

TEST_F(LocalSocket, TakesThePlaceOfADeadOne) {
  // Bound and left behind, as by a process that was killed.
  std::filesystem::create_directories(directory);
  const auto first = serve();
  const auto second = serve();
  EXPECT_TRUE(ask_local(directory, "x.sock", "a").ok());
}

TEST_F(LocalSocket, ADirectoryThatIsNotThere) {
  EXPECT_EQ(ask_local(directory + "/none", "x.sock", "a").error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace kiki::net
