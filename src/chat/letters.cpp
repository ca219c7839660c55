// Answers that go by mail, because the visitor has left an address and is not there to read. One answer is
// one mail: its row is claimed before anything is sent, and the Message-ID is the same over all tries, so
// that a try whose end nobody knows is no second mail where it arrives.

#include <boost/json.hpp>

#include "base/log.hpp"
#include "chat/chat.hpp"
#include "delivery/sender.hpp"
#include "notify/texts.hpp"
#include "text/html.hpp"

namespace kiki::chat {

namespace {

constexpr int kLettersAtOnce = 20;
constexpr std::int64_t kTries = 10;
constexpr TimeMs kClaimMs = 120'000;
constexpr TimeMs kStillHereMs = 60'000;

std::string lines(std::string_view text) {
  static constexpr std::string_view kBreak = "<br>";
  auto html = text::html(text);
  for (auto at = html.find('\n'); at != std::string::npos; at = html.find('\n', at + kBreak.size() + 1))
    html.insert(at, kBreak);
  return html;
}

// What an agent needs to know of an address, not the address itself, in a log that is kept.
std::string masked(std::string_view email) {
  const auto at = email.find('@');
  return std::string(email.substr(0, 1)) + "…" + std::string(at == email.npos ? "" : email.substr(at));
}

}  // namespace

struct Chat::Letter {
  Id workspace_id = 0;
  Id visitor_id = 0;
  std::int64_t seq = 0;
  Id case_id = 0;
  std::string external_id;
  std::string text;
  std::string author;
  std::int64_t attempts = 0;
  TimeMs due_at = 0;
  std::string email;
  std::string language;
  std::string page;
  std::int64_t read_seq = 0;
  std::string brand;
  std::string place;  // of the account, when there is a hosted page with an address
};

Result<std::optional<TimeMs>> Chat::mail_due(std::stop_token stop) {
  std::vector<Letter> letters;
  {
    auto reader = TRY(parts_.db.reader());
    letters = TRY(reader->all(
        "SELECT m.workspace_id, m.visitor_id, m.seq, m.case_id, m.external_id, m.text, m.author, "
        "m.mail_attempts, "
        "m.mail_next_at, v.email, v.language, v.page, v.read_seq, w.name, a.external_id FROM chat_messages m "
        "JOIN "
        "chat_visitors v ON v.workspace_id = m.workspace_id AND v.id = m.visitor_id JOIN workspaces w ON "
        "w.id = "
        "m.workspace_id JOIN accounts a ON a.workspace_id = m.workspace_id AND a.id = m.account_id WHERE "
        "m.mail_next_at <= $1 ORDER BY m.mail_next_at LIMIT $2",
        {parts_.clock.now_ms(), kLettersAtOnce}, [](const store::Row& row) {
          return Letter{row.integer(0), row.integer(1), row.integer(2),  row.integer(3), row.string(4),
                        row.string(5),  row.string(6),  row.integer(7),  row.integer(8), row.string(9),
                        row.string(10), row.string(11), row.integer(12), row.string(13), row.string(14)};
        }));
  }
  for (const auto& letter : letters) {
    if (stop.stop_requested()) return std::optional<TimeMs>();
    TRY(send(letter, stop));
  }
  auto reader = TRY(parts_.db.reader());
  const auto next = TRY(reader->one(
      "SELECT mail_next_at FROM chat_messages WHERE mail_next_at IS NOT NULL ORDER BY mail_next_at LIMIT 1",
      {}, [](const store::Row& row) { return row.integer(0); }));
  return next;
}

Result<void> Chat::send(const Letter& letter, std::stop_token stop) {
  const auto now_ms = parts_.clock.now_ms();
  const bool was_read = letter.read_seq >= letter.seq;
  const bool still_here = !was_read && rooms_->is_here(letter.workspace_id, letter.visitor_id);
  const auto claimed =
      TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
        const std::optional<TimeMs> next_at =
            was_read ? std::nullopt : std::optional(now_ms + (still_here ? kStillHereMs : kClaimMs));
        const auto* state = was_read ? "seen" : still_here ? "waiting" : "sending";
        return tx.db().run(
            "UPDATE chat_messages SET mail_state = $5, mail_next_at = $6, mail_attempts = mail_attempts + $7 "
            "WHERE "
            "workspace_id = $1 AND visitor_id = $2 AND seq = $3 AND mail_next_at = $4 AND deleted_at IS NULL",
            {letter.workspace_id, letter.visitor_id, letter.seq, letter.due_at, state, next_at,
             was_read || still_here ? 0 : 1});
      }));
  if (claimed == 0 || was_read || still_here) return {};

  const std::string_view language = letter.language.starts_with("ja") ? "ja" : "en";
  const json::object words{{"brand", letter.brand}, {"author", letter.author}};
  const auto say = [&](std::string_view key) { return notify::words(language, key, words); };
  // Back to where they wrote: that browser knows them there.
  std::string link = letter.page;
  if (link.empty() && !parts_.public_url.empty()) link = parts_.public_url + "/chat/" + letter.place;
  net::Mail mail;
  mail.to = letter.email;
  mail.subject = say("server.chat.mail.subject");
  mail.text = letter.text + "\n\n" + (letter.author.empty() ? letter.brand : letter.author) + "\n\n--\n" +
              say("server.chat.mail.why") + "\n" +
              (link.empty() ? std::string() : say("server.chat.mail.go_on") + "\n" + link + "\n");
  mail.html = "<p>" + lines(letter.text) + "</p>\n<p>" +
              text::html(letter.author.empty() ? letter.brand : letter.author) + "</p>\n<hr>\n<p>" +
              text::html(say("server.chat.mail.why")) + "</p>\n" +
              (link.empty() ? std::string()
                            : "<p><a href=\"" + text::html(link) + "\">" +
                                  text::html(say("server.chat.mail.go_on")) + "</a></p>\n");
  mail.message_id = "chat-" + to_string(letter.visitor_id) + "-" + std::to_string(letter.seq) + "@kikimimi";
  mail.language = language;
  mail.date = now_ms;
  const auto sent = parts_.mail.send(mail, stop);

  std::string state = "mailed";
  std::optional<TimeMs> next_at;
  if (!sent.ok()) {
    const auto& error = sent.error();
    const bool again =
        is_retryable(error.kind) || error.kind == ErrorKind::kUnclear || error.kind == ErrorKind::kCancelled;
    state = again && letter.attempts + 1 < kTries ? "waiting" : "failed";
    if (state == "waiting")
      next_at =
          now_ms + std::max(error.retry_after_ms, delivery::backoff_ms(letter.attempts + 1, parts_.random));
    log::warning("an answer did not leave by mail", error,
                 {{"workspace_id", letter.workspace_id}, {"case_id", letter.case_id}});
  }
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(
        tx.db().run("UPDATE chat_messages SET mail_state = $4, mail_next_at = $5 WHERE workspace_id = $1 AND "
                    "visitor_id = $2 AND seq = $3",
                    {letter.workspace_id, letter.visitor_id, letter.seq, state, next_at}));
    if (state == "waiting") return {};
    events::Event event;
    event.workspace_id = letter.workspace_id;
    event.kind = state == "mailed" ? "chat.mailed" : "chat.mail_failed";
    event.case_id = letter.case_id;
    event.data = json::serialize(json::object{{"to", masked(letter.email)}});
    return parts_.log.append(tx, std::move(event));
  });
}

}  // namespace kiki::chat
