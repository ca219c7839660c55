#pragma once
// Everything about a journal entry that needs no database: parsed by its channel, topics matched, bounds
// kept. Pure, so that it runs beside the transaction of the batch before, and again for a replay.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "channels/contract/channel.hpp"
#include "ingest/account_table.hpp"
#include "listening/listening.hpp"
#include "model/mark.hpp"
#include "store/journal.hpp"
#include "triage/triage.hpp"

namespace kiki::ingest {

struct PreparedPost {
  channels::IncomingPost post;
  std::vector<model::Mark> marks;
  std::vector<Id> topic_ids;
  bool watched_only = false;               // no topic but those of competitors wanted it
  std::string extra;                       // posts.extra
  std::optional<triage::Verdict> verdict;  // of a customer's post
  std::optional<std::string> search_document;
};
using PreparedPart =
    std::variant<PreparedPost, channels::IncomingDeletion, channels::IncomingProfile,
                 channels::IncomingAuthorGone, channels::IncomingRelation, channels::IncomingReceipt>;

struct PreparedItem {
  store::journal::Entry entry;
  AccountPtr account;
  bool reads_threads = false;       // the channel can fetch the thread around a post
  std::vector<PreparedPart> parts;  // nothing: a purged entry, or one that says nothing to us
  std::optional<Error> error;       // it could not be read
};

struct Preparation {
  std::shared_ptr<const AccountTable> accounts;
  std::shared_ptr<const listening::TopicSet> topics;
  std::shared_ptr<const listening::TopicFacts> topic_facts;
  const std::function<const channels::Channel*(std::string_view network)>& channel;
  store::Dialect dialect;
};
PreparedItem prepare(const Preparation& with, store::journal::Entry entry);

}  // namespace kiki::ingest
