#pragma once
// The contract between the desk and a network. One folder a network; adding one edits no other file but
// server.cpp. All calls block and may run on any thread; a Channel object holds no state of an account.

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "channels/contract/incoming.hpp"
#include "net/http.hpp"
#include "net/http_client.hpp"

namespace kiki::channels {

// What an account may do. Data for the console, the checks and the outbox; never "if network == …" anywhere.
struct Capabilities {
  bool public_reply = false;
  bool private_reply = false;
  bool private_link = false;  // a link can bring somebody into a private place of it (private_place)
  bool like = false;
  bool repost = false;
  bool delete_own = false;
  bool thread_context = false;
  bool profile = false;
  bool edits = false;
  bool deletions = false;
  bool listens = false;       // has a public stream that topics can be matched on
  bool webhooks = false;      // webhook(): the network calls us
  bool compose_page = false;  // compose_url(): a person can write there by hand
  bool hide = false;          // answers of others in our own thread can be hidden
  bool public_files = false;  // fetches what we send from links of ours (Outgoing::Image::public_url)
  int images = 0;             // per reply
  std::size_t image_bytes = 0;
  bool image_alt = false;
  int text_limit = 0;                    // 0 = none
  std::string text_unit = "grapheme";    // grapheme, weighted, utf16, bytes
  std::string idempotent_send = "none";  // chosen_id, native_key, reconcile, none
  // What the network lets one account send: `count` in any `window_ms`. The outbox keeps to it beforehand.
  struct Rate {
    std::string action;  // reply, message (in private), like, …; "": all together
    int count = 0;
    std::int64_t window_ms = 0;
  };
  std::vector<Rate> rates;
  // With public_files: a picture larger than this needs a small version to be shown by (Image::preview_url).
  std::size_t preview_bytes = 0;
  bool typing = false;  // show_typing(): the customer can see that we are writing
  // Of a reply in private, where it differs; 0 and "": as in public.
  int private_text_limit = 0;
  std::string private_text_unit;
  // Why this account may not like although its network knows likes ("" = no such reason): i18n
  // "like_closed.REASON": plan.
  std::string like_closed;

  bool copies = false;  // an answer can go to other receivers of the answered post as well

  // As they hold for what is written in that place: its limit as text_limit.
  Capabilities in(Visibility place) const;
};

struct SettingField {
  std::string key;
  std::string type;  // text, url, secret, handle
  bool required = false;
  std::string default_value;
  std::string group;  // "": always seen; else folded away below i18n "network.NETWORK.group.GROUP"
};

struct Descriptor {
  std::string network;  // "bluesky": folder, database, API; the strings are i18n "network.bluesky.…"
  std::string mark;     // one or two letters for small places: "B"
  Capabilities capabilities;
  std::vector<SettingField> connect_fields;  // what the connect form asks for
  bool oauth = false;  // begin_sign_in(): the account's owner can agree on the network's own page
};

struct Account {
  Id workspace_id = 0;
  Id id = 0;
  std::string network;
  std::string kind;  // account, listener
  std::string external_id;
  std::string handle;
  std::string name;
  std::string settings;  // JSON object
};

// Secrets (sealed) and cursors of one account, durable when a setter returns.
class AccountState {
 public:
  virtual ~AccountState() = default;
  virtual Result<std::string> secret(std::string_view name) = 0;  // "" when there is none
  virtual Result<void> set_secrets(
      const std::vector<std::pair<std::string, std::string>>& secrets) = 0;  // all or none
  virtual Result<std::string> cursor(std::string_view name) = 0;             // "" when there is none
  virtual Result<void> set_cursor(std::string_view name, std::string_view value) = 0;
  // Counts money or messages: adds to the counter, unless it would pass `limit` (then kRateLimited, nothing
  // added). Returns the new sum. One step for all threads; a negative amount gives back what was not used.
  // (The form here, on a cursor, is for states of one thread.)
  virtual Result<std::int64_t> add(std::string_view counter, std::int64_t amount, std::int64_t limit);
};

// AccountState::add's rule: a counter's new value from its old one.
Result<std::int64_t> sum_within(std::string_view counted, std::int64_t amount, std::int64_t limit);

// One raw item for the journal.
struct RawItem {
  std::string source;  // the channel's word for the shape: "bluesky.notification"
  std::string body;
};

struct HeldPost {
  std::string external_id;
  std::string revision;  // as the network last told it; may be empty
};

// Where an account's reader puts what it heard.
class Inlet {
 public:
  virtual ~Inlet() = default;
  // Durable when it returns: the items and the cursor in one transaction. Only then may the network be
  // acknowledged.
  virtual Result<void> accept(std::vector<RawItem> items, std::string_view cursor_name = {},
                              std::string_view cursor_value = {}) = 0;
  // Shown on the account's page: ok, waiting, action_needed; detail in English, without secrets.
  virtual void health(std::string_view status, std::string_view detail) = 0;
  // After a time away everything of that time was accepted, `posts` of it new; the account's page says so.
  virtual void gap_closed(std::int64_t posts, TimeMs away_since) {
    (void)posts;
    (void)away_since;
  }
  // Something a person must mend that the status does not say, and its end. Told to people when it begins.
  // `kind`: i18n "account.problem.KIND" and "account.mend.KIND"; detail in English, without secrets.
  virtual void problem(std::string_view kind, std::string_view detail) {
    (void)kind;
    (void)detail;
  }
  virtual void mended(std::string_view kind) { (void)kind; }
  // Posts of this account that are worth checking for deletions and edits (stored, not deleted, in cases not
  // long closed).
  virtual Result<std::vector<HeldPost>> recent_posts(std::size_t limit) = 0;
  // Somebody answers by hand on the network's page (compose_url), and the post was not met yet: when the
  // latest such page was opened; 0 = none is awaited.
  virtual Result<TimeMs> awaits_own_post() { return TimeMs{0}; }
};

// One post of a public stream, as far as matching needs it.
struct StreamPost {
  std::string_view external_id;
  std::string_view author_external_id;
  std::string_view text;
  std::string_view language;
  std::string_view parent_external_id;
  std::string_view root_external_id;
  std::vector<std::string_view> links;     // beside those in the text
  std::vector<std::string_view> hashtags;  // without #, likewise
  bool has_image = false;
  bool has_video = false;
  bool is_quote = false;
};

// Where a public stream puts what it heard, for all workspaces at once.
class StreamInlet {
 public:
  virtual ~StreamInlet() = default;
  // Cheap and exact. True when a topic of some workspace wants it, or it is by or answers one of our
  // accounts, or we hold the post already (an edit): then offer() it.
  virtual bool wants(const StreamPost& post) = 0;
  // Do we hold this post in any workspace? For deletions.
  virtual bool knows(std::string_view external_id) = 0;
  // Journals the item for every workspace concerned. May return before it is durable; keeps the order.
  virtual Result<void> offer(const StreamPost& post, RawItem item) = 0;
  virtual Result<void> offer_deletion(std::string_view external_id, RawItem item) = 0;
  // Does any workspace know this author: as a customer, or by a post of theirs in somebody's thread
  // (`posts_prefix` as in IncomingAuthorGone)? Then what becomes of the account (a new handle, its end) is
  // offered to all that know it.
  virtual bool knows_author(std::string_view author_external_id, std::string_view posts_prefix) = 0;
  virtual Result<void> offer_author(std::string_view author_external_id, std::string_view posts_prefix,
                                    RawItem item) = 0;
  // Everything offered so far becomes durable, then the cursor is stored.
  virtual Result<void> checkpoint(std::string_view cursor_value) = 0;
  virtual Result<std::string> cursor() = 0;
  // For a stream that must be told what to bring: all that the topics listening here want, as rules of X's
  // filtered stream (listening/query/x_rules.hpp) of at most so many characters; each once, sorted. Cheap
  // while nothing changes.
  virtual Result<std::vector<std::string>> rules(std::size_t limit_characters) {
    (void)limit_characters;
    return std::vector<std::string>();
  }
  virtual void health(std::string_view status, std::string_view detail) = 0;
};

struct Outgoing {
  Id outbox_id = 0;
  Id case_id = 0;
  std::string action;                           // reply, like, unlike, repost, unrepost, delete, hide, unhide
  Visibility visibility = Visibility::kPublic;  // of what is answered
  std::string target_external_id;               // what is answered, liked, reposted; for delete: our own post
  std::string target_revision;
  std::string reply_reference;  // IncomingPost::reply_reference of the target
  std::string network_key;      // from choose_key(), stored before the first try
  std::string text;
  std::string language;
  TimeMs created_at = 0;
  std::string author_name;  // who of us wrote it, for receivers that show it
  struct Image {
    Id id = 0;
    std::string content_type;
    std::string alt;
    std::string body;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::string public_url;   // where the network can fetch it for some days; "": this desk has no public_url
    Id preview_id = 0;        // its small version; 0 = none
    std::string preview_url;  // where that is; the same as public_url when there is none
  };
  std::vector<Image> images;
  // For channels that deliver to a webhook: who is answered, so that the receiver need not look it up.
  Author recipient;
  std::string thread_external_id;
  std::vector<Receiver> copies;  // with Capabilities::copies: others who get it, chosen by the writer
  // What is answered, for networks whose answers repeat it; "": not there any more.
  struct Answered {
    std::string text;
    std::string name;
    std::string address;
    TimeMs at = 0;
  };
  Answered answered;
};

struct Sent {
  std::string external_id;  // of our post on the network
  std::string revision;
  std::string url;
  std::vector<std::string> refused_copies;  // "address: why": who was answered has it, these have not
};

struct Delivery {  // one try of an outgoing webhook, for the delivery log
  std::string url;
  std::int64_t duration_ms = 0;
  int status = 0;  // HTTP status; 0 = no answer
  std::string excerpt;
};

struct Connected {
  std::string external_id;
  std::string handle;
  std::string name;
  std::string avatar_url;
  std::string settings;  // JSON object
  std::vector<std::pair<std::string, std::string>> secrets;
};

// What the network answers when it calls, and what it brought. The platform makes the items durable first and
// answers then; when that fails it answers 503, so that the network calls again.
struct WebhookAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<RawItem> items;
  std::string note;  // for the list of last deliveries: "3 events", "wrong signature"; English, no secrets
};

// A file of a customer's post.
struct Media {
  std::string content_type;  // as the content says, not only the header
  std::string name;          // "" = none told; a name, never a path
  std::string body;
};

// What an account has used of what it may: money of the day, messages of the month.
struct Meter {
  std::string name;  // i18n "meter.NAME": spend, messages, calls
  std::string unit;  // microdollar, message, call
  std::int64_t used = 0;
  std::int64_t limit = 0;  // 0 = none
  TimeMs resets_at = 0;    // 0 = never
};

// The account's owner agrees on the network's page. `keep` is sealed until they come back.
struct SignInStart {
  std::string authorize_url;
  std::string state;  // what the network brings back to us and nobody can guess ("state", or a request token)
  std::vector<std::pair<std::string, std::string>> keep;
};

// What the platform lends a channel. References outlive every call.
struct Tools {
  net::HttpClient& http;
  net::SsrfPolicy ssrf;
  const Clock& clock;
  Random& random;
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual const Descriptor& descriptor() const = 0;
  // What this account may do: what the network knows, less what the account's contract with it leaves out.
  virtual Capabilities capabilities(const Account& account) const;

  // Checks credentials or settings with the network. `fields` as connect_fields ask. kInvalid names the field
  // in `where`.
  virtual Result<Connected> connect(const std::vector<std::pair<std::string, std::string>>& fields,
                                    std::stop_token stop) = 0;

  // Connecting on the network's own page, for channels with Descriptor::oauth. `fields` as in connect();
  // `redirect_url` is ours. `answer` is the query the network came back with.
  virtual Result<SignInStart> begin_sign_in(const std::vector<std::pair<std::string, std::string>>& fields,
                                            std::string_view redirect_url, std::stop_token stop);
  virtual Result<Connected> finish_sign_in(const std::vector<std::pair<std::string, std::string>>& keep,
                                           const std::vector<std::pair<std::string, std::string>>& answer,
                                           std::string_view redirect_url, std::stop_token stop);
  // After connecting or re-connecting, and whenever our public address changed: tells the network where to
  // call ("" = this desk has no public address). Called again must do no harm.
  virtual Result<void> subscribe(const Account& account, AccountState& state, std::string_view webhook_url,
                                 std::stop_token stop);
  // The network calls, for channels with capabilities.webhooks. Proves who calls before anything else. Fast:
  // no network. Any thread.
  virtual Result<WebhookAnswer> webhook(const Account& account, AccountState& state,
                                        const net::HttpRequest& request);
  // What is used and what is left, for the account's page.
  virtual Result<std::vector<Meter>> meters(const Account& account, AccountState& state);

  // Pure and repeatable: no clock, no network. kCorrupt or kInvalid: stays in the journal as a failure.
  virtual Result<std::vector<Incoming>> parse(const Account& account, const RawItem& item,
                                              TimeMs received_at) const = 0;

  // Reads until stop is requested. Reconnects, backs off and closes gaps by itself; returns an error only
  // when a person must act (dead token). Channels that are only pushed to return at once.
  virtual Result<void> read(const Account& account, AccountState& state, Inlet& inlet,
                            std::stop_token stop) = 0;

  // Reads the network's public stream for all workspaces, for channels with capabilities.listens.
  virtual Result<void> listen(StreamInlet& inlet, std::stop_token stop) {
    (void)inlet;
    (void)stop;
    return {};
  }

  // True when replies wait until the other side fetches them: send() is never called, the API marks them.
  virtual bool is_pulled(const Account& account) const {
    (void)account;
    return false;
  }

  // The network's own page on which a person answers this post by hand with this text; "" when there is none.
  virtual std::string compose_url(const Account& account, const Outgoing& outgoing) const;

  // A file of a post (Attachment::reference), asked for in the background soon after the post came, and kept
  // by us then. `item` is what the post was parsed from. kNotFound: gone for good; other faults: asked again.
  virtual Result<Media> media(const Account& account, AccountState& state, const RawItem& item,
                              std::string_view reference, std::stop_token stop);

  // Where a customer is led to speak with this account in private, with the link's word in it (or the bare
  // place, when there is none); "" when the account has no such place. For channels with
  // capabilities.private_link.
  virtual std::string private_place(const Account& account, std::string_view token) const {
    (void)account;
    (void)token;
    return {};
  }

  // Somebody of us writes in this private conversation, or no longer: shown to the customer, for channels
  // with capabilities.typing. A nicety: told again while it lasts, and what goes wrong changes nothing.
  virtual Result<void> show_typing(const Account& account, AccountState& state,
                                   std::string_view thread_external_id, bool is_writing,
                                   std::stop_token stop) {
    (void)account;
    (void)state;
    (void)thread_external_id;
    (void)is_writing;
    (void)stop;
    return {};
  }

  // The id under which the network will know it, where it can be chosen (idempotent_send "chosen_id"); else
  // "".
  virtual std::string choose_key(const Account& account, const Outgoing& outgoing) = 0;
  // external_id our post will have, when known before it is sent; else "".
  virtual std::string planned_external_id(const Account& account, const Outgoing& outgoing) const = 0;

  // kUnclear: may have happened. kRateLimited carries retry_after_ms. kUnauthenticated: a person must act.
  virtual Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                            std::vector<Delivery>& log, std::stop_token stop) = 0;
  // After an unclear failure: did it arrive? Nothing = certainly not.
  virtual Result<std::optional<Sent>> look_up(const Account& account, AccountState& state,
                                              const Outgoing& outgoing, std::stop_token stop) = 0;
  // Is it visible to everybody (the network's public view)? False = not yet.
  virtual Result<bool> is_visible(const Account& account, AccountState& state, const Outgoing& outgoing,
                                  const Sent& sent, std::stop_token stop) = 0;

  // The thread around a post, root first, as raw items for parse(). Empty when the channel has none.
  virtual Result<std::vector<RawItem>> thread(const Account& account, AccountState& state,
                                              std::string_view external_id, std::stop_token stop) = 0;
  virtual Result<std::optional<Author>> profile(const Account& account, AccountState& state,
                                                std::string_view external_id, std::stop_token stop) = 0;
};

}  // namespace kiki::channels
