#pragma once
// The words by which a mail finds its conversation again: our Message-IDs, signed addresses, a tag in the
// subject, and links that brought somebody here.

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace kiki::channels::mail {

inline constexpr std::size_t kWordLetters = 16;  // of a conversation: 80 bits

// Lower-case letters and digits that survive everything mail programs do (RFC 4648 base32, no padding).
std::string base32(std::string_view bytes, std::size_t letters);

// The word of a conversation: the first mail of the thread and the customer in it. Two customers who answer
// one newsletter have two.
std::string conversation_word(std::string_view root_message_id, std::string_view customer_address);

// "kk.OUTBOX.WORD.RANDOM@domain"
std::string new_message_id(Id outbox_id, std::string_view word, std::string_view random,
                           std::string_view domain);
// The conversation's word in a Message-ID of ours; "" in others.
std::string word_of_message_id(std::string_view message_id);

// "care+*@example.com" with the word and its signature for the star. `key` is the account's secret.
std::string signed_address(std::string_view pattern, std::string_view word, std::string_view key);
// The word when this is such an address and its signature is right.
std::optional<std::string> word_of_address(std::string_view pattern, std::string_view address,
                                           std::string_view key);

// "[TAG word]" in a subject.
std::string with_tag(std::string_view subject, std::string_view tag, std::string_view word);
std::string word_of_tag(std::string_view subject, std::string_view tag);
std::string without_tag(std::string_view subject, std::string_view tag);

// The word of a link of ours: "[kk:TOKEN]" in a text; taken out of it.
std::string take_link_word(std::string& text);
std::string link_mark(std::string_view token);

}  // namespace kiki::channels::mail
