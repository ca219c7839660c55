#pragma once
// Where a post's text lives besides its row and the search index: the raw item in the journal, its earlier
// revisions.

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::cases {

// The journal keeps the entry, without what it said.
Result<void> forget_journal_body(store::Connection& db, std::int64_t seq);

// The files we kept of it, and those we still want.
Result<void> forget_files(store::Connection& db, Id workspace_id, Id post_id);

// posts.extra remembers the revisions that were replaced ("old_revisions"), because a network may deliver an
// old one again after the new one.
bool has_old_revision(std::string_view extra, std::string_view revision);
// `extra` of the new revision with the old ones of `old_extra` and `old_revision` in it. At most 50 are kept.
std::string with_old_revision(std::string_view extra, std::string_view old_extra,
                              std::string_view old_revision);

}  // namespace kiki::cases
