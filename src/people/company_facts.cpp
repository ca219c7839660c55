#include "people/company_facts.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "net/hmac.hpp"
#include "net/webhook.hpp"
#include "people/fields.hpp"

namespace kiki::people {

namespace {

constexpr std::size_t kAskingMost = 4;  // at once, so that a slow system leaves threads for the desk
constexpr TimeMs kPauseMs = 30'000;     // after a failure; a person who asks again need not wait for it
constexpr std::size_t kUrlBytes = 2'000;
constexpr std::size_t kLabelBytes = 300;
constexpr std::size_t kValueBytes = 2'000;
constexpr std::size_t kSecretBytes = 32;

Result<json::array> checked_fields(JsonView fields) {
  json::array list;
  if (fields.is_null()) return list;
  if (!fields.is_array()) return invalid("expected an array", fields.pointer());
  if (fields.size() > kFactFieldsLimit) return invalid("more than 30 fields", fields.pointer());
  TRY(fields.each([&](JsonView field) -> Result<void> {
    const auto value = field["value"];
    // Systems say numbers and yes or no as such: both are shown as they are written.
    std::string text;
    if (value.is_string()) {
      text = TRY(value.string(kValueBytes));
    } else if (value.is_object() || value.is_array()) {
      return invalid("expected text, a number, true or false", value.pointer());
    } else if (!value.is_null()) {
      text = value.raw();
    }
    list.push_back(json::object{{"label", TRY(field["label"].string(kLabelBytes))}, {"value", text}});
    return {};
  }));
  return list;
}

Result<json::array> checked_links(JsonView links) {
  json::array list;
  if (links.is_null()) return list;
  if (!links.is_array()) return invalid("expected an array", links.pointer());
  if (links.size() > kFactLinksLimit) return invalid("more than 10 links", links.pointer());
  TRY(links.each([&](JsonView link) -> Result<void> {
    auto url = TRY(link["url"].string(kUrlBytes));
    if (!url.starts_with("https://") && !url.starts_with("http://"))
      return invalid("must begin with https://", link.pointer() + "/url");
    list.push_back(json::object{{"label", TRY(link["label"].string(kLabelBytes))}, {"url", std::move(url)}});
    return {};
  }));
  return list;
}

// Why there is no answer, in the words of CustomerFacts.
std::string code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kForbidden:
    case ErrorKind::kInvalid:
      return "not_allowed";
    case ErrorKind::kTooLarge:
      return "too_large";
    case ErrorKind::kUnclear:
      return "timeout";
    default:
      return "unreachable";
  }
}

}  // namespace

Result<std::string> checked_cards(std::string_view body) {
  const auto document = TRY(JsonDocument::parse(body, {kFactsAnswerBytes, 8}));
  const auto cards = document.root()["cards"];
  if (!cards.is_array()) return invalid("expected an array", "/cards");
  if (cards.size() > kFactCardsLimit) return invalid("more than 20 cards", "/cards");
  json::array list;
  TRY(cards.each([&](JsonView card) -> Result<void> {
    list.push_back(json::object{{"title", TRY(card["title"].string(kLabelBytes))},
                                {"fields", TRY(checked_fields(card["fields"]))},
                                {"links", TRY(checked_links(card["links"]))}});
    return {};
  }));
  return json::serialize(list);
}

Result<std::optional<CustomerSource>> CompanyFacts::source(Id workspace_id) {
  auto reader = TRY(parts_.db.reader());
  return reader->one(
      "SELECT url, enabled, keep_minutes, changed_at FROM customer_sources WHERE workspace_id = $1",
      {workspace_id}, [](const store::Row& row) {
        return CustomerSource{row.string(0), row.boolean(1), row.integer(2), row.integer(3), {}};
      });
}

Result<CustomerSource> CompanyFacts::set_source(Id workspace_id, Id actor_id, const Wanted& wanted) {
  auto known = TRY(source(workspace_id));
  if (!known && !wanted.url) return invalid("an address is needed", "/url");
  CustomerSource next = known.value_or(CustomerSource{});
  if (wanted.url) next.url = *wanted.url;
  if (wanted.enabled) next.enabled = *wanted.enabled;
  if (wanted.keep_minutes) next.keep_minutes = *wanted.keep_minutes;
  if (next.url.size() > kUrlBytes) return invalid("longer than 2,000 bytes", "/url");
  if (auto checked = net::check_url(next.url, parts_.ssrf); !checked.ok())
    return invalid(checked.error().message, "/url");
  if (next.keep_minutes < 1 || next.keep_minutes > kKeepMinutesMost)
    return invalid("from 1 minute to 7 days", "/keep_minutes");
  next.changed_at = parts_.clock.now_ms();
  std::string sealed;
  if (!known || wanted.new_secret) {
    std::string key(kSecretBytes, '\0');
    for (auto& byte : key) byte = static_cast<char>(parts_.random.below(256));
    next.secret = net::new_webhook_secret(key);
    sealed = parts_.sealer.seal(next.secret, {workspace_id, 0, "customer_source"});
  }
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (sealed.empty()) {
      TRY(tx.db().run(
          "UPDATE customer_sources SET url = $2, enabled = $3, keep_minutes = $4, changed_by = $5, "
          "changed_at = $6 WHERE workspace_id = $1",
          {workspace_id, next.url, next.enabled ? 1 : 0, next.keep_minutes, actor_id, next.changed_at}));
    } else {
      TRY(
          tx.db().run("INSERT INTO customer_sources (workspace_id, url, enabled, keep_minutes, changed_by, "
                      "changed_at, secret) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id) DO UPDATE SET url = "
                      "excluded.url, enabled = "
                      "excluded.enabled, keep_minutes = excluded.keep_minutes, changed_by = "
                      "excluded.changed_by, changed_at = "
                      "excluded.changed_at, secret = excluded.secret",
                      {workspace_id, next.url, next.enabled ? 1 : 0, next.keep_minutes, actor_id,
                       next.changed_at, store::Blob{sealed}}));
    }
    if (!known || known->url != next.url)
      TRY(tx.db().run("DELETE FROM customer_facts WHERE workspace_id = $1", {workspace_id}));
    return {};
  }));
  const std::lock_guard lock(mutex_);
  failed_at_.erase(workspace_id);
  return next;
}

Result<void> CompanyFacts::remove_source(Id workspace_id) {
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("DELETE FROM customer_sources WHERE workspace_id = $1", {workspace_id}));
    TRY(tx.db().run("DELETE FROM customer_facts WHERE workspace_id = $1", {workspace_id}));
    return {};
  });
}

Result<CustomerFacts> CompanyFacts::facts(Id workspace_id, Id person_id, bool again) {
  std::optional<std::pair<CustomerSource, std::string>> stored;
  CustomerFacts known;
  Person person;
  {
    auto reader = TRY(parts_.db.reader());
    person = TRY(read_person(*reader, workspace_id, person_id));
    stored = TRY(reader->one(
        "SELECT url, enabled, keep_minutes, changed_at, secret FROM customer_sources WHERE workspace_id = $1",
        {workspace_id}, [](const store::Row& row) {
          return std::pair(CustomerSource{row.string(0), row.boolean(1), row.integer(2), row.integer(3), {}},
                           std::string(row.blob(4)));
        }));
    if (!stored || !stored->first.enabled) return known;
    const auto kept =
        TRY(reader->one("SELECT cards, fetched_at, error_code, error, error_at FROM customer_facts WHERE "
                        "workspace_id = $1 AND "
                        "person_id = $2",
                        {workspace_id, person.id}, [](const store::Row& row) {
                          CustomerFacts read;
                          read.cards = row.string(0);
                          read.fetched_at = row.maybe_integer(1);
                          read.error_code = row.string(2);
                          read.error = row.string(3);
                          read.error_at = row.maybe_integer(4);
                          return read;
                        }));
    if (kept) known = *kept;
  }
  const auto now_ms = parts_.clock.now_ms();
  const auto keep_ms = stored->first.keep_minutes * 60'000;
  known.fresh = known.fetched_at && now_ms - *known.fetched_at < keep_ms && known.error_code.empty();
  known.state = !known.error_code.empty() ? "failed"
                : !known.fetched_at       ? "busy"
                : known.cards == "[]"     ? "unknown"
                                          : "ok";
  if (known.fresh && !again) return known;
  {
    const std::lock_guard lock(mutex_);
    const auto failed = failed_at_.find(workspace_id);
    const bool pausing = failed != failed_at_.end() && now_ms - failed->second < kPauseMs;
    const bool failed_just_now = known.error_at && now_ms - *known.error_at < kPauseMs;
    if (!again && (pausing || failed_just_now) && (known.fetched_at || known.error_at)) return known;
    if (asking_.size() >= kAskingMost || !asking_.emplace(workspace_id, person.id).second) {
      known.state = "busy";
      return known;
    }
  }
  const auto done = [&] {
    const std::lock_guard lock(mutex_);
    asking_.erase({workspace_id, person.id});
  };
  auto secret = parts_.sealer.unseal(stored->second, {workspace_id, 0, "customer_source"});
  if (!secret.ok()) {
    done();
    return std::move(secret).error();
  }
  auto answer = ask(workspace_id, person, stored->first, *secret, std::move(known));
  done();
  return answer;
}

Result<std::string> CompanyFacts::request_body(Id workspace_id, const Person& person, TimeMs now_ms) {
  json::array identities;
  for (const auto& identity : person.identities) {
    identities.push_back(json::object{{"network", identity.network},
                                      {"external_id", identity.external_id},
                                      {"handle", identity.handle},
                                      {"name", identity.name},
                                      {"url", identity.url},
                                      {"customer_id", identity.customer_id}});
  }
  json::object fields;
  auto reader = TRY(parts_.db.reader());
  for (const auto& field : TRY(read_fields(*reader, workspace_id)).fields) {
    const auto value = person.values.find(field.id);
    if (value == person.values.end()) continue;
    boost::system::error_code bad;
    auto parsed = json::parse(value->second, bad);
    if (!bad) fields[field.name] = std::move(parsed);
  }
  json::array groups;
  for (const auto& group : person.groups) groups.emplace_back(group);
  return json::serialize(json::object{{"type", "customer.facts"},
                                      {"timestamp", to_rfc3339(now_ms)},
                                      {"workspace_id", to_string(workspace_id)},
                                      {"data",
                                       {{"person_id", to_string(person.id)},
                                        {"name", person.name},
                                        {"identities", std::move(identities)},
                                        {"customer_id", person.known_customer_id()},
                                        {"groups", std::move(groups)},
                                        {"fields", std::move(fields)}}}});
}

Result<CustomerFacts> CompanyFacts::ask(Id workspace_id, const Person& person, const CustomerSource& source,
                                        const std::string& secret, CustomerFacts known) {
  net::HttpCall call;
  call.method = "POST";
  call.url = source.url;
  call.timeout_ms = kFactsTimeoutMs;
  call.answer_limit_bytes = kFactsAnswerBytes;
  const auto asked_at = parts_.clock.now_ms();
  call.body = TRY(request_body(workspace_id, person, asked_at));
  const auto id = "facts_" + to_string(parts_.ids.next());
  call.headers.add("content-type", "application/json");
  call.headers.add("accept", "application/json");
  call.headers.add("webhook-id", id);
  call.headers.add("webhook-timestamp", std::to_string(asked_at / 1000));
  call.headers.add("webhook-signature",
                   net::standard_webhook_signature(secret, id, asked_at / 1000, call.body));
  auto answer = parts_.http.call(call);

  const auto now_ms = parts_.clock.now_ms();
  known.error_code.clear();
  known.error.clear();
  known.error_at.reset();
  if (!answer.ok()) {
    known.error_code = code_of(answer.error());
    known.error = answer.error().message;
  } else if (answer->status == 404) {
    known.cards = "[]";
  } else if (answer->status < 200 || answer->status > 299) {
    known.error_code = "refused";
    known.error = "the system answered " + std::to_string(answer->status);
  } else if (auto cards = checked_cards(answer->body); !cards.ok()) {
    known.error_code = "not_understood";
    known.error = cards.error().where + ": " + cards.error().message;
  } else {
    known.cards = *std::move(cards);
  }
  if (known.error_code.empty()) {
    known.fetched_at = now_ms;
  } else {
    known.error_at = now_ms;
  }
  {
    const std::lock_guard lock(mutex_);
    if (known.error_code.empty()) {
      failed_at_.erase(workspace_id);
    } else {
      failed_at_[workspace_id] = now_ms;
    }
  }
  known.fresh = known.error_code.empty();
  known.state = !known.fresh ? "failed" : known.cards == "[]" ? "unknown" : "ok";
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    // Not when the address was changed, or the person joined into another one, while we asked.
    const auto current =
        TRY(tx.db().one("SELECT 1 FROM customer_sources s JOIN persons p ON p.workspace_id = s.workspace_id "
                        "AND p.id = $3 AND "
                        "p.merged_into IS NULL WHERE s.workspace_id = $1 AND s.url = $2",
                        {workspace_id, source.url, person.id}, [](const store::Row&) { return true; }));
    if (!current) return {};
    TRY(
        tx.db().run("INSERT INTO customer_facts (workspace_id, person_id, cards, fetched_at, error_code, "
                    "error, error_at) VALUES "
                    "($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, person_id) DO UPDATE SET cards "
                    "= excluded.cards, "
                    "fetched_at = excluded.fetched_at, error_code = excluded.error_code, error = "
                    "excluded.error, error_at = "
                    "excluded.error_at",
                    {workspace_id, person.id, known.cards, known.fetched_at, known.error_code, known.error,
                     known.error_at}));
    return {};
  }));
  return known;
}

json::object to_json(const CustomerSource& source) {
  json::object body{{"url", source.url},
                    {"enabled", source.enabled},
                    {"keep_minutes", source.keep_minutes},
                    {"changed_at", to_rfc3339(source.changed_at)}};
  if (!source.secret.empty()) body["secret"] = source.secret;
  return body;
}

json::object to_json(const CustomerFacts& facts) {
  json::object body{
      {"state", facts.state}, {"fresh", facts.fresh}, {"fetched_at", nullptr}, {"error", nullptr}};
  boost::system::error_code bad;
  auto cards = json::parse(facts.cards, bad);
  body["cards"] = bad ? json::value(json::array()) : std::move(cards);
  if (facts.fetched_at) body["fetched_at"] = to_rfc3339(*facts.fetched_at);
  if (!facts.error_code.empty() && facts.error_at)
    body["error"] = {
        {"code", facts.error_code}, {"message", facts.error}, {"at", to_rfc3339(*facts.error_at)}};
  return body;
}

}  // namespace kiki::people
