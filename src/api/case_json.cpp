#include "api/case_json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "accounts/accounts.hpp"
#include "accounts/post_files.hpp"
#include "cases/cases.hpp"
#include "channels/contract/channel.hpp"
#include "listening/listening.hpp"
#include "people/people.hpp"
#include "reply/approvals.hpp"
#include "reply/copies.hpp"
#include "reply/outbox.hpp"
#include "reply/outgoing.hpp"
#include "reply/replies.hpp"

namespace kiki::api {

namespace {

constexpr int kOutboxLimitRows = 2'000;  // of one case

json::array array_or_empty(json::value value) {
  return value.is_array() ? std::move(value.as_array()) : json::array();
}

json::object author_json(const cases::TimelineAuthor& author) {
  json::object body;
  body["identity_id"] = id_json(author.identity_id);
  body["user_id"] = id_json(author.user_id);
  body["name"] = author.name.empty() ? author.handle : author.name;
  body["handle"] = author.handle;
  body["avatar_url"] = author.avatar_url;
  return body;
}

// The case's rows of the outbox: the last one of each post and action.
struct Outbox {
  std::map<std::pair<Id, std::string>, reply::OutboxRow> rows;

  const reply::OutboxRow* find(Id post_id, std::string_view action) const {
    const auto found = rows.find({post_id, std::string(action)});
    return found == rows.end() ? nullptr : &found->second;
  }
  // State of a like or repost that stands, or is on its way; null when it was taken back.
  json::value reaction(Id post_id, std::string_view action, std::string_view undo) const {
    const auto* done = find(post_id, action);
    const auto* undone = find(post_id, undo);
    if (done == nullptr || done->state == "cancelled") return nullptr;
    if (undone != nullptr && undone->id > done->id && undone->state != "failed" &&
        undone->state != "cancelled") {
      return nullptr;
    }
    return json::value(done->state);
  }
};

Result<Outbox> read_outbox(store::Connection& db, Id workspace_id, Id case_id) {
  const auto rows = TRY(db.all(
      "SELECT id, account_id, post_id, action, state, attempts, next_at, error, error_code, created_by, "
      "created_at, "
      "sent_at, confirmed_at, receipt, receipt_at FROM outbox WHERE workspace_id = $1 AND case_id = $2 ORDER "
      "BY id DESC LIMIT $3",
      {workspace_id, case_id, kOutboxLimitRows}, [&](const store::Row& row) {
        reply::OutboxRow read;
        read.workspace_id = workspace_id;
        read.case_id = case_id;
        read.id = row.integer(0);
        read.account_id = row.integer(1);
        read.post_id = row.integer(2);
        read.action = row.string(3);
        read.state = row.string(4);
        read.attempts = row.integer(5);
        read.next_at = row.maybe_integer(6);
        read.error = row.string(7);
        read.error_code = row.string(8);
        read.created_by = row.integer(9);
        read.created_at = row.integer(10);
        read.sent_at = row.maybe_integer(11);
        read.confirmed_at = row.maybe_integer(12);
        read.receipt = row.string(13);
        read.receipt_at = row.maybe_integer(14);
        return read;
      }));
  Outbox outbox;
  for (const auto& row : rows) outbox.rows.emplace(std::pair(row.post_id, row.action), row);
  return outbox;
}

struct TimelineContext {
  Id workspace_id = 0;
  Outbox outbox;
  std::map<Id, std::string> topic_names;
  std::map<Id, std::map<std::int64_t, accounts::PostFile>> files;  // by post, by place
};

// What the desk keeps itself has its address and its state.
void add_files(const cases::TimelinePost& post, const TimelineContext& context, json::array& attachments) {
  const auto files = context.files.find(post.id);
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    if (!attachments[i].is_object() || attachments[i].as_object().erase("kept") == 0) continue;
    auto& one = attachments[i].as_object();
    const auto number = static_cast<std::int64_t>(i);
    const bool known = files != context.files.end() && files->second.contains(number);
    one["state"] = known ? files->second.at(number).state : "gone";
    one["file_url"] = "/api/v1/workspaces/" + to_string(context.workspace_id) + "/posts/" +
                      to_string(post.id) + "/files/" + std::to_string(number);
    if (!known) continue;
    const auto& file = files->second.at(number);
    one["name"] = file.name;
    if (!file.content_type.empty()) one["content_type"] = file.content_type;
    if (file.size_bytes > 0) one["size"] = file.size_bytes;
  }
}

// To and Cc; whom an answer goes to stands with the ways to reply.
json::array shown_receivers(const json::value& list) {
  json::array out;
  for (const auto& one : array_or_empty(list)) {
    const auto* role = one.is_object() ? one.get_object().if_contains("role") : nullptr;
    if (role != nullptr && *role != "answer") out.push_back(one);
  }
  return out;
}

// Whom an answer reaches, and who else could get it: everybody the post went to but us, whom mail can reach.
void add_receivers(const json::value& list, const std::vector<std::string>& our_mailboxes,
                   json::object& way) {
  std::string answered;
  for (const auto& one : array_or_empty(list)) {
    if (!one.is_object() || !one.get_object().contains("role") || !one.get_object().contains("address"))
      continue;
    const auto& told = one.get_object();
    if (told.at("role") != "answer" || !told.at("address").is_string()) continue;
    answered = std::string(told.at("address").get_string());
    way["answers"] = json::object{{"name", told.at("name")}, {"address", told.at("address")}};
  }
  auto& others = way["others"].get_array();
  std::set<std::string> seen{answered};
  for (const auto& one : shown_receivers(list)) {
    const auto& told = one.get_object();
    const auto* us = told.if_contains("us");
    if ((us != nullptr && *us == json::value(true)) || !told.contains("address") ||
        !told.at("address").is_string())
      continue;
    const auto address = std::string(told.at("address").get_string());
    if (reply::no_copy_because(address, our_mailboxes).empty() && seen.insert(address).second)
      others.push_back(json::object{{"name", told.at("name")}, {"address", told.at("address")}});
  }
}

json::object post_json(const cases::TimelinePost& post, const TimelineContext& context) {
  const auto extra = parsed_json(post.extra);
  json::array attachments;
  if (extra.is_object()) {
    if (const auto* list = extra.get_object().if_contains("attachments")) attachments = array_or_empty(*list);
  }
  add_files(post, context, attachments);
  json::array topics;
  for (const auto& id : array_or_empty(parsed_json(post.topic_ids))) {
    if (!id.is_string()) continue;
    const auto name = context.topic_names.find(parse_id(id.get_string()).value_or(0));
    if (name != context.topic_names.end()) topics.emplace_back(name->second);
  }
  json::object body;
  body["type"] = "post";
  body["id"] = id_json(post.id);
  body["at"] = time_json(post.at);
  body["conversation_id"] = id_json(post.conversation_id);
  body["network"] = post.network;
  body["direction"] = model::name(post.direction);
  body["reason"] = post.reason;
  body["author"] = author_json(post.author);
  body["text"] = post.text;
  for (const auto* key : {"subject", "quoted", "html", "incomplete"}) {
    const auto* value = extra.is_object() ? extra.get_object().if_contains(key) : nullptr;
    body[key] = value != nullptr && value->is_string() ? value->get_string() : json::string();
  }
  body["marks"] = array_or_empty(parsed_json(post.marks));
  body["topics"] = std::move(topics);
  body["language"] = post.language;
  body["url"] = post.url;
  body["attachments"] = std::move(attachments);
  body["inlines"] = json::array();
  body["reply_closed"] = "";
  body["receivers"] = json::array();
  if (extra.is_object()) {
    const auto& told = extra.get_object();
    if (const auto* receivers = told.if_contains("receivers"))
      body["receivers"] = shown_receivers(*receivers);
    if (const auto* inlines = told.if_contains("inlines")) body["inlines"] = array_or_empty(*inlines);
    if (const auto* closed = told.if_contains("reply_closed"); closed != nullptr && closed->is_string())
      body["reply_closed"] = *closed;
  }
  body["edited_at"] = maybe_time_json(post.edited_at);
  body["deleted_at"] = maybe_time_json(post.deleted_at);
  body["external_id"] = post.external_id;
  const auto* reply = context.outbox.find(post.id, "reply");
  if (reply != nullptr) {
    body["reply"] = reply::to_json(*reply, post.url);
  } else {
    body["reply"] = nullptr;
  }
  body["liked"] = context.outbox.reaction(post.id, "like", "unlike");
  body["reposted"] = context.outbox.reaction(post.id, "repost", "unrepost");
  body["hidden"] = context.outbox.reaction(post.id, "hide", "unhide");
  return body;
}

json::object fact_json(const cases::TimelineFact& fact) {
  json::object body;
  body["type"] = "fact";
  body["id"] = std::to_string(fact.seq);
  body["at"] = time_json(fact.at);
  body["kind"] = fact.kind;
  if (fact.actor.user_id != 0) {
    body["actor"] = author_json(fact.actor);
  } else {
    body["actor"] = nullptr;
  }
  auto data = parsed_json(fact.data);
  if (data.is_object()) data.get_object().erase("undo");  // ours alone, for cases/undo.cpp
  body["data"] = data.is_object() ? std::move(data) : json::value(json::object());
  return body;
}

// All ways to answer a case: the account it came through first, then others of a network on which anybody can
// answer.
json::array reply_ways_json(Services& services, const std::vector<accounts::AccountRow>& accounts,
                            const std::vector<cases::ReplyTarget>& targets) {
  json::array ways;
  const auto our_mailboxes = [&](std::string_view network) {
    std::vector<std::string> handles;
    for (const auto& row : accounts) {
      if (row.account.network == network) handles.push_back(row.account.handle);
    }
    return handles;
  };
  const auto add = [&](const cases::ReplyTarget& target, const accounts::AccountRow& row, bool heard_here) {
    const auto& account = row.account;
    if (account.kind != "account" || row.status == "paused") return;
    const auto* channel = services.channel ? services.channel(account.network) : nullptr;
    if (channel == nullptr) return;
    const bool is_private = target.visibility == "private";
    const auto can = channel->capabilities(account).in(is_private ? channels::Visibility::kPrivate
                                                                  : channels::Visibility::kPublic);
    // What the network takes no answer to is still a way when a person can answer on its page.
    const bool takes_answers = is_private ? can.private_reply : can.public_reply;
    const std::string closed = takes_answers ? target.reply_closed : "not_supported";
    if (!takes_answers && (is_private || !can.compose_page)) return;
    // Public for all, or only for the account that was written to.
    if (!heard_here && (is_private || !can.listens)) return;
    json::object way;
    way["account_id"] = id_json(account.id);
    way["account_handle"] = account.handle;
    way["network"] = account.network;
    way["target_post_id"] = id_json(target.post_id);
    way["conversation_id"] = id_json(target.conversation_id);
    way["visibility"] = target.visibility;
    way["reply_closed"] = closed;
    way["answers"] = nullptr;
    way["others"] = json::array();
    if (can.copies) add_receivers(parsed_json(target.receivers), our_mailboxes(account.network), way);
    way["capabilities"] = accounts::capabilities_json(can);
    ways.push_back(std::move(way));
  };
  for (const auto& target : targets) {
    const auto heard =
        std::ranges::find_if(accounts, [&](const auto& row) { return row.account.id == target.account_id; });
    if (heard == accounts.end()) continue;
    add(target, *heard, true);
    for (const auto& row : accounts) {
      if (row.account.id != target.account_id && row.account.network == heard->account.network)
        add(target, row, false);
    }
  }
  return ways;
}

}  // namespace

json::object note_json(const cases::TimelineNote& note) {
  json::object body;
  body["type"] = "note";
  body["id"] = id_json(note.id);
  body["at"] = time_json(note.at);
  body["author"] = author_json(note.author);
  body["text"] = note.text;
  body["deleted"] = note.deleted;
  return body;
}

Result<json::object> timeline_json(Services& services, const cases::TimelineQuery& query) {
  TimelineContext context;
  cases::TimelinePage page;
  {
    auto reader = TRY(services.database->reader());
    page = TRY(cases::read_timeline(*reader, query));
    context.outbox = TRY(read_outbox(*reader, query.workspace_id, query.case_id));
    context.workspace_id = query.workspace_id;
    for (const auto& item : page.items) {
      const auto* post = std::get_if<cases::TimelinePost>(&item);
      if (post == nullptr || post->extra.find("\"kept\":true") == std::string::npos) continue;
      auto& files = context.files[post->id];
      for (auto& [number, file] : TRY(accounts::list_files(*reader, query.workspace_id, post->id)))
        files.emplace(number, std::move(file));
    }
  }
  const bool has_topics = std::ranges::any_of(page.items, [](const auto& item) {
    const auto* post = std::get_if<cases::TimelinePost>(&item);
    return post != nullptr && post->topic_ids.size() > 2;
  });
  if (has_topics) {
    for (auto& topic : TRY(services.listening->list(query.workspace_id))) {
      context.topic_names.emplace(topic.id, std::move(topic.name));
    }
  }
  json::array items;
  for (const auto& item : page.items) {
    if (const auto* post = std::get_if<cases::TimelinePost>(&item)) {
      items.push_back(post_json(*post, context));
    } else if (const auto* note = std::get_if<cases::TimelineNote>(&item)) {
      items.push_back(note_json(*note));
    } else {
      items.push_back(fact_json(std::get<cases::TimelineFact>(item)));
    }
  }
  json::object body;
  body["items"] = std::move(items);
  if (page.before) {
    body["before"] = encode_cursor({page.before->at, page.before->rank, page.before->id});
  } else {
    body["before"] = nullptr;
  }
  return body;
}

// What was opened on a network's page with a text of ours, and nobody has said what became of it.
static Result<json::array> elsewhere_json(Services& services, store::Connection& db, Id workspace_id,
                                          Id case_id) {
  const auto ids = TRY(db.all(
      "SELECT id FROM outbox WHERE workspace_id = $1 AND case_id = $2 AND state = 'elsewhere' ORDER BY id",
      {workspace_id, case_id}, [](const store::Row& row) { return row.integer(0); }));
  json::array list;
  for (const Id id : ids) {
    const auto row = TRY(reply::find(db, workspace_id, id));
    if (!row) continue;
    auto body = reply::to_json(*row);
    const auto network =
        TRY(db.one("SELECT network FROM accounts WHERE workspace_id = $1 AND id = $2",
                   {workspace_id, row->account_id}, [](const store::Row& found) { return found.string(0); }));
    body["network"] = network.value_or("");
    body["account_id"] = id_json(row->account_id);
    body["text"] = TRY(reply::to_outgoing(db, *row, false)).text;
    body["compose_url"] = TRY(services.replies->page_of(db, *row));
    list.push_back(std::move(body));
  }
  return list;
}

Result<json::object> case_detail_json(Services& services, Id workspace_id, Id case_id) {
  // Before a reader is taken: it takes one itself.
  const auto accounts = TRY(services.accounts->list(workspace_id));
  auto reader = TRY(services.database->reader());
  const auto row = TRY(cases::read_row(*reader, workspace_id, case_id));
  auto body = cases::to_json(row);
  json::array conversations;
  for (const auto& conversation : TRY(cases::read_conversations(*reader, workspace_id, case_id))) {
    json::object one;
    one["id"] = id_json(conversation.id);
    one["account_id"] = id_json(conversation.account_id);
    one["network"] = conversation.network;
    one["visibility"] = conversation.visibility;
    one["external_id"] = conversation.external_id;
    one["name"] = conversation.name;
    conversations.push_back(std::move(one));
  }
  body["conversations"] = std::move(conversations);
  body["person"] = people::to_json(TRY(people::read_person(*reader, workspace_id, row.person_id)));
  json::array earlier;
  for (const auto& other : TRY(cases::read_earlier_cases(*reader, workspace_id, row.person_id, case_id))) {
    json::object one;
    one["id"] = id_json(other.id);
    one["number"] = other.number;
    one["title"] = other.title;
    one["status"] = other.status;
    one["network"] = other.network;
    one["last_post_at"] = time_json(other.last_post_at);
    earlier.push_back(std::move(one));
  }
  body["earlier"] = std::move(earlier);
  body["participants"] = TRY(cases::count_participants(*reader, workspace_id, case_id));
  body["can_reply"] =
      reply_ways_json(services, accounts, TRY(cases::read_reply_targets(*reader, workspace_id, case_id)));
  body["elsewhere"] = TRY(elsewhere_json(services, *reader, workspace_id, case_id));
  json::array drafts;
  for (const auto& draft : TRY(cases::read_drafts(*reader, workspace_id, case_id)))
    drafts.push_back(cases::to_json(draft));
  body["drafts"] = std::move(drafts);
  json::array approvals;
  for (const auto& approval : TRY(reply::approvals_of_case(*reader, workspace_id, case_id)))
    approvals.push_back(reply::to_json(approval));
  body["approvals"] = std::move(approvals);
  return body;
}

}  // namespace kiki::api
