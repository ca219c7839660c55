#pragma once
// What the mail system says about a mail of ours: delivery reports (RFC 3464), the plain ones of programs
// that know no reports, and receipts of readers (RFC 8098).

#include <vector>

#include "channels/contract/incoming.hpp"
#include "channels/mail/mime_tree.hpp"

namespace kiki::channels::mail {

// Nothing when it is about no mail of ours, or only says that it will be tried again.
std::vector<IncomingReceipt> read_report(Id account_id, const MimeTree& mail, TimeMs at);

}  // namespace kiki::channels::mail
