#include "ingest/apply.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "channels/contract/again.hpp"
#include "ingest/account_gaps.hpp"

namespace kiki::ingest {
namespace {

constexpr std::size_t kFilesLimit = 50;  // of one post

model::Direction direction_of(channels::Direction direction) {
  switch (direction) {
    case channels::Direction::kIn:
      return model::Direction::kIn;
    case channels::Direction::kOut:
      return model::Direction::kOut;
    case channels::Direction::kContext:
      return model::Direction::kContext;
  }
  return model::Direction::kContext;
}

people::IdentityFacts facts_of(const channels::Author& author) {
  people::IdentityFacts facts;
  facts.network = author.network;
  facts.external_id = author.external_id;
  facts.handle = author.handle;
  facts.name = author.name;
  facts.avatar_url = author.avatar_url;
  facts.bio = author.bio;
  facts.followers = author.followers;
  facts.url = author.url;
  facts.full_profile = author.full_profile;
  facts.customer_id = author.customer_id;
  return facts;
}

cases::PostFacts facts_of(const PreparedItem& item, const PreparedPost& prepared) {
  const auto& post = prepared.post;
  cases::PostFacts facts;
  facts.workspace_id = item.entry.workspace_id;
  facts.account_id = item.entry.account_id;
  facts.direction = direction_of(post.direction);
  facts.is_private = post.visibility == channels::Visibility::kPrivate;
  facts.reason = post.reason;
  facts.network = post.author.network;
  facts.external_id = post.external_id;
  facts.revision = post.revision;
  facts.parent_external_id = post.parent_external_id;
  facts.thread_external_id = post.thread_external_id;
  facts.continues = post.continues;
  facts.author = facts_of(post.author);
  facts.text = post.text;
  facts.title = post.subject;
  facts.language = post.language;
  facts.url = post.url;
  facts.marks = prepared.marks;
  facts.topic_ids = prepared.topic_ids;
  facts.needs_topic = item.account->kind == "listener";
  facts.watched_only = prepared.watched_only;
  facts.extra = prepared.extra;
  if (prepared.verdict) facts.verdict = &*prepared.verdict;
  facts.search_document = prepared.search_document;
  facts.posted_at = post.posted_at;
  facts.received_at = item.entry.received_at;
  facts.journal_seq = item.entry.seq;
  facts.is_whole_item = item.parts.size() == 1;
  facts.joins = post.joins;
  for (std::size_t i = 0; i < post.attachments.size() && facts.files.size() < kFilesLimit; ++i) {
    const auto& file = post.attachments[i];
    if (file.reference.empty()) continue;
    facts.files.push_back(
        {static_cast<std::int64_t>(i), file.reference, file.name, file.content_type, file.size_bytes});
  }
  return facts;
}

void count(ApplyCounts& counts, cases::Outcome outcome) {
  if (outcome == cases::Outcome::kNew) ++counts.new_posts;
  if (outcome == cases::Outcome::kDuplicate) ++counts.duplicates;
}

bool shows_profiles(const ApplyContext& context, std::string_view network) {
  const auto* channel = context.preparation.channel(network);
  return channel != nullptr && channel->descriptor().capabilities.profile;
}

Result<void> apply_item(const ApplyContext& context, cases::Intake& intake, const PreparedItem& item,
                        ApplyCounts& counts) {
  const auto workspace_id = item.entry.workspace_id;
  for (const auto& part : item.parts) {
    if (const auto* post = std::get_if<PreparedPost>(&part)) {
      const auto facts = facts_of(item, *post);
      const auto applied = TRY(intake.post(facts));
      if (!facts.files.empty() && context.files_wanted)
        context.tx.after_commit([f = context.files_wanted] { f(); });
      count(counts, applied.outcome);
      if (applied.outcome == cases::Outcome::kNew && channels::is_again(item.entry.source)) {
        const auto received_at = item.entry.received_at;
        const auto away_since = std::min(facts.posted_at, received_at);
        TRY(add_to_gap(context.tx, {workspace_id, item.entry.account_id, away_since, 1}, received_at));
      }
      log::debug("post applied", {{"workspace_id", workspace_id},
                                  {"account_id", item.entry.account_id},
                                  {"journal_id", item.entry.seq},
                                  {"post_id", applied.post_id},
                                  {"case_id", applied.case_id}});
      if (applied.parent_is_missing && item.reads_threads && context.thread_wanted) {
        context.tx.after_commit(
            [f = context.thread_wanted, workspace_id, account_id = item.entry.account_id,
             external_id = post->post.external_id] { f(workspace_id, account_id, external_id); });
      }
      if (applied.author_is_unread && context.author_wanted &&
          shows_profiles(context, post->post.author.network)) {
        context.tx.after_commit([f = context.author_wanted, workspace_id, case_id = applied.case_id] {
          f(workspace_id, case_id);
        });
      }
    } else if (const auto* deletion = std::get_if<channels::IncomingDeletion>(&part)) {
      TRY(intake.deletion(workspace_id, deletion->external_id, deletion->deleted_at));
    } else if (const auto* gone = std::get_if<channels::IncomingAuthorGone>(&part)) {
      TRY(intake.author_gone(workspace_id, gone->network, gone->external_id, gone->posts_prefix,
                             gone->gone_at));
    } else if (const auto* relation = std::get_if<channels::IncomingRelation>(&part)) {
      TRY(intake.relation(workspace_id, facts_of(relation->author), relation->relation,
                          relation->changed_at));
    } else if (const auto* receipt = std::get_if<channels::IncomingReceipt>(&part)) {
      TRY(intake.receipt(workspace_id, {receipt->external_id, receipt->kind, receipt->detail, receipt->at}));
    } else if (const auto* profile = std::get_if<channels::IncomingProfile>(&part)) {
      TRY(intake.profile(workspace_id, facts_of(profile->author)));
    }
  }
  return {};
}

// An answer of ours that was written in the network's app and came before the post it answers.
Result<void> apply_early_answers(const ApplyContext& context, cases::Intake& intake, ApplyCounts& counts) {
  for (auto seqs = intake.take_early_answers(); !seqs.empty(); seqs = intake.take_early_answers()) {
    for (const auto seq : seqs) {
      auto entry = TRY(store::journal::read_one(context.tx.db(), seq));
      if (!entry) continue;
      const auto item = prepare(context.preparation, *std::move(entry));
      if (!item.error) TRY(apply_item(context, intake, item, counts));
    }
  }
  return {};
}

}  // namespace

Result<ApplyCounts> apply_items(const ApplyContext& context, std::span<const PreparedItem> items) {
  cases::Intake intake(context.tx, context.log, context.ids, context.now_ms);
  ApplyCounts counts;
  for (const auto& item : items) {
    ++counts.items;
    if (item.error) {
      ++counts.failures;
      TRY(record_failure(context, item, *item.error));
      continue;
    }
    TRY(apply_item(context, intake, item, counts));
    TRY(apply_early_answers(context, intake, counts));
  }
  TRY(intake.finish());
  return counts;
}

Result<void> record_failure(const ApplyContext& context, const PreparedItem& item, const Error& error) {
  store::journal::Failure failure;
  failure.workspace_id = item.entry.workspace_id;
  failure.seq = item.entry.seq;
  failure.account_id = item.entry.account_id;
  failure.source = item.entry.source;
  failure.error = error.message;
  failure.place = error.where;
  failure.failed_at = context.now_ms;
  TRY(store::journal::record_failure(context.tx, failure));
  events::Event event;
  event.workspace_id = failure.workspace_id;
  event.kind = "journal.failed";
  event.data = R"({"seq":")" + std::to_string(failure.seq) + R"(","account_id":")" +
               to_string(failure.account_id) + "\"}";
  return context.log.append(context.tx, std::move(event));
}

}  // namespace kiki::ingest
