#pragma once
// Does the customer wait for us, and since when: worked out anew from the posts, for the rare changes that
// cannot tell it from the case alone (a reply that failed after all, a case taken back).

#include "base/error.hpp"
#include "cases/case_state.hpp"
#include "store/database.hpp"

namespace kiki::cases {

// Sets last_in_at, last_out_at, first_reply_at and waiting_since. Our posts count as answers unless their
// outbox row failed or was cancelled, or they were deleted. What came until `settled_until_ms` waits for
// nothing.
Result<void> recompute_waiting(store::Connection& db, CaseState& state, TimeMs settled_until_ms = -1);
// The same, and moves an open or waiting case to the state that follows.
Result<void> settle_waiting(store::Connection& db, CaseState& state, TimeMs now_ms);
// Open, with a promise: from when the customer began to wait, or from now.
void open_now(CaseState& state, TimeMs now_ms);
// The same for a watched case: what was only found is found again.
void come_back(CaseState& state, TimeMs now_ms);

}  // namespace kiki::cases
