#pragma once
// An act: several changes of one or many cases that people see, and take back, as one. Each case is a
// transaction of its own, so that a refused one stops no other; what is left is done in the background, also
// after a restart.

#include <boost/json/fwd.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "teamwork/actions.hpp"

namespace kiki::teamwork {

inline constexpr std::size_t kActCasesMost = 2'000;
inline constexpr std::size_t kPreviewCasesMost = 200;

struct NewAct {
  Id workspace_id = 0;
  Id actor_id = 0;
  std::string source;  // macro, bulk
  Id source_id = 0;
  std::string name;
  Actions actions;
  std::vector<Id> case_ids;
  Id seen_id = 0;          // made when the person looked: what ends a matter heeds what customers wrote since
  std::string request_id;  // the same request is one act
};

struct Refusal {
  Id case_id = 0;
  std::int64_t number = 0;
  std::string name;
  std::string code;
};

struct Act {
  Id id = 0;
  std::string source;
  Id source_id = 0;
  std::string name;
  std::string actions;  // JSON
  Id actor_id = 0;
  std::string state;
  std::int64_t cases = 0;
  std::int64_t done = 0;
  std::int64_t refused = 0;
  std::int64_t not_undone = 0;
  TimeMs created_at = 0;
  std::vector<Refusal> refusals;  // at most kRefusalsShown
  Id case_id = 0;                 // the first one, and its number and name: a rule's acts have one case
  std::int64_t number = 0;
  std::string case_name;
};
inline constexpr int kRefusalsShown = 100;
inline constexpr int kRefusalsInLists = 10;

struct Preview {
  Id case_id = 0;
  std::int64_t number = 0;
  std::string name;
  std::string changes = "[]";  // JSON, as Did has them
  bool anything = false;       // false: is so already
  std::string code;            // refused: why
};

class Acts {
 public:
  Acts(store::Database& db, Hands hands) : db_(db), hands_(std::move(hands)) {}
  ~Acts() { stop(); }
  void start();
  void stop();
  void look();  // there is something to do. Thread-safe, never waits.

  // What it would do, exactly: it is done, and not kept. At most kPreviewCasesMost.
  Result<std::vector<Preview>> preview(const NewAct& act);
  // The first cases are done when it returns, the others soon. A request that was done before: what became of
  // it.
  Result<Act> make(const NewAct& act);
  Result<Act> read(Id workspace_id, Id act_id);
  // Newest first, below `before`.
  Result<std::vector<Act>> list(Id workspace_id, std::string_view source, Id source_id, Id before, int limit);
  Result<Act> cancel(Id workspace_id, Id act_id);  // leaves out what is not done yet
  // kConflict "not_undoable" for one that was taken back already.
  Result<Act> undo(Id workspace_id, Id act_id, Id actor_id);
  // For the rules: one case, in the caller's transaction, once for the key. False: it was done before.
  struct Once {
    Id workspace_id = 0;
    Id rule_id = 0;
    std::string name;
    std::string key;
    Id case_id = 0;
  };
  // In the transaction of the work itself …
  Result<bool> begin_once(store::Transaction& tx, const Once& once, const Actions& actions, Id* act_id);
  Result<void> end_once(store::Transaction& tx, const Once& once, Id act_id, std::string_view why,
                        std::string_view undo);
  // Goes on with what was begun, at most `cases` of each act; how many were done.
  Result<std::int64_t> work(int cases);

  const Hands& hands() const { return hands_; }

 private:
  struct Task;
  void run(std::stop_token stop);
  Result<std::int64_t> work_on(Id workspace_id, Id act_id, int cases);
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id act_id);

  store::Database& db_;
  Hands hands_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool look_ = true;
  std::jthread thread_;
};

json::object to_json(const Act& act);
json::object to_json(const Preview& preview);

}  // namespace kiki::teamwork
