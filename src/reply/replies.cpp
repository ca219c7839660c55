#include "reply/replies.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "cases/done_requests.hpp"
#include "cases/private_links.hpp"
#include "reply/approvals.hpp"
#include "reply/copies.hpp"
#include "reply/outgoing.hpp"
#include "reply/private_place.hpp"
#include "reply/rewards.hpp"
#include "reply/saved/template.hpp"
#include "reply/saved_replies.hpp"
#include "text/length.hpp"

namespace kiki::reply {

// The post that is answered or reacted to, with everything the network wants to know of it.
struct Target {
  Id case_id = 0;
  Id account_id = 0;
  std::string account_network;
  std::string direction;
  std::string external_id;
  std::string revision;
  std::string reply_reference;
  std::string language;
  std::string thread_external_id;
  std::string visibility;
  channels::Author author;
  Id identity_id = 0;
  std::string reply_closed;
  bool deleted = false;
  std::vector<channels::Receiver> receivers;
};

namespace {

Error cannot(std::string message, std::string code) {
  return {ErrorKind::kUnprocessable, std::move(message), {}, std::move(code), 0};
}

Result<Target> read_target(store::Connection& db, Id workspace_id, Id post_id) {
  auto target = TRY(
      db.one("SELECT p.case_id, p.account_id, a.network, p.direction, p.external_id, p.revision, "
             "p.extra, p.language, "
             "c.external_id, i.external_id, i.handle, i.name, p.deleted_at, c.visibility, i.id FROM posts p "
             "JOIN conversations c ON c.workspace_id = p.workspace_id AND c.id = p.conversation_id "
             "JOIN accounts a ON a.workspace_id = p.workspace_id AND a.id = c.account_id "
             "LEFT JOIN identities i ON i.workspace_id = p.workspace_id AND i.id = p.identity_id "
             "WHERE p.workspace_id = $1 AND p.id = $2",
             {workspace_id, post_id}, [](const store::Row& row) {
               Target found;
               found.case_id = row.integer(0);
               found.account_id = row.integer(1);
               found.account_network = row.string(2);
               found.direction = row.string(3);
               found.external_id = row.string(4);
               found.revision = row.string(5);
               found.reply_reference = row.string(6);  // all of extra; narrowed below
               found.language = row.string(7);
               found.thread_external_id = row.string(8);
               found.author.external_id = row.string(9);
               found.author.handle = row.string(10);
               found.author.name = row.string(11);
               found.deleted = !row.null(12);
               found.visibility = row.string(13);
               found.identity_id = row.integer(14);
               return found;
             }));
  if (!target) return not_found("There is no such post.");
  auto extra = JsonDocument::parse(target->reply_reference);
  const auto reference = extra.ok() ? extra->root()["reply"] : JsonView{};
  if (extra.ok()) target->reply_closed = extra->root()["reply_closed"].text();
  if (extra.ok()) target->receivers = TRY(read_receivers(extra->root()["receivers"]));
  target->reply_reference = reference.is_string() ? std::string(reference.text())
                            : reference.exists()  ? reference.raw()
                                                  : "";
  return std::move(*target);
}

Result<std::pair<channels::Account, std::string>> account_and_status(store::Connection& db, Id workspace_id,
                                                                     Id account_id) {
  auto row =
      TRY(db.one("SELECT id, network, kind, external_id, handle, name, settings, status FROM accounts "
                 "WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
                 {workspace_id, account_id}, [&](const store::Row& found) {
                   channels::Account account;
                   account.workspace_id = workspace_id;
                   account.id = found.integer(0);
                   account.network = found.string(1);
                   account.kind = found.string(2);
                   account.external_id = found.string(3);
                   account.handle = found.string(4);
                   account.name = found.string(5);
                   account.settings = found.string(6);
                   return std::pair(std::move(account), found.string(7));
                 }));
  if (!row) return invalid("There is no such account.", "/account_id");
  return std::move(*row);
}

// May this account speak there at all? What it may do is the channel's word, passed on as capabilities.
Result<channels::Account> usable_account(store::Connection& db, Id workspace_id, Id account_id,
                                         const Target& target) {
  auto row = TRY(account_and_status(db, workspace_id, account_id));
  if (row.first.kind != "account") return cannot("This account only listens.", "listener");
  if (row.second == "paused") return cannot("This account is paused.", "paused");
  if (row.first.network != target.account_network)
    return cannot("This account is on another network.", "other_network");
  return std::move(row.first);
}

std::string user_name(store::Connection& db, Id user_id) {
  auto name = db.one("SELECT name FROM users WHERE id = $1", {user_id},
                     [](const store::Row& row) { return row.string(0); });
  return name.ok() && *name ? **name : std::string();
}

Result<OutboxRow> read_back(store::Connection& db, Id workspace_id, Id id) {
  auto row = TRY(find(db, workspace_id, id));
  if (!row) return not_found("There is no such reply.");
  return std::move(*row);
}

Result<void> check_length(std::string_view text, const channels::Capabilities& can) {
  if (can.text_limit == 0) return {};
  const auto limit = static_cast<std::size_t>(can.text_limit);
  const auto length = text::length_in(can.text_unit, text);
  if (length <= limit) return {};
  return Error{ErrorKind::kInvalid,
               "The text has " + std::to_string(length) + " characters; the network allows " +
                   std::to_string(limit) + ".",
               "/text", "too_long", 0};
}

// Was the customer's newest post of the case written in private?
Result<bool> wrote_privately(store::Connection& db, const NewReply& reply) {
  const auto newest = TRY(db.one(
      "SELECT c.visibility FROM posts p JOIN conversations c ON c.workspace_id = p.workspace_id AND c.id = "
      "p.conversation_id WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.direction = 'in' "
      "ORDER BY p.posted_at DESC, p.id DESC LIMIT 1",
      {reply.workspace_id, reply.case_id}, [](const store::Row& row) { return row.string(0); }));
  return newest == "private";
}

Result<std::vector<std::string>> our_mailboxes(store::Connection& db, Id workspace_id,
                                               std::string_view network) {
  return db.all("SELECT handle FROM accounts WHERE workspace_id = $1 AND network = $2 AND removed_at IS NULL",
                {workspace_id, network}, [](const store::Row& row) { return row.string(0); });
}

Error answered_meanwhile() {
  return conflict("A colleague has answered meanwhile.", "answered_meanwhile");
}

// Has a colleague answered what the writer had not seen answered? What failed or was taken back is no answer.
Result<bool> was_answered(store::Connection& db, const NewReply& reply) {
  const auto answer = TRY(db.one(
      "SELECT p.id FROM posts p WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.direction = 'out' AND "
      "p.id > $3 AND p.author_user_id IS NOT NULL AND p.author_user_id <> $4 AND p.deleted_at IS NULL AND "
      "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.workspace_id = p.workspace_id AND o.post_id = p.id AND "
      "o.action = 'reply' AND o.state IN ('failed', 'cancelled')) LIMIT 1",
      {reply.workspace_id, reply.case_id, reply.seen_post_id, reply.user_id},
      [](const store::Row& row) { return row.integer(0); }));
  return answer.has_value();
}

// A reply that is to go out once more: what stood there when it was written was seen.
NewReply again(const OutboxRow& row, Id user_id, Id seen_post_id) {
  return {.workspace_id = row.workspace_id,
          .case_id = row.case_id,
          .user_id = user_id,
          .seen_post_id = std::max(seen_post_id, row.post_id)};
}

// What is done to somebody's post, and what takes it back.
struct Reaction {
  std::string_view does;
  std::string_view undoes;
  bool channels::Capabilities::* can;
};
constexpr Reaction kReactions[] = {{"like", "unlike", &channels::Capabilities::like},
                                   {"repost", "unrepost", &channels::Capabilities::repost},
                                   {"hide", "unhide", &channels::Capabilities::hide}};
const Reaction& reaction_of(std::string_view action) {
  const auto* found = std::ranges::find_if(
      kReactions, [&](const Reaction& one) { return action == one.does || action == one.undoes; });
  CHECK(found != std::end(kReactions));
  return *found;
}

// Who said what of a reply that nobody could tell of: stands in the case for good.
Result<void> tell_settled(store::Transaction& tx, events::EventLog& log, const OutboxRow& row,
                          const Settlement& settled) {
  return tell(tx, log, row, "reply.settled", settled.user_id, {{"arrived", settled.arrived}});
}

// What a change of state tells: stored by move(); the first state has no row to move from.
Result<void> tell_created(store::Transaction& tx, events::EventLog& log, const OutboxRow& row) {
  return tell(tx, log, row, "reply.state", row.created_by,
              {{"action", row.action}, {"state", row.state}, {"created", true}});
}

}  // namespace

Result<void> Replies::check_shape(const NewReply& reply) {
  if (reply.request_id.empty() || reply.request_id.size() > kRequestIdLimitBytes) {
    return invalid("Expected 1 to 100 bytes.", "/request_id");
  }
  if (reply.text.size() > kTextLimitBytes)
    return Error{ErrorKind::kInvalid, "The text is too long.", "/text", "too_long", 0};
  if (reply.attachment_ids.empty() && reply.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Error{ErrorKind::kInvalid, "There is nothing to send.", "/text", "empty", 0};
  }
  return {};
}

Result<CheckAnswer> Replies::check(const NewReply& reply, CheckRequest::Links links) {
  return parts_.checks.check({.workspace_id = reply.workspace_id,
                              .case_id = reply.case_id,
                              .user_id = reply.user_id,
                              .account_id = reply.account_id,
                              .target_post_id = reply.target_post_id,
                              .text = reply.text,
                              .has_second_person = reply.has_second_person,
                              .links = links});
}

Error blocked_error(const std::vector<checks::Finding>& findings) {
  const auto worst = checks::worst(findings);
  std::string names;
  for (const auto& finding : findings) {
    if (finding.severity != worst) continue;
    const auto name = checks::name(finding.check);
    if (names.find(name) != std::string::npos) continue;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  const bool blocked = worst == checks::Severity::kBlocked;
  return {ErrorKind::kUnprocessable,
          (blocked ? "This must not be sent: " : "A second person must approve this: ") + names + ".",
          "/text", blocked ? "blocked" : "needs_second_person", 0};
}

Result<OutboxRow> Replies::submit(const NewReply& reply, std::vector<checks::Finding>* findings) {
  TRY(check_shape(reply));
  const auto known = [&](store::Connection& db) -> Result<std::optional<OutboxRow>> {
    if (auto sent = TRY(find_by_request(db, reply.workspace_id, reply.request_id))) return sent;
    if (const auto asked = TRY(find_approval_by_request(db, reply.workspace_id, reply.request_id))) {
      return conflict("An approval was asked for under this request.", "approval_asked");
    }
    return std::optional<OutboxRow>();
  };
  {
    auto reader = TRY(parts_.db.reader());
    if (auto sent = TRY(known(*reader))) return std::move(*sent);
    // What the network would refuse anyway has its own words, before any check.
    TRY(way_of(*reader, reply));
  }
  const auto checked = TRY(check(reply, CheckRequest::Links::kWait));
  if (findings != nullptr) *findings = checked.findings;
  if (checks::worst(checked.findings) >= checks::Severity::kSecondPerson)
    return blocked_error(checked.findings);
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    if (auto sent = TRY(known(tx.db()))) return std::move(*sent);
    return create(tx, reply);
  }));
  log::info("reply accepted", {{"workspace_id", row.workspace_id},
                               {"case_id", row.case_id},
                               {"outbox_id", row.id},
                               {"post_id", row.post_id}});
  parts_.wake();
  return row;
}

Result<Replies::Way> Replies::way_of(store::Connection& db, const NewReply& reply, bool by_hand) const {
  Way way;
  way.target = std::make_shared<Target>(TRY(read_target(db, reply.workspace_id, reply.target_post_id)));
  const auto& target = *way.target;
  if (target.case_id != reply.case_id) return invalid("The post belongs to another case.", "/target_post_id");
  if (target.deleted) return cannot("The post was deleted.", "deleted");
  way.account = TRY(usable_account(db, reply.workspace_id, reply.account_id, target));
  way.channel = parts_.channel(way.account.network);
  if (way.channel == nullptr) return cannot("This network is not available.", "no_channel");
  const auto can = way.channel->capabilities(way.account)
                       .in(target.visibility == "private" ? channels::Visibility::kPrivate
                                                          : channels::Visibility::kPublic);
  if (by_hand) {
    if (!can.compose_page) return cannot("This network has no page to write on.", "no_compose_page");
    if (!reply.attachment_ids.empty())
      return Error{ErrorKind::kInvalid, "Pictures cannot be taken along to the network's page.",
                   "/attachment_ids", "not_by_hand", 0};
  } else {
    if (target.visibility == "private" ? !can.private_reply : !can.public_reply)
      return cannot("This account cannot reply there.", "not_supported");
    if (!target.reply_closed.empty())
      return cannot("The network takes no answer to this post.", "reply_closed");
  }
  if (target.visibility == "public" && !reply.public_chosen && TRY(wrote_privately(db, reply))) {
    return cannot("They wrote in private; this goes out in public. Say \"in_public\": true to mean it.",
                  "public_not_chosen");
  }
  if (reply.seen_post_id != 0 && TRY(was_answered(db, reply))) return answered_meanwhile();
  TRY(check_length(reply.text, can));
  if (!reply.copy_to.empty()) {
    if (!can.copies || by_hand) return invalid("There are no copies on this network.", "/copy_to");
    TRY(chosen_copies(target.receivers, reply.copy_to,
                      TRY(our_mailboxes(db, reply.workspace_id, way.account.network))));
  }
  if (reply.attachment_ids.size() > static_cast<std::size_t>(can.images)) {
    return Error{ErrorKind::kInvalid, "More pictures than the network allows.", "/attachment_ids", "too_many",
                 0};
  }
  return way;
}

Result<void> Replies::check_way(store::Transaction& tx, const NewReply& reply) {
  TRY(way_of(tx.db(), reply));
  return {};
}

std::string written_text(const OutboxRow& row) {
  const auto document = JsonDocument::parse(row.body);
  if (!document.ok()) return {};
  const auto written = document->root()["written"];
  return std::string(written.exists() ? written.text() : document->root()["text"].text());
}

Result<std::vector<std::string>> copied_to(const OutboxRow& row) {
  const auto document = JsonDocument::parse(row.body);
  std::vector<std::string> addresses;
  if (!document.ok()) return addresses;
  for (auto& one : TRY(read_receivers(document->root()["copies"])))
    addresses.push_back(std::move(one.address));
  return addresses;
}

Result<std::string> Replies::text_for_sending(store::Transaction& tx, const NewReply& reply, Id outbox_id) {
  if (reply.text.find("{{") == std::string::npos) return reply.text;
  auto& db = tx.db();
  const auto now_ms = parts_.clock.now_ms();
  const auto target = TRY(read_target(db, reply.workspace_id, reply.target_post_id));
  const auto text =
      TRY(bind_rewards(tx, parts_.log, {reply.workspace_id, reply.case_id, target.identity_id, reply.user_id},
                       outbox_id, reply.text, now_ms));
  std::string filled;
  std::size_t at = 0;
  std::string url;
  for (const auto& variable : saved::variables_of(text)) {
    if (variable.name != "private_link") continue;
    if (url.empty()) {
      const auto stored =
          TRY(db.one("SELECT rules FROM reply_rules WHERE workspace_id = $1", {reply.workspace_id},
                     [](const store::Row& row) { return row.string(0); }));
      const auto playbook = checks::parse_rules(stored.value_or("")).playbook;
      const auto place = TRY(find_private_place(db, parts_.channel, reply.workspace_id, playbook));
      if (!place)
        return cannot("No account has a private place that a link could lead to.", "no_private_place");
      cases::PrivateLink link;
      link.workspace_id = reply.workspace_id;
      link.case_id = reply.case_id;
      link.account_id = place->id;
      link.outbox_id = outbox_id;
      link.was_public = target.visibility == "public";
      link.created_by = reply.user_id;
      link.expires_at = now_ms + playbook.link_hours * 3'600'000;
      url = reply.base_url + "/p/" + TRY(cases::make_private_link(tx, parts_.ids, link, now_ms));
    }
    filled += std::string_view(text).substr(at, variable.range.begin - at);
    filled += url;
    at = variable.range.end;
  }
  filled += std::string_view(text).substr(at);
  return filled;
}

Result<OutboxRow> Replies::create(store::Transaction& tx, const NewReply& written) {
  auto& db = tx.db();
  NewReply reply = written;
  const auto outbox_id = parts_.ids.next();
  reply.text = TRY(text_for_sending(tx, written, outbox_id));
  const auto way = TRY(way_of(db, reply));
  const auto& target = *way.target;
  const auto& account = way.account;
  auto* channel = way.channel;
  const auto can = channel->capabilities(account);
  const auto now_ms = parts_.clock.now_ms();
  channels::Outgoing outgoing;
  outgoing.outbox_id = outbox_id;
  outgoing.case_id = reply.case_id;
  outgoing.action = "reply";
  if (target.visibility == "private") outgoing.visibility = channels::Visibility::kPrivate;
  outgoing.target_external_id = target.external_id;
  outgoing.target_revision = target.revision;
  outgoing.reply_reference = target.reply_reference;
  outgoing.text = reply.text;
  outgoing.language = reply.language.empty() ? target.language : reply.language;
  outgoing.created_at = now_ms;
  outgoing.recipient = target.author;
  outgoing.thread_external_id = target.thread_external_id;
  outgoing.author_name = user_name(db, reply.user_id);
  if (!reply.copy_to.empty())
    outgoing.copies = TRY(chosen_copies(target.receivers, reply.copy_to,
                                        TRY(our_mailboxes(db, reply.workspace_id, account.network))));
  json::array shown;
  for (std::size_t i = 0; i < reply.attachment_ids.size(); ++i) {
    const auto id = reply.attachment_ids[i];
    auto image = TRY(db.one(
        "SELECT content_type, alt, bytes, width, height, preview_id FROM attachments WHERE workspace_id = "
        "$1 AND id = $2",
        {reply.workspace_id, id}, [&](const store::Row& found) {
          channels::Outgoing::Image read;
          read.id = id;
          read.content_type = found.string(0);
          read.alt = found.string(1);
          read.width = found.integer(3);
          read.height = found.integer(4);
          read.preview_id = found.integer(5);
          return std::pair(std::move(read), static_cast<std::size_t>(found.integer(2)));
        }));
    const auto place = "/attachment_ids/" + std::to_string(i);
    if (!image) return invalid("There is no such attachment.", place);
    if (can.image_bytes != 0 && image->second > can.image_bytes) {
      return Error{ErrorKind::kInvalid, "The picture is larger than the network allows.", place,
                   "image_too_large", 0};
    }
    if (can.preview_bytes != 0 && image->second > can.preview_bytes && image->first.preview_id == 0) {
      return Error{ErrorKind::kInvalid, "This network shows a large picture by a small version of it first.",
                   place, "image_needs_preview", 0};
    }
    const auto url = "/api/v1/workspaces/" + to_string(reply.workspace_id) + "/attachments/" + to_string(id);
    shown.push_back(json::object{{"kind", "image"},
                                 {"url", url},
                                 {"thumbnail_url", url},
                                 {"alt", image->first.alt},
                                 {"title", ""},
                                 {"width", image->first.width},
                                 {"height", image->first.height}});
    outgoing.images.push_back(std::move(image->first));
  }
  outgoing.network_key = channel->choose_key(account, outgoing);

  cases::OurReply ours;
  ours.workspace_id = reply.workspace_id;
  ours.case_id = reply.case_id;
  ours.post_id = parts_.ids.next();
  ours.account_id = account.id;
  ours.target_post_id = reply.target_post_id;
  ours.author_user_id = reply.user_id;
  ours.external_id = channel->planned_external_id(account, outgoing);
  ours.text = reply.text;
  ours.language = outgoing.language;
  json::object extra{{"attachments", std::move(shown)}};
  if (can.copies) extra["receivers"] = receivers_of_reply(target.receivers, outgoing.copies);
  ours.extra = json::serialize(extra);
  ours.posted_at = now_ms;
  TRY(parts_.cases.record_reply(tx, ours));

  OutboxRow made;
  made.workspace_id = reply.workspace_id;
  made.id = outgoing.outbox_id;
  made.case_id = reply.case_id;
  made.account_id = account.id;
  made.post_id = ours.post_id;
  made.action = outgoing.action;
  made.target_external_id = outgoing.target_external_id;
  made.network_key = outgoing.network_key;
  made.request_id = reply.request_id;
  made.body = body_of(outgoing, written.text == reply.text ? std::string_view() : written.text);
  // Always held first, also for no time at all: one way into the sender.
  made.state = "held";
  made.next_at = now_ms + reply.undo_send_ms;
  made.created_by = reply.user_id;
  made.created_at = now_ms;
  TRY(insert(db, made));
  TRY(tell_created(tx, parts_.log, made));
  if (reply.saved_reply_id != 0) {
    TRY(SavedReplies::record_use(
        tx, {reply.workspace_id, reply.case_id, reply.target_post_id, reply.account_id, reply.user_id},
        reply.saved_reply_id, made.id, written.text, now_ms));
  }
  return made;
}

Result<OutboxRow> Replies::thank(NewReply reply, SavedReplies& saved,
                                 std::vector<checks::Finding>* findings) {
  {
    auto reader = TRY(parts_.db.reader());
    if (auto sent = TRY(find_by_request(*reader, reply.workspace_id, reply.request_id)))
      return std::move(*sent);
    const auto target = TRY(read_target(*reader, reply.workspace_id, reply.target_post_id));
    reply.case_id = target.case_id;
    const auto answered = TRY(reader->one(
        "SELECT 1 FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = 'out' "
        "AND parent_external_id = $3 AND deleted_at IS NULL",
        {reply.workspace_id, reply.case_id, target.external_id}, [](const store::Row&) { return true; }));
    if (answered) return conflict("This post has an answer already.", "answered");
  }
  const auto thanks = TRY(saved.thanks(
      {reply.workspace_id, reply.case_id, reply.target_post_id, reply.account_id, reply.user_id}));
  if (!thanks) return cannot("No saved reply is marked as a thank-you.", "no_thanks");
  if (!thanks->filled.missing.empty())
    return cannot("The thank-you has nothing to put for " + thanks->filled.missing.front() + ".", "unfilled");
  reply.saved_reply_id = thanks->reply.id;
  reply.text = thanks->filled.text;
  reply.language = thanks->filled.language;
  reply.attachment_ids = thanks->filled.attachment_ids;
  return submit(reply, findings);
}

Result<OutboxRow> Replies::react(Id workspace_id, Id user_id, Id post_id, std::string_view action,
                                 Id account_id) {
  const auto& reaction = reaction_of(action);
  const bool undo = action == reaction.undoes;
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    auto& db = tx.db();
    auto target = TRY(read_target(db, workspace_id, post_id));
    if (target.deleted && !undo) return cannot("The post was deleted.", "deleted");
    const auto account = TRY(usable_account(db, workspace_id, account_id, target));
    auto* channel = parts_.channel(account.network);
    if (channel == nullptr) return cannot("This network is not available.", "no_channel");
    const auto can = channel->capabilities(account);
    if (!(can.*reaction.can)) return cannot("This account cannot do that.", "not_supported");

    const auto done = TRY(find_by_post(db, workspace_id, post_id, reaction.does));
    const auto undone = TRY(find_by_post(db, workspace_id, post_id, reaction.undoes));
    const bool stands = done && done->state != "failed" && done->state != "cancelled" &&
                        (!undone || undone->id < done->id || undone->state == "failed");
    if (!undo && stands) return *done;
    if (undo && !stands) {
      if (undone) return *undone;
      return conflict("There is nothing to take back.", "not_done");
    }

    channels::Outgoing outgoing;
    outgoing.outbox_id = parts_.ids.next();
    outgoing.case_id = target.case_id;
    outgoing.action = action;
    outgoing.target_external_id = target.external_id;
    outgoing.target_revision = target.revision;
    outgoing.reply_reference = target.reply_reference;
    outgoing.recipient = target.author;
    outgoing.created_at = parts_.clock.now_ms();
    // Taking back names what was made then.
    outgoing.network_key = undo ? done->network_key : channel->choose_key(account, outgoing);

    OutboxRow made;
    made.workspace_id = workspace_id;
    made.id = outgoing.outbox_id;
    made.case_id = target.case_id;
    made.account_id = account.id;
    made.post_id = post_id;
    made.action = outgoing.action;
    made.target_external_id = outgoing.target_external_id;
    made.network_key = outgoing.network_key;
    made.request_id = "outbox:" + to_string(outgoing.outbox_id);
    made.body = body_of(outgoing);
    made.state = "queued";
    made.next_at = outgoing.created_at;
    made.created_by = user_id;
    made.created_at = outgoing.created_at;
    TRY(insert(db, made));
    TRY(tell_created(tx, parts_.log, made));
    return made;
  }));
  parts_.wake();
  return row;
}

Result<OutboxRow> Replies::delete_post(Id workspace_id, Id user_id, Id post_id) {
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    auto& db = tx.db();
    auto target = TRY(read_target(db, workspace_id, post_id));
    if (target.direction != "out") return cannot("Only our own posts can be deleted.", "not_ours");
    if (auto known = TRY(find_by_post(db, workspace_id, post_id, "delete"));
        known && known->state != "failed")
      return std::move(*known);
    if (target.deleted) return conflict("It is deleted already.", "deleted");
    const auto sent = TRY(find_by_post(db, workspace_id, post_id, "reply"));
    const auto account_id = sent ? sent->account_id : target.account_id;
    if (sent && sent->state != "sent" && sent->state != "confirmed")
      return conflict("It has not been sent.", "not_sent");
    const auto account = TRY(usable_account(db, workspace_id, account_id, target));
    auto* channel = parts_.channel(account.network);
    if (channel == nullptr || !channel->capabilities(account).delete_own) {
      return cannot("This network does not let us delete.", "not_supported");
    }
    channels::Outgoing outgoing;
    outgoing.outbox_id = parts_.ids.next();
    outgoing.action = "delete";
    outgoing.target_external_id = target.external_id;

    OutboxRow made;
    made.workspace_id = workspace_id;
    made.id = outgoing.outbox_id;
    made.case_id = target.case_id;
    made.account_id = account.id;
    made.post_id = post_id;
    made.action = outgoing.action;
    made.target_external_id = outgoing.target_external_id;
    made.network_key = sent ? sent->network_key : "";
    made.request_id = "outbox:" + to_string(made.id);
    made.body = body_of(outgoing);
    made.state = "queued";
    made.next_at = made.created_at = parts_.clock.now_ms();
    made.created_by = user_id;
    TRY(insert(db, made));
    TRY(tell_created(tx, parts_.log, made));
    return made;
  }));
  parts_.wake();
  return row;
}

Result<std::string> Replies::page_of(store::Connection& db, const OutboxRow& row) const {
  const auto outgoing = TRY(to_outgoing(db, row, false));
  const auto account = TRY(db.one(
      "SELECT network, kind, external_id, handle, name, settings FROM accounts WHERE workspace_id = $1 AND "
      "id = $2",
      {row.workspace_id, row.account_id}, [&](const store::Row& found) {
        return channels::Account{row.workspace_id, row.account_id,  found.string(0), found.string(1),
                                 found.string(2),  found.string(3), found.string(4), found.string(5)};
      }));
  const auto* channel = account ? parts_.channel(account->network) : nullptr;
  if (channel == nullptr) return std::string();
  auto url = channel->compose_url(*account, outgoing);
  // It becomes a link that people follow.
  return url.starts_with("https://") || url.starts_with("http://") ? url : std::string();
}

Result<Replies::Elsewhere> Replies::open_elsewhere(const NewReply& written,
                                                   std::vector<checks::Finding>* findings) {
  TRY(check_shape(written));
  const auto again = [&](store::Connection& db) -> Result<std::optional<Elsewhere>> {
    auto known = TRY(find_by_request(db, written.workspace_id, written.request_id));
    if (!known) return std::optional<Elsewhere>();
    if (known->state != "elsewhere") return conflict("This request was something else.", "request_used");
    auto url = TRY(page_of(db, *known));
    return std::optional(Elsewhere{std::move(*known), std::move(url)});
  };
  {
    auto reader = TRY(parts_.db.reader());
    if (auto known = TRY(again(*reader))) return std::move(*known);
    TRY(way_of(*reader, written, true));
  }
  const auto checked = TRY(check(written, CheckRequest::Links::kWait));
  if (findings != nullptr) *findings = checked.findings;
  if (checks::worst(checked.findings) >= checks::Severity::kSecondPerson)
    return blocked_error(checked.findings);
  return parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<Elsewhere> {
    auto& db = tx.db();
    if (auto known = TRY(again(db))) return std::move(*known);
    const auto now_ms = parts_.clock.now_ms();
    auto reply = written;
    OutboxRow made;
    made.id = parts_.ids.next();
    reply.text = TRY(text_for_sending(tx, written, made.id));
    const auto way = TRY(way_of(db, reply, true));
    const auto older =
        TRY(db.all("SELECT id FROM outbox WHERE workspace_id = $1 AND case_id = $2 AND account_id = $3 AND "
                   "target_external_id = $4 AND state = 'elsewhere'",
                   {reply.workspace_id, reply.case_id, reply.account_id, way.target->external_id},
                   [](const store::Row& row) { return row.integer(0); }));
    for (const Id id : older) TRY(take_back(tx, TRY(read_back(db, reply.workspace_id, id)), reply.user_id));
    channels::Outgoing outgoing;
    outgoing.outbox_id = made.id;
    outgoing.case_id = reply.case_id;
    outgoing.action = "reply";
    if (way.target->visibility == "private") outgoing.visibility = channels::Visibility::kPrivate;
    outgoing.target_external_id = way.target->external_id;
    outgoing.target_revision = way.target->revision;
    outgoing.reply_reference = way.target->reply_reference;
    outgoing.text = reply.text;
    outgoing.language = reply.language.empty() ? way.target->language : reply.language;
    outgoing.created_at = now_ms;
    outgoing.recipient = way.target->author;
    outgoing.thread_external_id = way.target->thread_external_id;
    outgoing.author_name = user_name(db, reply.user_id);
    made.workspace_id = reply.workspace_id;
    made.case_id = reply.case_id;
    made.account_id = way.account.id;
    made.action = outgoing.action;
    made.target_external_id = outgoing.target_external_id;
    made.request_id = reply.request_id;
    made.body = body_of(outgoing, written.text == reply.text ? std::string_view() : written.text);
    made.state = "elsewhere";
    made.created_by = reply.user_id;
    made.created_at = now_ms;
    TRY(insert(db, made));
    TRY(tell_created(tx, parts_.log, made));
    if (reply.saved_reply_id != 0) {
      TRY(SavedReplies::record_use(
          tx, {reply.workspace_id, reply.case_id, reply.target_post_id, reply.account_id, reply.user_id},
          reply.saved_reply_id, made.id, written.text, now_ms));
    }
    auto url = TRY(page_of(db, made));
    if (url.empty()) return cannot("This network has no page for this post.", "no_compose_page");
    return Elsewhere{std::move(made), std::move(url)};
  });
}

Result<OutboxRow> Replies::done_there(Id workspace_id, Id user_id, Id reply_id) {
  return parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    auto& db = tx.db();
    const auto row = TRY(read_back(db, workspace_id, reply_id));
    if (row.state == "done_there" || row.state == "confirmed") return row;
    if (row.state != "elsewhere") return conflict("It was taken back.", "not_elsewhere");
    const auto outgoing = TRY(to_outgoing(db, row, false));
    const auto target = TRY(db.one("SELECT id FROM posts WHERE external_id = $1 AND workspace_id = $2",
                                   {row.target_external_id, workspace_id},
                                   [](const store::Row& found) { return found.integer(0); }));
    if (!target) return not_found("There is no such post.");
    cases::OurReply ours;
    ours.workspace_id = workspace_id;
    ours.case_id = row.case_id;
    ours.post_id = parts_.ids.next();
    ours.account_id = row.account_id;
    ours.target_post_id = *target;
    ours.author_user_id = row.created_by;
    ours.text = outgoing.text;
    ours.language = outgoing.language;
    TRY(parts_.cases.record_reply(tx, ours));
    TRY(db.run("UPDATE outbox SET post_id = $3 WHERE workspace_id = $1 AND id = $2",
               {workspace_id, row.id, ours.post_id}));
    auto moved = row;
    moved.post_id = ours.post_id;
    TRY(move(tx, parts_.log, moved, {.state = "done_there"}, parts_.clock.now_ms(), user_id));
    return read_back(db, workspace_id, reply_id);
  });
}

// Nothing of it stays: codes and links it carried are free, or gone.
Result<void> Replies::take_back(store::Transaction& tx, const OutboxRow& row, Id user_id) {
  TRY(move(tx, parts_.log, row, {.state = "cancelled"}, parts_.clock.now_ms(), user_id));
  if (row.post_id != 0) TRY(parts_.cases.remove_reply(tx, row.workspace_id, row.post_id));
  TRY(unbind_rewards(tx, parts_.log, row.workspace_id, row.id, user_id));
  TRY(cases::drop_private_links(tx, parts_.log, row.workspace_id, row.id, user_id));
  TRY(SavedReplies::forget_use(tx, row.workspace_id, row.id));
  return reopen_after_undo(tx, parts_.log, row, user_id);
}

Result<OutboxRow> Replies::cancel(Id workspace_id, Id user_id, Id reply_id) {
  return parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    const auto row = TRY(read_back(tx.db(), workspace_id, reply_id));
    if (row.state == "cancelled") return row;
    if (row.state != "held" && row.state != "elsewhere" && row.state != "done_there")
      return conflict("It is on its way already.", "not_held");
    TRY(take_back(tx, row, user_id));
    return read_back(tx.db(), workspace_id, reply_id);
  });
}

Result<void> Replies::choose_new_key(store::Connection& db, const OutboxRow& row) {
  const auto account = TRY(account_and_status(db, row.workspace_id, row.account_id)).first;
  auto* channel = parts_.channel(account.network);
  if (channel == nullptr) return cannot("This network is not available.", "no_channel");
  const auto key = channel->choose_key(account, TRY(to_outgoing(db, row, false)));
  TRY(db.run("UPDATE outbox SET network_key = $3 WHERE workspace_id = $1 AND id = $2",
             {row.workspace_id, row.id, key}));
  return {};
}

Result<OutboxRow> Replies::retry(Id workspace_id, Id user_id, Id reply_id, Id seen_post_id) {
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    const auto old = TRY(read_back(tx.db(), workspace_id, reply_id));
    const auto now_ms = parts_.clock.now_ms();
    if (old.state == "failed" && old.action == "reply" &&
        TRY(was_answered(tx.db(), again(old, user_id, seen_post_id))))
      return answered_meanwhile();
    if (old.state == "failed") {
      // It may have arrived in an earlier, unclear try: look first.
      // What came back is certainly not there.
      const bool look = old.attempts > 0 && old.action != "delete" && old.error_code != "not_arrived";
      const auto* state = look ? "unclear" : "queued";
      TRY(move(tx, parts_.log, old, {.state = state, .next_at = now_ms, .reset_attempts = true}, now_ms,
               user_id));
      // The network took it once under its key: under the same one it would count as sent.
      if (old.error_code == "not_arrived") TRY(choose_new_key(tx.db(), old));
      if (old.action == "reply")
        TRY(parts_.cases.reply_sent_again(tx, workspace_id, old.case_id, old.post_id));
    } else if (old.state == "unclear" || (old.state == "queued" && old.next_at)) {
      TRY(move(tx, parts_.log, old,
               {.state = old.state, .next_at = now_ms, .error = old.error, .error_code = old.error_code},
               now_ms, user_id));
      if (!old.next_at) TRY(parts_.cases.refresh_waiting(tx, workspace_id, old.case_id));
    } else {
      return conflict("There is nothing to try again.", "not_failed");
    }
    return read_back(tx.db(), workspace_id, reply_id);
  }));
  parts_.wake();
  return row;
}

Result<OutboxRow> Replies::settle(const Settlement& settled) {
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    auto old = TRY(read_back(tx.db(), settled.workspace_id, settled.reply_id));
    const cases::DoneRequest request{settled.workspace_id, settled.user_id, settled.request_id};
    if (TRY(cases::find_done(tx, request))) return old;
    // Only what was looked for in vain: while the network can be asked, it is.
    const bool may_send = old.error_code == kMaybeSent || old.error_code == kSendAgain;
    const bool asks_a_person = may_send || old.error_code == kReplyInDoubt;
    if (old.state != "unclear" || old.action != "reply" || !asks_a_person)
      return conflict("Whether it arrived is known, or is being looked up.", "not_unclear");
    if (!settled.arrived && !may_send)
      return conflict("This network gives no second try; write it anew.", "write_anew");
    const auto now_ms = parts_.clock.now_ms();
    if (!settled.arrived && old.error_code == kSendAgain) {
      TRY(cases::keep_done(tx, request, old.id,
                           now_ms));  // said: when it comes again, it decides nothing anew
      return old;
    }
    const auto change = settled.arrived ? Change{.state = "confirmed", .next_at = std::nullopt}
                                        : Change{.state = "unclear",
                                                 .next_at = now_ms,
                                                 .error_code = std::string(kSendAgain),
                                                 .reset_attempts = true};
    if (!settled.arrived && TRY(was_answered(tx.db(), again(old, settled.user_id, settled.seen_post_id))))
      return answered_meanwhile();
    TRY(move(tx, parts_.log, old, change, now_ms, settled.user_id));
    TRY(tell_settled(tx, parts_.log, old, settled));
    if (!old.next_at) TRY(parts_.cases.refresh_waiting(tx, settled.workspace_id, old.case_id));
    TRY(cases::keep_done(tx, request, old.id, now_ms));
    return read_back(tx.db(), settled.workspace_id, settled.reply_id);
  }));
  parts_.wake();
  return row;
}

Result<OutboxRow> Replies::resend(Id workspace_id, Id user_id, Id account_id, Id reply_id) {
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    const auto old = TRY(read_back(tx.db(), workspace_id, reply_id));
    if (old.account_id != account_id) return not_found("There is no such reply.");
    if (old.state == "held" || old.state == "sending" || old.state == "cancelled") {
      return conflict("It cannot be sent again now.", "not_sent");
    }
    const auto now_ms = parts_.clock.now_ms();
    TRY(move(tx, parts_.log, old, {.state = "queued", .next_at = now_ms, .reset_attempts = true}, now_ms,
             user_id));
    if (old.state == "failed" && old.action == "reply") {
      TRY(parts_.cases.reply_sent_again(tx, workspace_id, old.case_id, old.post_id));
    } else {
      TRY(parts_.cases.refresh_waiting(tx, workspace_id, old.case_id));
    }
    return read_back(tx.db(), workspace_id, reply_id);
  }));
  parts_.wake();
  return row;
}

Result<void> Replies::fetched(const channels::Account& account, Id reply_id, std::string_view external_id,
                              std::string_view url) {
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto row = TRY(read_back(tx.db(), account.workspace_id, reply_id));
    if (row.account_id != account.id) return not_found("There is no such reply.");
    if (row.state == "confirmed") return {};
    if (row.state != "queued" || row.next_at)
      return conflict("This reply is not waiting to be fetched.", "not_waiting");
    const auto id =
        external_id.empty() ? std::string() : to_string(account.id) + "/" + std::string(external_id);
    TRY(parts_.cases.reply_sent(tx, account.workspace_id, row.post_id, id, "", url));
    TRY(move(tx, parts_.log, row, {.state = "confirmed", .next_at = std::nullopt}, parts_.clock.now_ms()));
    return {};
  });
}

}  // namespace kiki::reply
