#pragma once
// A browser that lost its connection cannot know whether its last request arrived, and sends it again: it is
// done once, and answered as the first time.

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::cases {

inline constexpr std::size_t kRequestIdLimitBytes = 100;

struct DoneRequest {
  Id workspace_id = 0;
  Id user_id = 0;
  std::string_view request_id;  // chosen by who asks; empty: they do not care
};
// What the same request made before: a note, an act, the case it was about.
Result<std::optional<Id>> find_done(store::Transaction& tx, const DoneRequest& request);
// In the transaction of the work.
Result<void> keep_done(store::Transaction& tx, const DoneRequest& request, Id subject_id, TimeMs now_ms);

}  // namespace kiki::cases
