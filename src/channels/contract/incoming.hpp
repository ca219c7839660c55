#pragma once
// What a raw item says once a channel has parsed it. Everything here came from outside: lengths are limited
// by the parser, text is valid UTF-8, nothing is trusted as markup.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace kiki::channels {

struct Author {
  std::string network;      // the identity's network; usually the channel's own
  std::string external_id;  // stable id (DID …); required
  std::string handle;
  std::string name;  // display name; empty = not told
  std::string avatar_url;
  std::string bio;
  std::optional<std::int64_t> followers;
  std::string url;            // profile page
  bool full_profile = false;  // bio and followers are meaningful
  // Their number at the brand, as the brand proved it (a linked account, a signed visitor); empty: not told.
  std::string customer_id;
};

struct Attachment {
  std::string kind;  // image, video, audio, link, quote, file, sticker, location
  std::string url;   // where anybody can see it; "" for what only we can fetch (reference)
  std::string thumbnail_url;
  std::string alt;
  std::string title;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::string reference;     // what Channel::media() fetches it by; the desk then keeps a copy of its own
  std::string name;          // of a file
  std::string content_type;  // as told
  std::int64_t size_bytes = 0;
};

enum class Visibility : std::uint8_t { kPublic, kPrivate };
enum class Direction : std::uint8_t { kIn, kOut, kContext };

struct Mark {  // UTF-16 offsets into the text: start inclusive, end exclusive
  std::int32_t start = 0;
  std::int32_t end = 0;
};

// A part of the text that is shown as something else.
struct Inline {
  std::string kind;  // emoji (image_url instead of the text), mention
  Mark place;
  std::string image_url;
  bool of_us = false;  // mentions us
};

// Who else a private post was written to: a mail's To and Cc.
struct Receiver {
  std::string role;  // to, cc; answer: whom an answer to this post goes to, once
  std::string name;
  std::string address;  // as Author::external_id
  bool is_us = false;
};

// A post, or a new revision of one that is known already (same external_id, other revision).
struct IncomingPost {
  Direction direction =
      Direction::kIn;       // kOut: by our own account; kContext: another user's post in the thread
  std::string reason;       // mention, reply, quote, message, found, context, own
  std::string external_id;  // unique in the workspace (a channel whose ids are not prefixes them)
  std::string revision;     // cid, version; empty when the network has none
  std::string parent_external_id;
  std::string thread_external_id;  // root of the thread, or the id of the private conversation
  Author author;
  std::string text;
  std::string language;  // BCP 47 as the network says; empty = not told
  std::string url;       // permalink
  TimeMs posted_at = 0;
  Visibility visibility = Visibility::kPublic;
  std::vector<Attachment> attachments;
  std::vector<Inline> inlines;
  std::string subject;  // of a mail
  std::string quoted;   // what it repeats of earlier mails: folded away
  std::string html;     // the same as text with its form, already made safe by the channel; "": none
  // Why the network will not take an answer to it ("" = it will): i18n "reply_closed.REASON": not_summoned,
  // encrypted, automatic. The console then offers what is left (compose_url, a private place).
  std::string reply_closed;
  std::string continues;  // the word of a link of ours, by which they came to this private place
  std::string
      reply_reference;  // JSON the channel needs to answer this post (Bluesky: root and parent with cid)
  std::vector<Id> topic_ids;  // topics that wanted it
  std::vector<Mark> marks;    // matched keywords
  std::string incomplete;  // why not all of it is shown, i18n "post.incomplete.REASON": too_large, encrypted
  std::vector<Receiver> receivers;
  // Threads it may belong to beside its own: an author who was a receiver there joins that thread's case.
  std::vector<std::string> joins;
};

struct IncomingDeletion {
  std::string external_id;
  TimeMs deleted_at = 0;
};

struct IncomingProfile {
  Author author;
};

// The author's account was deleted or taken down for good: everything it said is gone with it.
struct IncomingAuthorGone {
  std::string network;  // empty: the channel's own
  std::string external_id;
  TimeMs gone_at = 0;
  std::string
      posts_prefix;  // how the ids of its posts begin, up to a '/'; empty: an id does not tell its author
};

// Does the customer follow us, so that we may write? Shown on the card.
struct IncomingRelation {
  Author author;
  std::string relation;  // following, blocked
  TimeMs changed_at = 0;
};

// What became of something we sent.
struct IncomingReceipt {
  std::string external_id;  // of our post
  std::string kind;         // delivered, read, failed (a bounce: it did not arrive), copy_failed (one copy)
  std::string detail;       // for people, as the network says it
  TimeMs at = 0;
};

using Incoming = std::variant<IncomingPost, IncomingDeletion, IncomingProfile, IncomingAuthorGone,
                              IncomingRelation, IncomingReceipt>;

}  // namespace kiki::channels
