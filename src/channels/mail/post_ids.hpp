#pragma once
// Under which ids mails are known here. A Message-ID alone is no id: forms send all their mails with one, and
// whoever knows that of a customer could send another text under it. What nobody may change comes with it.

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "channels/mail/header_words.hpp"

namespace kiki::channels::mail {

// "mail/ACCOUNT/m…" of somebody's mail, by Message-ID, Date, From and Subject; without a Message-ID also by
// the whole `message`.
std::string post_id(Id account_id, const Headers& headers, std::string_view message);
// "mail/ACCOUNT/o…" of a mail with a Message-ID that we chose: nobody can guess it before it was sent.
std::string our_post_id(Id account_id, std::string_view message_id);
std::string thread_id(Id account_id, std::string_view word);
// The word out of a thread's id.
std::string_view word_of_thread(std::string_view thread_id);

}  // namespace kiki::channels::mail
