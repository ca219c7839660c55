#include "channels/mail/reports.hpp"

#include <algorithm>

#include "channels/mail/charset.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/post_ids.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kDetailBytes = 500;
constexpr std::size_t kRecipientsLimit = 100;

std::string one_line(std::string_view text) {
  return std::string(text::cut_at_code_point(decode_header(text), kDetailBytes));
}

struct Told {
  std::string kind;  // failed, delivered, read; "": nothing to tell
  std::string detail;
};

// Blocks of fields: the first about the mail, each other about one receiver. Who got a copy is not who was
// answered: the customer has it all the same.
Told read_status(std::string_view status, const std::vector<std::string>& copies) {
  Told told;
  std::size_t blocks = 0;
  while (!status.empty() && blocks++ < kRecipientsLimit) {
    const auto end = std::min(status.find("\n\n"), status.find("\r\n\r\n"));
    const auto block = status.substr(0, end);
    status.remove_prefix(end == std::string_view::npos ? status.size() : end + (status[end] == '\r' ? 4 : 2));
    const auto fields = Headers::read(block);
    const auto action = lower_ascii(fields.get("action"));
    if (action.starts_with("failed")) {
      auto receiver = fields.get("final-recipient");
      if (const auto type = receiver.find(';'); type != std::string_view::npos)
        receiver.remove_prefix(type + 1);
      auto why = fields.get("diagnostic-code");
      if (const auto type = why.find(';'); type != std::string_view::npos) why.remove_prefix(type + 1);
      if (trimmed(why).empty()) why = fields.get("status");
      auto detail = one_line(std::string(trimmed(receiver)) + ": " + std::string(trimmed(why)));
      if (std::ranges::find(copies, lower_ascii(trimmed(receiver))) == copies.end())
        return {"failed", std::move(detail)};
      if (told.kind != "copy_failed") told = {"copy_failed", std::move(detail)};
      continue;
    }
    if ((action.starts_with("delivered") || action.starts_with("relayed")) && told.kind.empty())
      told.kind = "delivered";
  }
  return told;
}

std::string post_of(Id account_id, const Headers& original) {
  const auto ids = read_message_ids(original.get("message-id"), 1);
  if (ids.empty()) return {};
  if (!word_of_message_id(ids[0]).empty()) return our_post_id(account_id, ids[0]);
  return post_id(account_id, original, "");
}

bool holds_the_original(std::string_view type) {
  return type == "message/rfc822" || type == "text/rfc822-headers" || type == "message/global" ||
         type == "message/global-headers";
}

// A report without form: our Message-ID is somewhere in it, in a quoted header.
std::string our_id_in(const MimeTree& mail) {
  for (const auto& leaf : mail.leaves()) {
    for (const auto& id : read_message_ids(mail.bytes(leaf.index), 1'000)) {
      if (!word_of_message_id(id).empty()) return id;
    }
  }
  return {};
}

}  // namespace

std::vector<IncomingReceipt> read_report(Id account_id, const MimeTree& mail, TimeMs at) {
  Told told;
  std::string external_id;
  std::string words;
  bool has_form = false;
  std::vector<std::string> copies;
  for (const auto& leaf : mail.leaves()) {
    if (!holds_the_original(leaf.type)) continue;
    const auto original = Headers::read(mail.bytes(leaf.index));
    for (const auto& one : read_addresses(original.get("cc"), kRecipientsLimit))
      copies.push_back(lower_ascii(one.address));
    if (external_id.empty()) external_id = post_of(account_id, original);
  }
  for (const auto& leaf : mail.leaves()) {
    if (leaf.type == "message/delivery-status" || leaf.type == "message/global-delivery-status") {
      told = read_status(mail.bytes(leaf.index), copies);
      has_form = true;
    } else if (leaf.type == "message/disposition-notification") {
      const auto fields = Headers::read(mail.bytes(leaf.index));
      const auto ids = read_message_ids(fields.get("original-message-id"), 1);
      const bool displayed = lower_ascii(fields.get("disposition")).find("displayed") != std::string::npos;
      if (displayed) told = {"read", ""};
      if (!ids.empty() && !word_of_message_id(ids[0]).empty()) external_id = our_post_id(account_id, ids[0]);
      has_form = true;
    } else if (leaf.type == "text/plain" && words.empty()) {
      words = mail.text(leaf);
    }
  }
  if (!has_form) {
    const auto subject = lower_ascii(decode_header(mail.headers().get("subject")));
    const bool waits =
        subject.find("delay") != std::string::npos || subject.find("warning") != std::string::npos;
    const auto id = our_id_in(mail);
    if (!waits && !id.empty()) {
      external_id = our_post_id(account_id, id);
      told.kind = "failed";
      // The line that says why begins with a number of SMTP, nearly everywhere.
      for (std::size_t from = 0; from < words.size();) {
        const auto end = std::min(words.find('\n', from), words.size());
        const auto line = trimmed(std::string_view(words).substr(from, end - from));
        from = end + 1;
        const auto code = line.find("5.");
        const bool says = line.starts_with("5") ||
                          (code != std::string_view::npos && line.size() > code + 4 && line[code + 3] == '.');
        if (says) {
          told.detail = one_line(line);
          break;
        }
      }
      if (told.detail.empty()) told.detail = one_line(mail.headers().get("subject"));
    }
  } else if (external_id.empty()) {
    if (const auto id = our_id_in(mail); !id.empty()) external_id = our_post_id(account_id, id);
  }
  if (external_id.empty() || told.kind.empty()) return {};
  return {IncomingReceipt{external_id, told.kind, told.detail, at}};
}

}  // namespace kiki::channels::mail
