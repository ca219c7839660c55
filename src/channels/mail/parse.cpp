#include "channels/mail/parse.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <set>

#include "base/json.hpp"
#include "channels/mail/automatic.hpp"
#include "channels/mail/envelope.hpp"
#include "channels/mail/file_type.hpp"
#include "channels/mail/html_clean.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/mime_tree.hpp"
#include "channels/mail/post_ids.hpp"
#include "channels/mail/quoted.hpp"
#include "channels/mail/reports.hpp"
#include "channels/mail/settings.hpp"
#include "net/mail_client.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kReferencesKept = 20;
constexpr TimeMs kClockFaultMs = 3'600'000;
constexpr std::string_view kPart = "part:";
constexpr std::size_t kReceiversRead = 100;
constexpr std::size_t kJoinsLimit = 20;

// When it was written, unless that clock and the mail server's disagree.
struct Written {
  TimeMs at = 0;
  int offset_minutes = 0;  // of the writer's clock
};
Written posted_at(const Headers& headers, const Envelope& envelope, TimeMs received_at) {
  const auto arrived = envelope.received_at > 0 ? envelope.received_at : received_at;
  const std::string date(headers.get("date").substr(0, 200));
  auto* const time = g_mime_utils_header_decode_date(date.c_str());
  if (time == nullptr) return {arrived, 0};
  const TimeMs told = g_date_time_to_unix(time) * 1'000;
  const auto offset = static_cast<int>(g_date_time_get_utc_offset(time) / 60'000'000);
  g_date_time_unref(time);
  return {told > arrived || arrived - told > kClockFaultMs ? arrived : told, offset};
}

struct Body {
  std::string text;
  std::string html;  // as it came
  std::set<int> used;
};

bool is_text(const MimeLeaf& leaf) {
  return leaf.type == "text/plain" || leaf.type == "text/html" || leaf.type == "text/enriched";
}

// Of an alternative the first plain text and the last HTML; everywhere else what is not attached, in order.
Body read_body(const MimeTree& mail) {
  Body body;
  std::set<int> plain_in;  // alternatives whose text we have
  std::set<int> html_in;
  const auto alternative_of = [&](const MimeLeaf& leaf) {
    return leaf.in_alternative ? leaf.path.front() : 0;
  };
  for (const auto& leaf : mail.leaves()) {
    if (!is_text(leaf) || leaf.is_attachment) continue;
    // A named text beside the first one is a file somebody sent.
    if (!leaf.name.empty() && leaf.index > 0 && !leaf.in_alternative) continue;
    const auto alternative = alternative_of(leaf);
    if (leaf.type == "text/html") {
      if (alternative != 0 && !html_in.insert(leaf.parent).second) body.html.clear();
      if (body.html.size() < kHtmlBytes) body.html += mail.text(leaf);
      body.used.insert(leaf.index);
    } else {
      body.used.insert(leaf.index);
      if (alternative != 0 && !plain_in.insert(leaf.parent).second) continue;
      if (body.text.size() > kTextBytes * 4) continue;
      const auto text = mail.text(leaf);
      if (!body.text.empty() && !body.text.ends_with('\n')) body.text += '\n';
      body.text += text;
    }
  }
  return body;
}

bool is_noise(const MimeLeaf& leaf) {
  return leaf.type == "application/pgp-signature" || leaf.type == "application/pkcs7-signature" ||
         leaf.type == "application/x-pkcs7-signature" || leaf.type == "text/x-amp-html" ||
         leaf.type == "text/watch-html";
}

// `content_ids`: of each attachment, "" when it has none.
void add_attachments(const MimeTree& mail, const Body& body, IncomingPost& post,
                     std::vector<std::string>& content_ids) {
  for (const auto& leaf : mail.leaves()) {
    if (body.used.contains(leaf.index) || is_noise(leaf)) continue;
    if (post.attachments.size() >= kAttachmentsLimit) {
      post.incomplete = "too_complex";
      return;
    }
    const auto bytes = mail.bytes(leaf.index);
    if (bytes.empty()) continue;
    Attachment attachment;
    attachment.content_type = file_type(bytes, leaf.type);
    attachment.kind = file_kind(attachment.content_type);
    attachment.reference = std::string(kPart) + std::to_string(leaf.index);
    attachment.name = leaf.name;
    attachment.title = leaf.name;
    attachment.size_bytes = static_cast<std::int64_t>(bytes.size());
    post.attachments.push_back(std::move(attachment));
    content_ids.push_back(leaf.content_id);
  }
}

std::string cut(std::string_view text, std::size_t bytes, IncomingPost& post) {
  if (text.size() <= bytes) return std::string(text);
  if (post.incomplete.empty()) post.incomplete = "too_long";
  return std::string(text::cut_at_code_point(text, bytes));
}

void add_words(const MimeTree& mail, Body& body, IncomingPost& post) {
  std::vector<std::string> content_ids;
  add_attachments(mail, body, post, content_ids);
  CleanHtml clean;
  if (!body.html.empty()) {
    clean = clean_html(body.html, [&](std::string_view id) {
      const auto found = std::find(content_ids.begin(), content_ids.end(), id);
      if (id.empty() || found == content_ids.end()) return -1;
      const auto number = found - content_ids.begin();
      return post.attachments[static_cast<std::size_t>(number)].kind == "image" ? static_cast<int>(number)
                                                                                : -1;
    });
  }
  const bool only_html = trimmed(body.text).empty();
  auto words = only_html ? std::move(clean.text) : std::move(body.text);
  if (auto token = take_link_word(words); !token.empty()) post.continues = std::move(token);
  auto split = split_quoted(words);
  if (clean.was_cut && post.incomplete.empty()) post.incomplete = "too_long";
  post.text = cut(split.text, kTextBytes, post);
  post.quoted = std::string(text::cut_at_code_point(split.quoted, kTextBytes));
  if (clean.has_form) post.html = std::move(clean.html);
}

// Links into a mailbox may put their word into the address: "care+kk-WORD@example.com".
std::string link_word_of_addresses(const Headers& headers) {
  for (const auto* field : {"to", "cc", "delivered-to", "x-original-to"}) {
    for (const auto value : headers.all(field)) {
      const auto at = value.find("+kk-");
      if (at == std::string_view::npos) continue;
      const auto word = value.substr(at + 4, value.find('@', at) - at - 4);
      if (word.size() >= 20 && word.size() <= 200) return std::string(word);
    }
  }
  return {};
}

std::vector<std::string> references_of(const Headers& headers) {
  auto ids = read_message_ids(headers.get("references"));
  for (auto& id : read_message_ids(headers.get("in-reply-to"), 5)) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
  }
  return ids;
}

struct Thread {
  const Headers& headers;
  const std::vector<std::string>& references;
  const std::vector<std::string>& own_id;  // Message-ID, none or one
  std::string_view customer;
  std::string_view fallback;  // when there is no Message-ID at all
};

// The conversation: by a mail of ours that it answers, by the address it was sent to, by the first mail of
// its thread, by the tag in its subject. Who may add to a case is decided by the sender, not here.
std::string find_word(const Thread& of, const Envelope& envelope, const MailSettings& settings) {
  for (auto id = of.references.rbegin(); id != of.references.rend(); ++id) {
    if (auto word = word_of_message_id(*id); !word.empty()) return word;
  }
  if (!envelope.word.empty()) return envelope.word;
  if (!of.references.empty()) return conversation_word(of.references.front(), of.customer);
  if (!settings.subject_tag.empty()) {
    if (auto word = word_of_tag(decode_header(of.headers.get("subject")), settings.subject_tag);
        !word.empty())
      return word;
  }
  return conversation_word(of.own_id.empty() ? of.fallback : of.own_id.front(), of.customer);
}

bool is_our_address(const MailSettings& settings, std::string_view address) {
  if (net::is_in_mailbox(address, settings.address)) return true;
  const std::string_view signed_address = settings.reply_address;
  const auto star = signed_address.find('*');
  return star != std::string_view::npos && address.size() >= signed_address.size() - 1 &&
         address.starts_with(signed_address.substr(0, star)) &&
         address.ends_with(signed_address.substr(star + 1));
}

// To and Cc as they stand, and first whom an answer goes to.
void add_receivers(const Headers& headers, const MailSettings& settings, const MailAddress& answer_to,
                   IncomingPost& post) {
  if (post.direction == Direction::kIn)
    post.receivers.push_back({"answer", answer_to.name, answer_to.address});
  for (const auto* role : {"to", "cc"}) {
    for (const auto value : headers.all(role)) {
      for (auto& one : read_addresses(value, kReceiversRead)) {
        if (post.receivers.size() > kReceiversRead) return;
        const bool us = is_our_address(settings, one.address);
        // Our signed address is a name of ours, and its word is nobody's business.
        post.receivers.push_back(
            {role, us ? settings.name : one.name, us ? settings.address : one.address, us});
      }
    }
  }
}

// Every thread this mail may belong to: a mail of ours names its own; one of a customer is named by its first
// mail and by whose it is, and that may be any of those who are written to here.
void add_joins(const Account& account, const std::vector<std::string>& references, IncomingPost& post) {
  const auto add = [&](std::string_view word) {
    auto thread = thread_id(account.id, word);
    if (post.joins.size() < kJoinsLimit &&
        std::find(post.joins.begin(), post.joins.end(), thread) == post.joins.end())
      post.joins.push_back(std::move(thread));
  };
  if (references.empty()) return;
  post.joins.push_back(post.thread_external_id);
  for (auto id = references.rbegin(); id != references.rend(); ++id) {
    if (const auto word = word_of_message_id(*id); !word.empty()) add(word);
  }
  add(conversation_word(references.front(), post.author.external_id));
  for (const auto& one : post.receivers) {
    if (!one.is_us) add(conversation_word(references.front(), one.address));
  }
}

std::string reply_reference(const IncomingPost& post, const std::vector<std::string>& own_id,
                            const std::vector<std::string>& references, const MailAddress& to,
                            std::string_view word, int offset_minutes) {
  json::array kept;
  // RFC 5322, 3.6.4: the first and the last ones.
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (i == 0 || i + kReferencesKept > references.size()) kept.emplace_back(references[i]);
  }
  return json::serialize(json::object{{"message_id", own_id.empty() ? "" : own_id.front()},
                                      {"references", std::move(kept)},
                                      {"subject", post.subject},
                                      {"to", to.address},
                                      {"to_name", to.name},
                                      {"word", word},
                                      {"offset_minutes", offset_minutes}});
}

// S/MIME has one type for what is encrypted and for what is signed in one piece; the second was unpacked by
// MimeTree and has the type of what was in it.
bool is_sealed(const MimeTree& mail) {
  return mail.root_type() == "multipart/encrypted" || mail.root_type() == "application/pkcs7-mime" ||
         mail.root_type() == "application/x-pkcs7-mime";
}

// What stands in a mail and is no words: OpenPGP inside the text, and Outlook's container.
void tell_what_is_packed(const MimeTree& mail, IncomingPost& post) {
  constexpr std::string_view kEncrypted = "-----BEGIN PGP MESSAGE-----";
  constexpr std::string_view kSigned = "-----BEGIN PGP SIGNED MESSAGE-----";
  constexpr std::string_view kSignature = "\n-----BEGIN PGP SIGNATURE-----";
  if (trimmed(post.text).starts_with(kEncrypted)) {
    // What was written below it is read.
    constexpr std::string_view kEnd = "-----END PGP MESSAGE-----";
    const auto end = post.text.find(kEnd);
    post.text = end == std::string::npos
                    ? std::string()
                    : std::string(trimmed(std::string_view(post.text).substr(end + kEnd.size())));
    post.incomplete = "encrypted";
  } else if (const auto begin = post.text.find(kSigned);
             begin != std::string::npos && (begin == 0 || post.text[begin - 1] == '\n') &&
             post.text.find(kSignature, begin) != std::string::npos) {
    // The words between, without the frame around them (RFC 9580, 7).
    if (const auto end = post.text.find(kSignature, begin); end != std::string::npos) {
      constexpr std::string_view kLast = "-----END PGP SIGNATURE-----";
      const auto last = post.text.find(kLast, end);
      post.text.erase(end, last == std::string::npos ? last : last + kLast.size() - end);
    }
    const auto words = post.text.find("\n\n", begin);
    post.text.erase(begin, words == std::string::npos ? kSigned.size() : words + 2 - begin);
    post.text = std::string(trimmed(post.text));
  }
  const auto is_tnef = [](const MimeLeaf& leaf) {
    return leaf.type == "application/ms-tnef" || leaf.type == "application/vnd.ms-tnef" ||
           lower_ascii(leaf.name) == "winmail.dat";
  };
  if (post.incomplete.empty() && std::any_of(mail.leaves().begin(), mail.leaves().end(), is_tnef))
    post.incomplete = "tnef";
}

}  // namespace

Result<std::vector<Incoming>> parse_mail(const Account& account, const RawItem& item, TimeMs received_at) {
  if (item.source != kSource)
    return invalid("the mail channel does not know this kind of item: " + item.source);
  const auto unpacked = TRY(unpack(item.body));
  const auto& envelope = unpacked.envelope;
  const auto settings = read_settings(account.settings);
  const auto mail = MimeTree::read(unpacked.message);
  const auto& headers = mail.headers();
  const auto senders = read_addresses(headers.get("from"), 1);
  const auto sender = senders.empty() ? MailAddress{} : senders.front();
  const auto& own_address = settings.address;

  auto automatic =
      envelope.is_sent ? Automatic::kNo : judge_automatic(headers, mail.root_type(), sender.address);
  IncomingPost post;
  const auto written = posted_at(headers, envelope, received_at);
  post.posted_at = written.at;
  if (automatic == Automatic::kReport) {
    std::vector<Incoming> out;
    for (auto& receipt : read_report(account.id, mail, post.posted_at)) out.emplace_back(std::move(receipt));
    return out;
  }
  if (sender.address.empty()) return invalid("the mail has no sender");

  auto author = sender;
  auto answer_to = sender;
  const auto reply_to = read_addresses(headers.get("reply-to"), 1);
  if (!reply_to.empty()) {
    answer_to = reply_to.front();
    // A form on our own site writes as ourselves, for a person.
    const bool form = automatic == Automatic::kForm || sender.address == own_address;
    if (form && answer_to.address != own_address) author = answer_to;
  }
  if (author.name.empty() && author.address == sender.address) author.name = sender.name;
  if (!envelope.is_sent && author.address == own_address) {
    // Our own address outside of the folder of sent mail is a copy, a loop or a lie: what we wrote is read in
    // that folder, where nobody else can put anything.
    return std::vector<Incoming>{};
  }

  MailAddress customer = author;
  if (envelope.is_sent) {
    const auto receivers = read_addresses(headers.get("to"), 1);
    if (receivers.empty()) return std::vector<Incoming>{};
    customer = receivers.front();
  }
  const auto own_id = read_message_ids(headers.get("message-id"), 1);
  const auto references = references_of(headers);
  const auto fallback = post_id(account.id, headers, unpacked.message);
  const auto word = find_word({headers, references, own_id, customer.address, fallback}, envelope, settings);

  const bool is_ours = envelope.is_sent && !own_id.empty() && !word_of_message_id(own_id.front()).empty();
  post.external_id = is_ours ? our_post_id(account.id, own_id.front()) : fallback;
  post.revision = "1";  // a mail never changes: whatever comes again under this id says nothing new
  post.thread_external_id = thread_id(account.id, word);
  if (envelope.is_sent) {
    // Several people may write in one thread: what follows a mail of ours belongs to whom that was sent.
    const auto answered = read_message_ids(headers.get("in-reply-to"), 1);
    if (!answered.empty() && !word_of_message_id(answered.front()).empty())
      post.parent_external_id = our_post_id(account.id, answered.front());
  }
  post.visibility = Visibility::kPrivate;
  post.direction = envelope.is_sent ? Direction::kOut : Direction::kIn;
  post.reason = envelope.is_sent ? "own" : "message";
  post.author.network = "mail";
  post.author.external_id = envelope.is_sent ? own_address : author.address;
  post.author.handle = post.author.external_id;
  post.author.name = author.name;
  post.subject = std::string(text::cut_at_code_point(
      without_tag(decode_header(headers.get("subject")), settings.subject_tag), kSubjectBytes));
  if (automatic == Automatic::kAnswer) {
    // An absence is shown where it belongs and wakes nobody; without a conversation it is nothing.
    post.direction = Direction::kContext;
    post.reason = "context";
    post.reply_closed = "automatic";
  } else if (automatic == Automatic::kNotice) {
    post.reply_closed = "automatic";
  }

  add_receivers(headers, settings, answer_to, post);
  if (!envelope.is_whole) {
    post.incomplete = "too_large";
  } else if (is_sealed(mail)) {
    post.incomplete = "encrypted";
    std::vector<std::string> content_ids;
    add_attachments(mail, {}, post, content_ids);
  } else {
    auto body = read_body(mail);
    add_words(mail, body, post);
    tell_what_is_packed(mail, post);
    if (mail.is_too_complex()) post.incomplete = "too_complex";
  }
  if (post.direction == Direction::kIn) {
    if (auto token = take_link_word(post.subject); !token.empty()) post.continues = std::move(token);
    if (post.continues.empty()) post.continues = link_word_of_addresses(headers);
    post.subject = std::string(trimmed(post.subject));
    post.reply_reference = reply_reference(post, own_id, references, answer_to, word, written.offset_minutes);
    add_joins(account, references, post);
  } else {
    post.continues.clear();
  }
  std::vector<Incoming> out;
  out.emplace_back(std::move(post));
  return out;
}

Result<Media> read_part(const RawItem& item, std::string_view reference) {
  const auto unpacked = TRY(unpack(item.body));
  if (!reference.starts_with(kPart)) return not_found("a mail has no such part");
  const auto digits = reference.substr(kPart.size());
  int index = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const auto mail = MimeTree::read(unpacked.message);
  for (const auto& leaf : mail.leaves()) {
    if (leaf.index != index) continue;
    Media media;
    media.body = mail.bytes(index);
    media.content_type = file_type(media.body, leaf.type);
    media.name = leaf.name;
    return media;
  }
  return not_found("a mail has no such part");
}

}  // namespace kiki::channels::mail
