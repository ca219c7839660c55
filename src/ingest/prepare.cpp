#include "ingest/prepare.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "ingest/query_post.hpp"
#include "people/people.hpp"
#include "search/search_index.hpp"

namespace kiki::ingest {
namespace {

constexpr std::size_t kMarksLimit = 200;
constexpr std::size_t kInlinesLimit = 500;
constexpr std::size_t kReceiversLimit = 100;

// PostgreSQL stores no zero byte, and nobody could read it anyway.
void clean(std::string& text) {
  for (auto at = text.find('\0'); at != std::string::npos; at = text.find('\0', at))
    text.replace(at, 1, "\xEF\xBF\xBD");
}

void clean(channels::Author& author) {
  clean(author.handle);
  clean(author.name);
  clean(author.bio);
  clean(author.avatar_url);
  clean(author.url);
  clean(author.customer_id);
  if (author.customer_id.size() > people::kCustomerIdLimitBytes) author.customer_id.clear();
}

// What the timeline shows beside the text. A file's reference stays ours: screens get files by their place.
void add_shown(const channels::IncomingPost& post, boost::json::object& extra) {
  if (!post.subject.empty()) extra["subject"] = post.subject;
  if (!post.quoted.empty()) extra["quoted"] = post.quoted;
  if (!post.html.empty()) extra["html"] = post.html;
  if (!post.incomplete.empty()) extra["incomplete"] = post.incomplete;
  if (!post.attachments.empty()) {
    boost::json::array list;
    for (const auto& attachment : post.attachments) {
      list.push_back({{"kind", attachment.kind},
                      {"url", attachment.url},
                      {"thumbnail_url", attachment.thumbnail_url},
                      {"alt", attachment.alt},
                      {"title", attachment.title},
                      {"width", attachment.width},
                      {"height", attachment.height}});
      if (attachment.reference.empty()) continue;
      auto& one = list.back().as_object();
      one["kept"] = true;
      one["name"] = attachment.name;
      one["content_type"] = attachment.content_type;
      one["size"] = attachment.size_bytes;
    }
    extra["attachments"] = std::move(list);
  }
  if (!post.inlines.empty()) {
    boost::json::array list;
    for (const auto& part : post.inlines) {
      if (list.size() >= kInlinesLimit) break;
      list.push_back({{"kind", part.kind},
                      {"start", part.place.start},
                      {"end", part.place.end},
                      {"image_url", part.image_url},
                      {"of_us", part.of_us}});
    }
    extra["inlines"] = std::move(list);
  }
  if (!post.reply_closed.empty()) extra["reply_closed"] = post.reply_closed;
  if (!post.receivers.empty()) {
    boost::json::array list;
    for (const auto& one : post.receivers) {
      if (list.size() >= kReceiversLimit) break;
      list.push_back({{"role", one.role}, {"name", one.name}, {"address", one.address}, {"us", one.is_us}});
    }
    extra["receivers"] = std::move(list);
  }
}

std::string extra_of(const channels::IncomingPost& post) {
  const bool shows_author = post.direction == channels::Direction::kContext;
  boost::json::object extra;
  add_shown(post, extra);
  if (!post.reply_reference.empty()) {
    boost::system::error_code error;
    auto reference = boost::json::parse(post.reply_reference, error);
    extra["reply"] = error ? boost::json::value(post.reply_reference) : std::move(reference);
  }
  // Others in a thread are no customers: nothing is kept of them but who they are in this post.
  if (shows_author) {
    extra["author"] = {{"external_id", post.author.external_id},
                       {"name", post.author.name},
                       {"handle", post.author.handle},
                       {"avatar_url", post.author.avatar_url}};
  }
  if (extra.empty()) return "{}";
  auto text = boost::json::serialize(extra);
  clean(text);
  return text;
}

void match_topics(const Preparation& with, Id workspace_id, PreparedPost& prepared) {
  auto& post = prepared.post;
  for (const auto& mark : post.marks) prepared.marks.push_back({mark.start, mark.end});
  prepared.topic_ids = post.topic_ids;
  const listening::Writer writer{post.author.external_id, post.author.handle, post.author.name,
                                 post.author.bio};
  for (auto& match : with.topics->match(query_post(post))) {
    if (match.workspace_id != workspace_id || with.topic_facts->mutes(match.topic_id, writer)) continue;
    prepared.topic_ids.push_back(match.topic_id);
    prepared.marks.insert(prepared.marks.end(), match.marks.begin(), match.marks.end());
  }
  std::sort(prepared.topic_ids.begin(), prepared.topic_ids.end());
  prepared.topic_ids.erase(std::unique(prepared.topic_ids.begin(), prepared.topic_ids.end()),
                           prepared.topic_ids.end());
  prepared.watched_only = !prepared.topic_ids.empty() &&
                          std::all_of(prepared.topic_ids.begin(), prepared.topic_ids.end(),
                                      [&](Id topic_id) { return with.topic_facts->is_competitor(topic_id); });
  auto& marks = prepared.marks;
  std::sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  std::vector<model::Mark> joined;
  for (const auto& mark : marks) {
    if (!joined.empty() && mark.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, mark.end);
    } else if (joined.size() < kMarksLimit) {
      joined.push_back(mark);
    }
  }
  marks = std::move(joined);
}

PreparedPost prepare_post(const Preparation& with, const PreparedItem& item, channels::IncomingPost post) {
  const auto received_at = item.entry.received_at;
  // A clock that runs ahead, or none at all, must not move a promise.
  if (post.posted_at <= 0 || post.posted_at > received_at) post.posted_at = received_at;
  clean(post.text);
  clean(post.subject);
  clean(post.author);
  if (post.author.network.empty()) post.author.network = item.account->network;
  if (post.direction != channels::Direction::kOut &&
      with.accounts->is_own(item.entry.workspace_id, post.author.network, post.author.external_id)) {
    post.direction = channels::Direction::kOut;
    post.reason = "own";
  }
  PreparedPost prepared;
  prepared.post = std::move(post);
  if (prepared.post.direction == channels::Direction::kIn) {
    match_topics(with, item.entry.workspace_id, prepared);
    const auto& in = prepared.post;
    const bool to_us = in.reason != "found";
    const auto words = in.subject.empty() ? in.text : in.subject + "\n" + in.text;  // a mail asks in both
    prepared.verdict =
        triage::rules().judge({.text = words,
                               .language = in.language,
                               .followers = in.author.followers.value_or(-1),
                               .to_us = to_us,
                               .answers_other_user = !to_us && !in.parent_external_id.empty()});
    if (in.language.empty()) prepared.post.language = prepared.verdict->language;
  }
  prepared.extra = extra_of(prepared.post);
  if (prepared.post.direction != channels::Direction::kContext)
    prepared.search_document =
        search::post_document(with.dialect, item.entry.workspace_id, prepared.post.text);
  return prepared;
}

Result<std::vector<PreparedPart>> read_parts(const Preparation& with, PreparedItem& item) {
  const auto& entry = item.entry;
  item.account = with.accounts->find(entry.workspace_id, entry.account_id);
  if (!item.account) return not_found("the account is not there");
  const auto* channel = with.channel(item.account->network);
  if (channel == nullptr) return not_found("no channel for the network " + item.account->network);
  item.reads_threads = channel->descriptor().capabilities.thread_context && item.account->kind == "account";
  auto parsed = TRY(channel->parse(*item.account, {entry.source, entry.body}, entry.received_at));
  std::vector<PreparedPart> parts;
  for (auto& incoming : parsed) {
    if (auto* post = std::get_if<channels::IncomingPost>(&incoming)) {
      if (post->external_id.empty()) return invalid("a post without an id");
      if (post->author.external_id.empty()) return invalid("a post without an author");
      parts.emplace_back(prepare_post(with, item, std::move(*post)));
    } else if (auto* deletion = std::get_if<channels::IncomingDeletion>(&incoming)) {
      if (deletion->deleted_at <= 0 || deletion->deleted_at > entry.received_at)
        deletion->deleted_at = entry.received_at;
      parts.emplace_back(std::move(*deletion));
    } else if (auto* gone = std::get_if<channels::IncomingAuthorGone>(&incoming)) {
      if (gone->gone_at <= 0 || gone->gone_at > entry.received_at) gone->gone_at = entry.received_at;
      if (gone->network.empty()) gone->network = item.account->network;
      parts.emplace_back(std::move(*gone));
    } else if (auto* relation = std::get_if<channels::IncomingRelation>(&incoming)) {
      if (relation->changed_at <= 0 || relation->changed_at > entry.received_at)
        relation->changed_at = entry.received_at;
      clean(relation->author);
      if (relation->author.network.empty()) relation->author.network = item.account->network;
      parts.emplace_back(std::move(*relation));
    } else if (auto* receipt = std::get_if<channels::IncomingReceipt>(&incoming)) {
      if (receipt->at <= 0 || receipt->at > entry.received_at) receipt->at = entry.received_at;
      clean(receipt->detail);
      parts.emplace_back(std::move(*receipt));
    } else {
      auto profile = std::get<channels::IncomingProfile>(std::move(incoming));
      clean(profile.author);
      if (profile.author.network.empty()) profile.author.network = item.account->network;
      parts.emplace_back(std::move(profile));
    }
  }
  return parts;
}

}  // namespace

PreparedItem prepare(const Preparation& with, store::journal::Entry entry) {
  PreparedItem item;
  item.entry = std::move(entry);
  if (item.entry.body.empty()) return item;  // purged: the post was deleted, or is a copy
  auto parts = read_parts(with, item);
  if (parts.ok()) {
    item.parts = std::move(parts).value();
  } else {
    item.error = std::move(parts).error();
  }
  return item;
}

}  // namespace kiki::ingest
