#pragma once
// What tells that two identities may be one customer, each in one form: e-mail addresses and telephone
// numbers (kept in contact_keys as people and identities change), and handles and names (compared when
// somebody asks).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::people {

// "customer:a-17" for " Ａ-17": a number at the brand, without case and width.
std::optional<std::string> customer_key(std::string_view customer_id);
// "mail:anna@example.jp" for " Anna+shop@Example.jp": without case, width and what follows a plus.
std::optional<std::string> mail_key(std::string_view text);
// "tel:+819012345678" for 090-1234-5678 (without a country: Japan) and +81 90 1234 5678.
std::optional<std::string> phone_key(std::string_view text);
// All that a free text has of both.
std::vector<std::string> contact_keys_in(std::string_view text);

// "taroyamada" of @Taro_Yamada, taro.yamada.bsky.social and taro_yamada@mastodon.example; nothing for handles
// that say nobody ("info", "support_jp", fewer than four letters).
std::optional<std::string> handle_key(std::string_view handle);
// A name without spaces, case, width and kana; nothing when it is too short to mean one person.
std::optional<std::string> name_key(std::string_view name);

// Replaces what the holder ("identity" or "person") has. Nothing is written when there is nothing before and
// after.
Result<void> write_contacts(store::Transaction& tx, Id workspace_id, std::string_view holder, Id holder_id,
                            const std::vector<std::string>& keys, bool is_new);

}  // namespace kiki::people
