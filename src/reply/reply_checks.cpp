#include "reply/reply_checks.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "cases/case_triage.hpp"
#include "channels/contract/channel.hpp"
#include "reply/link_lookup.hpp"
#include "reply/saved_replies.hpp"

namespace kiki::reply {

namespace {

constexpr int kNamesLimit = 60;
constexpr int kCustomerPosts = 3;
constexpr int kDisasterPosts = 300;
constexpr std::size_t kDisasterVoices = 3;  // so many different people make it news
constexpr TimeMs kDisasterKeptMs = 60'000;
constexpr std::size_t kLinksAsked = 10;
constexpr std::int64_t kLinkWaitMs = 3'000;

struct Target {
  Id case_id = 0;
  Id account_id = 0;
  Id person_id = 0;
  std::string reason;
  std::string parent_external_id;
  std::string visibility;
  std::string account_handle;
};

Result<Target> read_target(store::Connection& db, const CheckRequest& request) {
  const auto target = TRY(db.one(
      "SELECT p.case_id, c.account_id, k.person_id, p.reason, p.parent_external_id, c.visibility, a.handle "
      "FROM posts p JOIN conversations c ON c.workspace_id = p.workspace_id AND c.id = p.conversation_id "
      "JOIN accounts a ON a.workspace_id = p.workspace_id AND a.id = c.account_id "
      "JOIN cases k ON k.workspace_id = p.workspace_id AND k.id = p.case_id "
      "WHERE p.workspace_id = $1 AND p.id = $2",
      {request.workspace_id, request.target_post_id}, [](const store::Row& row) {
        return Target{row.integer(0), row.integer(1), row.integer(2), row.string(3),
                      row.string(4),  row.string(5),  row.string(6)};
      }));
  if (!target) return not_found("There is no such post.");
  if (target->case_id != request.case_id)
    return invalid("The post belongs to another case.", "/target_post_id");
  return *target;
}

void add_name(std::vector<std::string>& names, std::string_view name) {
  if (name.find_first_not_of(' ') == std::string_view::npos) return;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

Result<void> read_names(store::Connection& db, const CheckRequest& request, const Target& target,
                        checks::Draft& draft) {
  const auto add_to = [](std::vector<std::string>& names) {
    return [&names](const store::Row& row) {
      add_name(names, row.text(0));
      add_name(names, row.text(1));
    };
  };
  const store::Param person[] = {request.workspace_id, target.person_id, kNamesLimit};
  TRY(db.query("SELECT name, '' FROM persons WHERE workspace_id = $1 AND id = $2 LIMIT $3", person,
               add_to(draft.customer_names)));
  TRY(db.query(
      "SELECT name, handle FROM identities WHERE workspace_id = $1 AND person_id = $2 ORDER BY id LIMIT $3",
      person, add_to(draft.customer_names)));
  const store::Param ours[] = {request.workspace_id, kNamesLimit};
  TRY(db.query(
      "SELECT name, handle FROM accounts WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY id LIMIT $2",
      ours, add_to(draft.known_names)));
  const store::Param others[] = {request.workspace_id, request.case_id, kNamesLimit};
  TRY(db.query(
      "SELECT DISTINCT i.name, i.handle FROM posts p JOIN identities i ON i.workspace_id = p.workspace_id "
      "AND i.id = p.identity_id WHERE p.workspace_id = $1 AND p.case_id = $2 LIMIT $3",
      others, add_to(draft.known_names)));
  return {};
}

struct NewestPost {
  Id id = 0;
  std::string visibility;
};

// What they wrote last, and where.
Result<NewestPost> read_customer(store::Connection& db, const CheckRequest& request, checks::Draft& draft) {
  NewestPost newest;
  const store::Param params[] = {request.workspace_id, request.case_id, kCustomerPosts};
  TRY(db.query(
      "SELECT p.id, p.text, c.visibility FROM posts p JOIN conversations c ON c.workspace_id = "
      "p.workspace_id "
      "AND c.id = p.conversation_id WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.direction = 'in' "
      "ORDER BY p.posted_at DESC, p.id DESC LIMIT $3",
      params, [&](const store::Row& row) {
        if (newest.id == 0) newest = {row.integer(0), row.string(2)};
        draft.customer_text += row.text(1);
        draft.customer_text += '\n';
      }));
  return newest;
}

Result<std::int64_t> count_public_answers(store::Connection& db, const CheckRequest& request) {
  const auto count = TRY(
      db.one("SELECT COUNT(*) FROM posts p JOIN conversations c ON c.workspace_id = p.workspace_id AND "
             "c.id = p.conversation_id WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.direction = 'out' "
             "AND c.visibility = 'public' AND p.deleted_at IS NULL",
             {request.workspace_id, request.case_id}, [](const store::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

// Found by a topic, and written as an answer to somebody who is not us.
Result<bool> is_others_talk(store::Connection& db, const CheckRequest& request, const Target& target) {
  if (target.reason != "found" || target.parent_external_id.empty()) return false;
  const auto ours =
      TRY(db.one("SELECT 1 FROM posts WHERE external_id = $1 AND workspace_id = $2 AND direction = 'out'",
                 {target.parent_external_id, request.workspace_id}, [](const store::Row&) { return true; }));
  return !ours;
}

Result<std::string> crisis_topic(store::Connection& db, const CheckRequest& request,
                                 const checks::Rules& rules) {
  for (const Id topic_id : rules.crisis_topic_ids) {
    const auto name =
        TRY(db.one("SELECT t.name FROM case_topics c JOIN topics t ON t.workspace_id = c.workspace_id AND "
                   "t.id = c.topic_id "
                   "WHERE c.workspace_id = $1 AND c.topic_id = $2 AND c.case_id = $3",
                   {request.workspace_id, topic_id, request.case_id},
                   [](const store::Row& row) { return row.string(0); }));
    if (name) return *name;
  }
  return std::string();
}

}  // namespace

std::shared_ptr<ReplyChecks::Recent> ReplyChecks::recent_of(Id workspace_id) {
  const std::lock_guard lock(mutex_);
  auto& recent = recent_[workspace_id];
  if (!recent) recent = std::make_shared<Recent>();
  recent->used_at = clock_.now_ms();
  auto found = recent;
  if (recent_.size() > kWorkspacesKept) {
    const auto oldest = std::min_element(recent_.begin(), recent_.end(), [](const auto& a, const auto& b) {
      return a.second->used_at < b.second->used_at;
    });
    if (oldest->first != workspace_id) recent_.erase(oldest);
  }
  return found;
}

Result<std::optional<checks::SimilarReply>> ReplyChecks::find_similar(store::Connection& db,
                                                                      const CheckRequest& request,
                                                                      const checks::Rules& rules) {
  if (rules.severity(checks::Check::kSameAsRecent) == checks::Severity::kOff) {
    return std::optional<checks::SimilarReply>();
  }
  const auto recent = recent_of(request.workspace_id);
  const auto since = clock_.now_ms() - rules.recent_days * 24 * 3'600'000;
  std::vector<checks::RecentReplies::Match> matches;
  {
    const std::lock_guard lock(recent->mutex);
    struct Row {
      Id id;
      std::string text;
      TimeMs at;
    };
    // What was sent since we last looked, here or on another node: usually nothing.
    auto rows = TRY(db.all(
        "SELECT o.id, p.text, o.created_at FROM outbox o JOIN posts p ON p.workspace_id = o.workspace_id AND "
        "p.id = o.post_id WHERE o.workspace_id = $1 AND o.id > $2 AND o.action = 'reply' ORDER BY o.id DESC "
        "LIMIT $3",
        {request.workspace_id, recent->replies.newest(), checks::kRecentLimit},
        [](const store::Row& row) { return Row{row.integer(0), row.string(1), row.integer(2)}; }));
    std::reverse(rows.begin(), rows.end());
    for (const auto& row : rows) recent->replies.add(row.id, row.text, row.at);
    matches = recent->replies.find(request.text, since, rules.similar_percent, 20);
  }
  for (const auto& match : matches) {
    // One that was taken back or failed reached nobody.
    auto found = TRY(db.one(
        "SELECT k.number, o.created_at FROM outbox o JOIN cases k ON k.workspace_id = o.workspace_id AND "
        "k.id = o.case_id WHERE o.workspace_id = $1 AND o.id = $2 AND o.state NOT IN ('cancelled', 'failed')",
        {request.workspace_id, match.reply_id}, [&](const store::Row& row) {
          return checks::SimilarReply{match.percent, row.integer(0), row.integer(1)};
        }));
    if (found) return found;
  }
  return std::optional<checks::SimilarReply>();
}

Result<std::string> ReplyChecks::disaster_word(store::Connection& db, Id workspace_id, std::int64_t hours) {
  const auto recent = recent_of(workspace_id);
  const auto now_ms = clock_.now_ms();
  const std::lock_guard lock(recent->disaster_mutex);
  if (recent->disaster_at != 0 && now_ms - recent->disaster_at < kDisasterKeptMs)
    return recent->disaster_word;
  std::map<std::string, std::set<Id>, std::less<>> voices;
  std::string found;
  const store::Param params[] = {workspace_id, kDisasterPosts};
  TRY(db.query(
      "SELECT text, identity_id, direction, posted_at FROM posts WHERE workspace_id = $1 ORDER BY id DESC "
      "LIMIT $2",
      params, [&](const store::Row& row) {
        if (!found.empty() || row.text(2) == "out" || row.integer(3) < now_ms - hours * 3'600'000) return;
        const auto word = checks::find_disaster_word(row.text(0));
        if (word.empty()) return;
        auto& people = voices[std::string(word)];
        people.insert(row.integer(1));
        if (people.size() >= kDisasterVoices) found = word;
      }));
  recent->disaster_word = found;
  recent->disaster_at = now_ms;
  return found;
}

Result<CheckAnswer> ReplyChecks::check(const CheckRequest& request) {
  CheckAnswer answer;
  checks::Draft draft;
  checks::Rules rules;
  checks::Voice voice;
  {
    auto reader = TRY(db_.reader());
    auto& db = *reader;
    const auto target = TRY(read_target(db, request));
    const auto network = TRY(db.one("SELECT network FROM accounts WHERE workspace_id = $1 AND id = $2",
                                    {request.workspace_id, request.account_id},
                                    [](const store::Row& row) { return row.string(0); }));
    if (!network) return invalid("There is no such account.", "/account_id");
    const auto stored =
        TRY(db.one("SELECT rules FROM reply_rules WHERE workspace_id = $1", {request.workspace_id},
                   [](const store::Row& row) { return row.string(0); }));
    rules = checks::parse_rules(stored.value_or(""));
    // The account's own guide sorts before the workspace's (0).
    const auto guide = TRY(db.one(
        "SELECT guide FROM voice_guides WHERE workspace_id = $1 AND (account_id = $2 OR account_id = 0) "
        "ORDER BY account_id DESC",
        {request.workspace_id, request.account_id}, [](const store::Row& row) { return row.string(0); }));
    voice = checks::parse_voice(guide.value_or(""));

    draft.text = request.text;
    draft.is_public = target.visibility != "private";
    if (auto* channel = channel_(*network)) {
      const auto can = channel->descriptor().capabilities.in(
          draft.is_public ? channels::Visibility::kPublic : channels::Visibility::kPrivate);
      draft.text_unit = can.text_unit;
      draft.text_limit = can.text_limit;
    }
    TRY(read_names(db, request, target, draft));
    const auto newest = TRY(read_customer(db, request, draft));
    answer.newest_post_id = newest.id;
    draft.customer_wrote_privately = newest.visibility == "private";
    if (target.account_id != request.account_id) draft.addressed_account = target.account_handle;
    draft.public_exchanges = TRY(count_public_answers(db, request));
    draft.others_talk = TRY(is_others_talk(db, request, target));
    draft.crisis_topic = TRY(crisis_topic(db, request, rules));
    draft.disaster_word = checks::find_disaster_word(draft.customer_text);
    if (draft.disaster_word.empty()) {
      draft.disaster_word = TRY(disaster_word(db, request.workspace_id, rules.disaster_hours));
    }
    draft.similar = TRY(find_similar(db, request, rules));
    if (saved_ != nullptr && rules.severity(checks::Check::kNoOwnWord) != checks::Severity::kOff) {
      draft.saved_text =
          TRY(saved_->text_that_needs_a_word(db,
                                             {request.workspace_id, request.case_id, request.target_post_id,
                                              request.account_id, request.user_id},
                                             request.text));
    }
    const auto triage = TRY(db.one("SELECT triage FROM cases WHERE workspace_id = $1 AND id = $2",
                                   {request.workspace_id, request.case_id},
                                   [](const store::Row& row) { return row.string(0); }));
    if (triage && !triage->empty() && cases::parse_triage(*triage).kind == triage::Kind::kComplaint)
      answer.learn = checks::learn_of(request.text, draft.customer_text);
    const auto initials = TRY(db.one("SELECT initials FROM users WHERE id = $1", {request.user_id},
                                     [](const store::Row& row) { return row.string(0); }));
    draft.initials = initials.value_or("");
  }
  if (links_ != nullptr && rules.severity(checks::Check::kDeadLink) != checks::Severity::kOff) {
    auto links = checks::links_to_look_at(request.text, rules);
    if (links.size() > kLinksAsked) links.resize(kLinksAsked);
    using Links = CheckRequest::Links;
    if (request.links != Links::kKnown) {
      for (const auto& link : links) (void)links_->ask(link);  // all at once
    }
    for (auto& link : links) {
      const auto state =
          request.links == Links::kWait ? links_->wait(link, kLinkWaitMs) : links_->known(link);
      if (state == LinkState::kLooking) answer.looking_at_links = true;
      if (state == LinkState::kDead) draft.dead_links.push_back(std::move(link));
    }
  }
  answer.findings = checks::check(draft, rules, voice);
  if (!request.has_second_person) {
    for (auto& finding : answer.findings) {
      if (finding.severity == checks::Severity::kSecondPerson) finding.severity = checks::Severity::kHint;
    }
  }
  return answer;
}

Result<checks::Rules> ReplyChecks::rules(Id workspace_id) {
  auto reader = TRY(db_.reader());
  const auto stored = TRY(reader->one("SELECT rules FROM reply_rules WHERE workspace_id = $1", {workspace_id},
                                      [](const store::Row& row) { return row.string(0); }));
  return checks::parse_rules(stored.value_or(""));
}

Result<void> ReplyChecks::tell(store::Transaction& tx, Id workspace_id, Id actor_id, std::string_view what,
                               Id account_id) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "reply_rules.changed";
  event.actor_id = actor_id;
  json::object data{{"what", what}};
  if (account_id != 0) data["account_id"] = to_string(account_id);
  event.data = json::serialize(data);
  return log_.append(tx, std::move(event));
}

Result<void> ReplyChecks::set_rules(Id workspace_id, Id actor_id, const checks::Rules& rules) {
  const auto text = json::serialize(checks::to_json(rules));
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "INSERT INTO reply_rules (workspace_id, rules, updated_at, updated_by) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (workspace_id) DO UPDATE SET rules = excluded.rules, "
        "updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        {workspace_id, text, clock_.now_ms(), actor_id}));
    return tell(tx, workspace_id, actor_id, "rules", 0);
  });
}

Result<checks::Voice> ReplyChecks::voice(Id workspace_id, Id account_id) {
  auto all = TRY(voices(workspace_id));
  if (const auto own = all.find(account_id); own != all.end()) return own->second;
  if (const auto shared = all.find(0); shared != all.end()) return shared->second;
  return checks::Voice();
}

Result<std::map<Id, checks::Voice>> ReplyChecks::voices(Id workspace_id) {
  auto reader = TRY(db_.reader());
  const auto rows = TRY(reader->all(
      "SELECT account_id, guide FROM voice_guides WHERE workspace_id = $1 ORDER BY account_id",
      {workspace_id},
      [](const store::Row& row) { return std::pair(row.integer(0), checks::parse_voice(row.text(1))); }));
  return std::map<Id, checks::Voice>(rows.begin(), rows.end());
}

Result<void> ReplyChecks::set_voice(Id workspace_id, Id account_id, Id actor_id, const checks::Voice& voice) {
  const auto text = json::serialize(checks::to_json(voice));
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (account_id != 0) {
      const auto known =
          TRY(tx.db().one("SELECT 1 FROM accounts WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
                          {workspace_id, account_id}, [](const store::Row&) { return true; }));
      if (!known) return not_found("There is no such account.");
    }
    TRY(tx.db().run(
        "INSERT INTO voice_guides (workspace_id, account_id, guide, updated_at, updated_by) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, account_id) DO UPDATE SET "
        "guide = excluded.guide, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        {workspace_id, account_id, text, clock_.now_ms(), actor_id}));
    return tell(tx, workspace_id, actor_id, "voice", account_id);
  });
}

Result<void> ReplyChecks::remove_voice(Id workspace_id, Id account_id, Id actor_id) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto gone = TRY(tx.db().run("DELETE FROM voice_guides WHERE workspace_id = $1 AND account_id = $2",
                                      {workspace_id, account_id}));
    if (gone == 0) return {};
    return tell(tx, workspace_id, actor_id, "voice", account_id);
  });
}

}  // namespace kiki::reply
