#pragma once
// What the company's own system knows of a customer (orders, contracts, points), asked for by one signed
// request (Standard Webhooks, as the open channel signs) and shown beside the case. The form of request and
// answer: docs/develop/customer-facts.md. A slow or broken system costs its card, never the desk: few
// requests at a time, a short time-out, a limit on the answer, a pause after a failure; the last good answer
// stays, with its age.

#include <boost/json/fwd.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "net/http_client.hpp"
#include "people/people.hpp"
#include "store/database.hpp"
#include "store/seal.hpp"

namespace kiki::people {

inline constexpr std::int64_t kFactsTimeoutMs = 5'000;
inline constexpr std::size_t kFactsAnswerBytes = 256 << 10;
inline constexpr std::size_t kFactCardsLimit = 20;
inline constexpr std::size_t kFactFieldsLimit = 30;
inline constexpr std::size_t kFactLinksLimit = 10;
inline constexpr std::int64_t kKeepMinutesMost = 7 * 24 * 60;

struct CustomerSource {
  std::string url;
  bool enabled = true;
  std::int64_t keep_minutes = 10;  // an answer is fresh for so long
  TimeMs changed_at = 0;
  std::string secret;  // only when it was made just now
};

struct CustomerFacts {
  // off: no source; ok: as of fetched_at; unknown: the system does not know them; failed: see error; busy:
  // being asked
  std::string state = "off";
  std::string cards = "[]";  // JSON, checked
  std::optional<TimeMs> fetched_at;
  bool fresh = false;
  std::string error_code;  // unreachable, timeout, refused, too_large, not_understood, not_allowed
  std::string error;       // in English, for who mends it
  std::optional<TimeMs> error_at;
};

// The answer's cards as they are stored and shown. kInvalid with the place of the fault.
Result<std::string> checked_cards(std::string_view body);

class CompanyFacts {
 public:
  struct Parts {
    store::Database& db;
    IdGenerator& ids;
    const Clock& clock;
    Random& random;
    store::Sealer& sealer;
    net::HttpClient& http;
    net::SsrfPolicy ssrf;
  };
  explicit CompanyFacts(Parts parts) : parts_(std::move(parts)) {}

  Result<std::optional<CustomerSource>> source(Id workspace_id);
  struct Wanted {
    std::optional<std::string> url;
    std::optional<bool> enabled;
    std::optional<std::int64_t> keep_minutes;
    bool new_secret = false;
  };
  // The first time a URL is needed, and the answer has the secret. What is kept was said by another address:
  // it goes.
  Result<CustomerSource> set_source(Id workspace_id, Id actor_id, const Wanted& wanted);
  Result<void> remove_source(Id workspace_id);
  // What is kept while it is fresh, else asks. `again`: asks in any case.
  Result<CustomerFacts> facts(Id workspace_id, Id person_id, bool again);

 private:
  Result<CustomerFacts> ask(Id workspace_id, const Person& person, const CustomerSource& source,
                            const std::string& secret, CustomerFacts known);
  Result<std::string> request_body(Id workspace_id, const Person& person, TimeMs now_ms);

  Parts parts_;
  std::mutex mutex_;
  std::set<std::pair<Id, Id>> asking_;  // workspace, person
  std::map<Id, TimeMs> failed_at_;      // by workspace
};

boost::json::object to_json(const CustomerSource& source);
boost::json::object to_json(const CustomerFacts& facts);

}  // namespace kiki::people
