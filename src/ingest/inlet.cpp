// The door for one account's reader.

#include "base/log.hpp"
#include "ingest/account_gaps.hpp"
#include "ingest/account_problems.hpp"
#include "ingest/impl.hpp"

namespace kiki::ingest {
namespace {

constexpr TimeMs kDayMs = TimeMs{24} * 3'600'000;
constexpr TimeMs kClosedAgeMs =
    7 * kDayMs;  // how long after its last post a closed case is still watched for deletions
constexpr TimeMs kOpenAgeMs = 60 * kDayMs;
constexpr TimeMs kByHandAgeMs = 2 * kDayMs;  // an answer by hand that did not appear until then never will

struct AccountKey {
  Id workspace_id = 0;
  Id id = 0;
};

// Stored and told to the screens only when it is another status or detail than before.
Result<void> store_health(const Parts& parts, AccountKey account, std::string_view status,
                          std::string_view detail) {
  return parts.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto now_ms = parts.clock.now_ms();
    const auto changed =
        TRY(tx.db().run("UPDATE accounts SET status = $3, status_detail = $4, status_at = $5 WHERE "
                        "workspace_id = $1 AND id = $2 AND "
                        "removed_at IS NULL AND status <> 'paused' AND (status <> $3 OR status_detail <> $4)",
                        {account.workspace_id, account.id, status, detail, now_ms}));
    if (changed == 0) return {};
    TRY(note_status(tx, parts.log, account.workspace_id, account.id, status, detail, now_ms));
    events::Event event;
    event.workspace_id = account.workspace_id;
    event.kind = "account.status";
    event.data =
        R"({"account_id":")" + to_string(account.id) + R"(","status":")" + std::string(status) + "\"}";
    return parts.log.append(tx, std::move(event));
  });
}

class AccountInlet final : public channels::Inlet {
 public:
  AccountInlet(Ingest::Impl& ingest, const channels::Account& account)
      : ingest_(ingest), account_{account.workspace_id, account.id} {}

  Result<void> accept(std::vector<channels::RawItem> items, std::string_view cursor_name,
                      std::string_view cursor_value) override {
    std::vector<Entry> entries;
    entries.reserve(items.size());
    for (auto& item : items) entries.push_back({account_.workspace_id, account_.id, std::move(item)});
    std::optional<CursorMove> cursor;
    if (!cursor_name.empty()) {
      cursor =
          CursorMove{account_.workspace_id, account_.id, std::string(cursor_name), std::string(cursor_value)};
    }
    if (entries.empty() && !cursor) return {};
    TRY(ingest_.accept(entries, cursor));
    return {};
  }

  void health(std::string_view status, std::string_view detail) override {
    if (status_ == status && detail_ == detail) return;
    status_ = status;
    detail_ = detail;
    auto stored = store_health(ingest_.parts(), account_, status, detail);
    if (!stored.ok())
      log::warning("an account's status could not be stored", stored.error(), {{"account_id", account_.id}});
  }

  void problem(std::string_view kind, std::string_view detail) override {
    const auto& parts = ingest_.parts();
    auto stored = parts.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      return set_problem(tx, parts.log, {account_.workspace_id, account_.id, kind, detail},
                         parts.clock.now_ms());
    });
    if (!stored.ok())
      log::warning("an account's problem could not be stored", stored.error(), {{"account_id", account_.id}});
  }
  void mended(std::string_view kind) override {
    const auto& parts = ingest_.parts();
    auto stored = parts.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      return clear_problem(tx, parts.log, account_.workspace_id, account_.id, kind);
    });
    if (!stored.ok())
      log::warning("an account's problem could not be ended", stored.error(), {{"account_id", account_.id}});
  }

  void gap_closed(std::int64_t posts, TimeMs away_since) override {
    const auto& parts = ingest_.parts();
    auto stored = parts.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      return note_gap(tx, {account_.workspace_id, account_.id, away_since, posts}, parts.clock.now_ms());
    });
    if (!stored.ok())
      log::warning("a closed gap could not be noted", stored.error(), {{"account_id", account_.id}});
  }

  Result<std::vector<channels::HeldPost>> recent_posts(std::size_t limit) override {
    auto reader = TRY(ingest_.parts().db.reader());
    const auto now_ms = ingest_.parts().clock.now_ms();
    std::vector<channels::HeldPost> held;
    for (const auto* status : {"open", "waiting", "found", "snoozed", "resolved", "dismissed"}) {
      if (held.size() >= limit) break;
      const bool closed = std::string_view(status) == "resolved" || std::string_view(status) == "dismissed";
      auto part = TRY(reader->all(
          "SELECT p.external_id, p.revision FROM cases c JOIN posts p ON p.workspace_id = c.workspace_id AND "
          "p.case_id = "
          "c.id "
          "WHERE c.workspace_id = $1 AND c.status = $2 AND c.last_post_at > $3 AND p.account_id = $4 AND "
          "p.deleted_at IS NULL AND p.external_id NOT LIKE 'outbox:%' ORDER BY c.last_post_at DESC LIMIT $5",
          {account_.workspace_id, status, now_ms - (closed ? kClosedAgeMs : kOpenAgeMs), account_.id,
           limit - held.size()},
          [](const store::Row& row) { return channels::HeldPost{row.string(0), row.string(1)}; }));
      std::move(part.begin(), part.end(), std::back_inserter(held));
    }
    return held;
  }

  Result<TimeMs> awaits_own_post() override {
    auto reader = TRY(ingest_.parts().db.reader());
    const auto opened_at =
        TRY(reader->one("SELECT created_at FROM outbox WHERE workspace_id = $1 AND account_id = $2 AND state "
                        "IN ('elsewhere', "
                        "'done_there') AND created_at > $3 ORDER BY created_at DESC LIMIT 1",
                        {account_.workspace_id, account_.id, ingest_.parts().clock.now_ms() - kByHandAgeMs},
                        [](const store::Row& row) { return row.integer(0); }));
    return opened_at.value_or(0);
  }

 private:
  Ingest::Impl& ingest_;
  const AccountKey account_;
  std::string status_;
  std::string detail_;
};

}  // namespace

std::unique_ptr<channels::Inlet> make_inlet(Ingest::Impl& ingest, const channels::Account& account) {
  return std::make_unique<AccountInlet>(ingest, account);
}

}  // namespace kiki::ingest
