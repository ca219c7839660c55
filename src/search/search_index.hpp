#pragma once
// The search index over posts, people (identities) and cases. Words need not be known: text/bigram.hpp cuts
// the text into tokens that find two Japanese characters as well as the front of an English word. Both stores
// hold the same tokens and give the same answers. Writing goes along in the transaction of the change.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"
#include "text/bigram.hpp"

namespace kiki::search {

// At most so many tokens of a query are looked at; longer ones are refused with kInvalid.
inline constexpr std::size_t kQueryLimitBytes = 1'000;
inline constexpr std::size_t kResultLimit = 1'000;

// What is indexed once must be removed with exactly the text it was indexed with, before another text is
// indexed.
Result<void> index_post(store::Transaction& tx, Id workspace_id, Id post_id, std::string_view text);
// The same in two steps: cutting a text into tokens needs no database, so it can be done beforehand.
std::string post_document(store::Dialect dialect, Id workspace_id, std::string_view text);
Result<void> index_post_document(store::Transaction& tx, Id workspace_id, Id post_id,
                                 std::string_view document);
Result<void> remove_post(store::Transaction& tx, Id workspace_id, Id post_id, std::string_view old_text);
// Posts whose text has all of the query's phrases, newest first (greatest id), only ids below
// `before_post_id` (0: from the newest), at most `limit`. A query without a letter or digit finds nothing.
// kInvalid for a query over the limit.
Result<std::vector<Id>> search_posts(store::Connection& connection, Id workspace_id, std::string_view query,
                                     Id before_post_id, std::size_t limit);

// What every wanted post has in it, as far as the index can tell: a phrase, all of the parts, or any of them.
struct Condition {
  enum class Kind : std::uint8_t { kPhrase, kAll, kAny };
  Kind kind = Kind::kPhrase;
  text::Phrase phrase;           // kPhrase: at least one token
  std::vector<Condition> parts;  // the others: at least one
};
inline constexpr std::size_t kConditionLimitPhrases = 200;
// Posts that meet it with an id above `after_post_id`, newest first, at most `limit`. kInvalid over the
// limit.
Result<std::vector<Id>> find_posts(store::Connection& connection, Id workspace_id, const Condition& condition,
                                   Id after_post_id, std::size_t limit);

// People by name or handle.
Result<void> index_identity(store::Transaction& tx, Id workspace_id, Id identity_id, std::string_view name,
                            std::string_view handle);
Result<void> remove_identity(store::Transaction& tx, Id workspace_id, Id identity_id,
                             std::string_view old_name, std::string_view old_handle);
Result<std::vector<Id>> search_identities(store::Connection& connection, Id workspace_id,
                                          std::string_view query, Id before_identity_id, std::size_t limit);

// Cases by title, and by number: "12" and "#12" give case 12 first.
Result<void> index_case(store::Transaction& tx, Id workspace_id, Id case_id, std::string_view title);
Result<void> remove_case(store::Transaction& tx, Id workspace_id, Id case_id, std::string_view old_title);
Result<std::vector<Id>> search_cases(store::Connection& connection, Id workspace_id, std::string_view query,
                                     std::size_t limit);

}  // namespace kiki::search
