#pragma once
// The files of customers' posts that only our account can fetch: fetched soon after the post came, because
// networks forget them, and kept by us from then on. A row of post_files is all there is to it, so a crash
// between any two lines fetches again and loses nothing.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "accounts/accounts.hpp"
#include "base/random.hpp"
#include "channels/contract/channel.hpp"

namespace kiki::accounts {

inline constexpr std::size_t kFileLimitBytes = 50 << 20;

struct PostFile {
  std::string state;  // wanted, kept, gone, refused
  std::string name;
  std::string content_type;
  std::int64_t size_bytes = 0;
  std::string body;  // only with read_file()
};
// Of one post, by number; without bodies.
Result<std::vector<std::pair<std::int64_t, PostFile>>> list_files(store::Connection& db, Id workspace_id,
                                                                  Id post_id);
// kNotFound: no such file of such a post in this workspace.
Result<PostFile> read_file(store::Connection& db, Id workspace_id, Id post_id, std::int64_t number);

class PostFiles {
 public:
  PostFiles(Parts parts, Random& random) : parts_(std::move(parts)), random_(random) {}
  ~PostFiles() { stop(); }

  void start();
  void wake();  // there may be something to fetch. Thread-safe, never waits.
  void stop();
  // One file that is due, without threads; false when none is. For tests.
  Result<bool> step(std::stop_token stop = {});

 private:
  struct Due {
    Id workspace_id = 0;
    Id post_id = 0;
    std::int64_t number = 0;
    Id account_id = 0;
    std::int64_t journal_seq = 0;
    std::string reference;
    std::int64_t tries = 0;
    TimeMs next_try_at = 0;
  };
  void run(std::stop_token stop);
  Result<std::optional<Due>> claim();
  Result<channels::Media> fetch(const Due& due, std::stop_token stop);
  Result<void> keep(const Due& due, const channels::Media& media);
  Result<void> give_up_or_wait(const Due& due, const Error& error);
  Result<void> tell(store::Transaction& tx, const Due& due, std::string_view state);

  Parts parts_;
  Random& random_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t wakes_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace kiki::accounts
