#include "cases/timeline.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <set>

namespace kiki::cases {
namespace {

constexpr int kSiblingCasesLimit = 8;
constexpr std::int64_t kLastId = std::numeric_limits<std::int64_t>::max();
constexpr TimeMs kLastTime = std::numeric_limits<TimeMs>::max();

// The events that are shown; the others are told by posts and notes themselves. The index by case leaves out
// post.received, as the query must say.
constexpr std::string_view kFactKinds =
    "('case.assigned', 'case.status', 'case.opinion', 'case.tagged', 'case.reopened', 'case.woken', "
    "'case.priority', 'promise.warned', 'promise.broken', "
    "'approval.state', 'case.team', 'escalation.state', 'reward.given', 'reward.returned', "
    "'reply.settled', 'reply.copy_failed', 'private.offered', "
    "'private.came', 'private.refused', 'private.withdrawn', 'chat.mailed', 'chat.mail_failed')";

const std::string kPostFields =
    "p.id, p.posted_at, p.case_id, p.conversation_id, p.account_id, p.network, p.direction, p.reason, "
    "p.identity_id, "
    "p.author_user_id, COALESCE(i.name, ''), COALESCE(i.handle, ''), COALESCE(i.avatar_url, ''), "
    "COALESCE(u.name, ''), "
    "p.text, p.marks, p.topic_ids, p.language, p.url, p.extra, p.edited_at, p.deleted_at, p.external_id, "
    "COALESCE(a.name, ''), COALESCE(a.handle, ''), COALESCE(a.avatar_url, '') "
    "FROM posts p LEFT JOIN identities i ON i.workspace_id = p.workspace_id AND i.id = p.identity_id "
    "LEFT JOIN users u ON u.id = p.author_user_id "
    "LEFT JOIN accounts a ON a.workspace_id = p.workspace_id AND a.id = p.account_id ";

TimelinePost read_post(const store::Row& row) {
  TimelinePost post;
  post.id = row.integer(0);
  post.at = row.integer(1);
  post.case_id = row.integer(2);
  post.conversation_id = row.integer(3);
  post.account_id = row.integer(4);
  post.network = row.string(5);
  post.direction = model::parse_direction(row.text(6));
  post.reason = row.string(7);
  post.author.identity_id = row.integer(8);
  post.author.user_id = row.integer(9);
  post.author.name = row.string(10);
  post.author.handle = row.string(11);
  post.author.avatar_url = row.string(12);
  post.text = row.string(14);
  post.marks = row.string(15);
  post.topic_ids = row.string(16);
  post.language = row.string(17);
  post.url = row.string(18);
  post.extra = row.string(19);
  post.edited_at = row.maybe_integer(20);
  post.deleted_at = row.maybe_integer(21);
  post.external_id = row.string(22);
  if (post.direction ==
      model::Direction::kOut) {  // one of us, or only the account when it was written elsewhere
    post.author.name = row.string(post.author.user_id != 0 ? 13 : 23);
    post.author.handle = row.string(24);
    post.author.avatar_url = row.string(25);
  }
  return post;
}

void take_author(TimelinePost& post) {
  if (post.author.identity_id != 0 || post.direction == model::Direction::kOut) return;
  boost::system::error_code error;
  const auto extra = boost::json::parse(post.extra, error);
  if (error || !extra.is_object()) return;
  const auto* author = extra.get_object().if_contains("author");
  if (author == nullptr || !author->is_object()) return;
  const auto text = [&](std::string_view key) {
    const auto* value = author->get_object().if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  post.author.name = text("name");
  post.author.handle = text("handle");
  post.author.avatar_url = text("avatar_url");
}

// What a place means for a list of another rank: the last id that still counts as before it, or the first
// after it.
std::int64_t id_bound(const TimelinePlace& place, int rank) {
  if (rank == place.rank) return place.id;
  return rank < place.rank ? kLastId : -1;
}

struct Side {
  bool newest_first = true;
  TimelinePlace place;
  int limit = 0;
};

Result<void> add_posts(store::Connection& db, const TimelineQuery& query, Id case_id, const Side& side,
                       std::optional<Id> conversation_id, std::vector<TimelineItem>& items) {
  const std::string sql = "SELECT " + kPostFields +
                          "WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.conversation_id >= $6 AND "
                          "p.conversation_id <= $7 AND "
                          "(p.posted_at, p.id) " +
                          (side.newest_first ? "< ($3, $4) ORDER BY p.posted_at DESC, p.id DESC LIMIT $5"
                                             : "> ($3, $4) ORDER BY p.posted_at, p.id LIMIT $5");
  TRY(db.query(sql,
               std::initializer_list<store::Param>{
                   query.workspace_id, case_id, side.place.at, id_bound(side.place, 0), side.limit,
                   conversation_id.value_or(0), conversation_id.value_or(kLastId)},
               [&](const store::Row& row) {
                 auto post = read_post(row);
                 take_author(post);
                 if (case_id != query.case_id) post.direction = model::Direction::kContext;
                 items.emplace_back(std::move(post));
               }));
  return {};
}

// Cases of other customers in the same threads.
Result<std::vector<std::pair<Id, Id>>> sibling_conversations(store::Connection& db, Id workspace_id,
                                                             Id case_id) {
  // CROSS JOIN keeps SQLite to this order: it would rather read all conversations of the workspace.
  return db.all(
      "SELECT s.case_id, s.id FROM conversations v CROSS JOIN conversations s WHERE v.workspace_id = $1 AND "
      "v.case_id = $2 AND s.workspace_id = v.workspace_id AND s.external_id = v.external_id AND s.case_id <> "
      "$2 "
      "ORDER BY s.id DESC LIMIT $3",
      {workspace_id, case_id, kSiblingCasesLimit},
      [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); });
}

Result<void> add_notes(store::Connection& db, const TimelineQuery& query, const Side& side,
                       std::vector<TimelineItem>& items) {
  const std::string sql =
      std::string(
          "SELECT n.id, n.created_at, n.user_id, COALESCE(u.name, ''), n.text, n.deleted_at FROM notes n "
          "LEFT JOIN users u ON u.id = n.user_id WHERE n.workspace_id = $1 AND n.case_id = $2 AND "
          "(n.created_at, n.id) ") +
      (side.newest_first ? "< ($3, $4) ORDER BY n.created_at DESC, n.id DESC LIMIT $5"
                         : "> ($3, $4) ORDER BY n.created_at, n.id LIMIT $5");
  TRY(db.query(sql,
               std::initializer_list<store::Param>{query.workspace_id, query.case_id, side.place.at,
                                                   id_bound(side.place, 1), side.limit},
               [&](const store::Row& row) {
                 TimelineNote note;
                 note.id = row.integer(0);
                 note.at = row.integer(1);
                 note.author.user_id = row.integer(2);
                 note.author.name = row.string(3);
                 note.text = row.string(4);
                 note.deleted = !row.null(5);
                 items.emplace_back(std::move(note));
               }));
  return {};
}

Result<void> add_facts(store::Connection& db, const TimelineQuery& query, const Side& side,
                       std::vector<TimelineItem>& items) {
  const std::string sql =
      std::string(
          "SELECT e.seq, e.at, e.kind, e.actor_id, COALESCE(u.name, ''), e.data FROM events e "
          "LEFT JOIN users u ON u.id = e.actor_id WHERE e.workspace_id = $1 AND e.case_id = $2 AND e.kind <> "
          "'post.received' AND e.kind IN ") +
      std::string(kFactKinds) + " AND (e.at, e.seq) " +
      (side.newest_first ? "< ($3, $4) ORDER BY e.at DESC, e.seq DESC LIMIT $5"
                         : "> ($3, $4) ORDER BY e.at, e.seq LIMIT $5");
  TRY(db.query(sql,
               std::initializer_list<store::Param>{query.workspace_id, query.case_id, side.place.at,
                                                   id_bound(side.place, 2), side.limit},
               [&](const store::Row& row) {
                 TimelineFact fact;
                 fact.seq = row.integer(0);
                 fact.at = row.integer(1);
                 fact.kind = row.string(2);
                 fact.actor.user_id = row.integer(3);
                 fact.actor.name = row.string(4);
                 fact.data = row.string(5);
                 items.emplace_back(std::move(fact));
               }));
  return {};
}

}  // namespace

TimelinePlace place_of(const TimelineItem& item) {
  struct Visitor {
    TimelinePlace operator()(const TimelinePost& post) const { return {post.at, 0, post.id}; }
    TimelinePlace operator()(const TimelineNote& note) const { return {note.at, 1, note.id}; }
    TimelinePlace operator()(const TimelineFact& fact) const { return {fact.at, 2, fact.seq}; }
  };
  return std::visit(Visitor{}, item);
}

Result<TimelinePage> read_timeline(store::Connection& db, const TimelineQuery& query) {
  const auto found = TRY(db.one("SELECT 1 FROM cases WHERE workspace_id = $1 AND id = $2",
                                {query.workspace_id, query.case_id}, [](const store::Row&) { return true; }));
  if (!found) return not_found("There is no such case.");
  Side side;
  side.newest_first = !query.after.has_value();
  side.place = query.after ? *query.after : query.before.value_or(TimelinePlace{kLastTime, 2, kLastId});
  side.limit = query.limit + 1;
  TimelinePage page;
  TRY(add_posts(db, query, query.case_id, side, {}, page.items));
  for (const auto& [case_id, conversation_id] :
       TRY(sibling_conversations(db, query.workspace_id, query.case_id))) {
    TRY(add_posts(db, query, case_id, side, conversation_id, page.items));
  }
  TRY(add_notes(db, query, side, page.items));
  TRY(add_facts(db, query, side, page.items));
  std::sort(page.items.begin(), page.items.end(),
            [](const TimelineItem& a, const TimelineItem& b) { return place_of(a) < place_of(b); });
  const auto limit = static_cast<std::size_t>(query.limit);
  if (page.items.size() > limit) {
    if (side.newest_first) {
      page.items.erase(page.items.begin(), page.items.end() - query.limit);
      page.before = place_of(page.items.front());
    } else {
      page.items.resize(limit);
    }
  }
  return page;
}

namespace {

void read_told(std::string_view extra, ReplyTarget& target) {
  if (extra.find("\"reply_closed\"") == std::string_view::npos &&
      extra.find("\"receivers\"") == std::string_view::npos)
    return;
  boost::system::error_code error;
  const auto told = boost::json::parse(extra, error);
  if (error || !told.is_object()) return;
  const auto* closed = told.get_object().if_contains("reply_closed");
  if (closed != nullptr && closed->is_string()) target.reply_closed = std::string(closed->get_string());
  const auto* receivers = told.get_object().if_contains("receivers");
  if (receivers != nullptr && receivers->is_array()) target.receivers = boost::json::serialize(*receivers);
}

}  // namespace

Result<std::vector<ConversationRow>> read_conversations(store::Connection& db, Id workspace_id, Id case_id) {
  return db.all(
      "SELECT v.id, v.account_id, v.network, v.visibility, v.external_id, a.name, a.handle FROM "
      "conversations v "
      "LEFT JOIN accounts a ON a.workspace_id = v.workspace_id AND a.id = v.account_id "
      "WHERE v.workspace_id = $1 AND v.case_id = $2 ORDER BY v.created_at, v.id LIMIT 200",
      {workspace_id, case_id}, [](const store::Row& row) {
        const auto name = row.text(5).empty() ? row.string(6) : row.string(5);
        return ConversationRow{row.integer(0), row.integer(1), row.string(2),
                               row.string(3),  row.string(4),  name};
      });
}

Result<std::int64_t> count_participants(store::Connection& db, Id workspace_id, Id case_id) {
  // A conversation is a thread with one customer, so conversations are people.
  const auto known =
      TRY(db.one("SELECT COUNT(DISTINCT s.identity_id) FROM conversations v CROSS JOIN conversations s WHERE "
                 "v.workspace_id = $1 "
                 "AND v.case_id = $2 AND s.workspace_id = v.workspace_id AND s.external_id = v.external_id",
                 {workspace_id, case_id}, [](const store::Row& row) { return row.integer(0); }));
  const auto others =
      TRY(db.all("SELECT p.extra FROM posts p WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.direction = "
                 "'context' AND "
                 "p.identity_id IS NULL LIMIT 500",
                 {workspace_id, case_id}, [](const store::Row& row) {
                   TimelinePost post;
                   post.extra = row.string(0);
                   post.direction = model::Direction::kContext;
                   take_author(post);
                   return post.author.handle.empty() ? post.author.name : post.author.handle;
                 }));
  return known.value_or(0) +
         static_cast<std::int64_t>(std::set<std::string>(others.begin(), others.end()).size());
}

Result<std::vector<EarlierCase>> read_earlier_cases(store::Connection& db, Id workspace_id, Id person_id,
                                                    Id except_case_id) {
  return db.all(
      "SELECT id, number, title, status, network, last_post_at FROM cases WHERE workspace_id = $1 AND "
      "person_id = $2 AND "
      "id <> $3 ORDER BY last_post_at DESC LIMIT 20",
      {workspace_id, person_id, except_case_id}, [](const store::Row& row) {
        return EarlierCase{row.integer(0), row.integer(1), row.string(2),
                           row.string(3),  row.string(4),  row.integer(5)};
      });
}

Result<std::vector<ReplyTarget>> read_reply_targets(store::Connection& db, Id workspace_id, Id case_id) {
  std::vector<ReplyTarget> targets;
  const auto conversations = TRY(read_conversations(db, workspace_id, case_id));
  for (const auto& conversation : conversations) {
    const auto newest = TRY(db.one(
        "SELECT id, conversation_id, account_id, posted_at, extra FROM posts WHERE workspace_id = $1 AND "
        "case_id = $2 AND "
        "conversation_id = $3 AND direction = 'in' AND deleted_at IS NULL ORDER BY posted_at "
        "DESC, id DESC LIMIT 1",
        {workspace_id, case_id, conversation.id}, [&](const store::Row& row) {
          ReplyTarget target{row.integer(0),
                             row.integer(1),
                             row.integer(2),
                             conversation.visibility,
                             row.integer(3),
                             {},
                             {}};
          read_told(row.text(4), target);
          return target;
        }));
    if (newest) targets.push_back(*newest);
  }
  std::sort(targets.begin(), targets.end(),
            [](const ReplyTarget& a, const ReplyTarget& b) { return a.posted_at > b.posted_at; });
  return targets;
}

}  // namespace kiki::cases
