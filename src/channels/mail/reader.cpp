#include "channels/mail/reader.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <set>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"
#include "channels/mail/envelope.hpp"
#include "channels/mail/header_words.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/oauth.hpp"
#include "channels/mail/settings.hpp"
#include "channels/mail/wires.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kBatchMails = 50;
constexpr std::size_t kBatchBytes = 8 << 20;
constexpr std::size_t kHeaderBytes = 1 << 20;
constexpr std::int64_t kFirstWaitMs = 1'000;
constexpr std::int64_t kLongestWaitMs = 300'000;
constexpr int kRefusalsLimit = 3;  // servers refuse a right password too when they are in trouble
// After the numbers of a folder changed, how far before the newest mail we know it is read again.
constexpr TimeMs kResyncMs = 14LL * 24 * 3'600'000;
constexpr TimeMs kDayMs = 24LL * 3'600'000;
constexpr TimeMs kToldAwayMs = 10 * 60'000;  // a shorter absence in which nothing came is not worth a line
constexpr TimeMs kAliveNoteMs = 5 * 60'000;  // how often it is noted that we were here
constexpr TimeMs kQuotaEveryMs = 30 * 60'000;
constexpr int kFullPercent = 95;
constexpr int kRoomyPercent = 90;
constexpr std::string_view kAlive = "alive_at";
constexpr std::string_view kAway = "away_since";  // while away, also over a restart
// Problems of an account (i18n "account.problem.KIND").
constexpr std::string_view kCertificate = "certificate";
constexpr std::string_view kFolder = "mail_folder";
constexpr std::string_view kFull = "mailbox_full";

// Where we are in a folder. The name is in it: another folder begins anew.
struct Place {
  std::string folder;
  std::uint32_t validity = 0;
  std::uint32_t last_uid = 0;
  TimeMs newest_at = 0;
};

Place read_place(std::string_view text) {
  Place place;
  const auto document = JsonDocument::parse(text.empty() ? "{}" : text);
  if (!document.ok()) return place;
  const auto root = document->root();
  place.folder = root["folder"].text();
  place.validity = static_cast<std::uint32_t>(root["validity"].number_or_zero());
  place.last_uid = static_cast<std::uint32_t>(root["last_uid"].number_or_zero());
  place.newest_at = root["newest_at"].number_or_zero();
  return place;
}

std::string write_place(const Place& place) {
  return json::serialize(json::object{{"folder", place.folder},
                                      {"validity", place.validity},
                                      {"last_uid", place.last_uid},
                                      {"newest_at", place.newest_at}});
}

// "3-Mar-2026", for SEARCH SINCE, which counts whole days of some time zone: a day earlier.
std::string search_day(TimeMs time_ms) {
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(std::max<TimeMs>(0, time_ms - kDayMs) / 1'000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return std::to_string(utc.tm_mday) + "-" + kMonths.at(static_cast<std::size_t>(utc.tm_mon)) + "-" +
         std::to_string(utc.tm_year + 1900);
}

TimeMs number_of(std::string_view text) {
  TimeMs value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void wait_ms(const std::stop_token& stop, std::int64_t time_ms) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, std::chrono::milliseconds(time_ms), [] { return false; });
}

class Reader {
 public:
  Reader(const Tools& tools, const ReaderOptions& options, const Account& account, AccountState& state,
         Inlet& inlet, std::stop_token stop)
      : tools_(tools),
        options_(options),
        account_(account),
        settings_(read_settings(account.settings)),
        state_(state),
        inlet_(inlet),
        stop_(std::move(stop)) {}

  Result<void> run() {
    key_ = TRY(address_key());
    auto pause_ms = kFirstWaitMs;
    int refusals = 0;
    away_since_ = number_of(TRY(state_.cursor(kAway)));
    const auto alive_at = number_of(TRY(state_.cursor(kAlive)));
    if (away_since_ == 0 && alive_at > 0 && tools_.clock.now_ms() - alive_at > kToldAwayMs)
      away_since_ = alive_at;
    while (!stop_.stop_requested()) {
      caught_up_ = false;
      const auto ended = session();
      if (stop_.stop_requested()) break;
      CHECK(!ended.ok());
      const auto& error = ended.error();
      if (caught_up_) {
        pause_ms = kFirstWaitMs;
        refusals = 0;
      }
      if (away_since_ == 0) {
        away_since_ = tools_.clock.now_ms();
        // Noted when it can be: the store may be away as well, and that passes.
        if (auto noted = state_.set_cursor(kAway, std::to_string(away_since_)); !noted.ok())
          log::warning("the mailbox's absence was not noted", noted.error());
      }
      if (error.kind == ErrorKind::kUnauthenticated) {
        if (!settings_.oauth_token_url.empty()) {
          if (auto gone = forget_access(state_); !gone.ok())
            log::warning("an access token was not forgotten", gone.error());
        }
        if (++refusals >= kRefusalsLimit || error.code == "sign_in_ended") return error;
      }
      if (error.kind == ErrorKind::kForbidden) return error;
      if (error.code == "certificate") have(kCertificate, status_detail(error));
      // It comes back by itself when somebody makes the folder again.
      if (error.kind == ErrorKind::kNotFound) have(kFolder, status_detail(error));
      inlet_.health("waiting", status_detail(error));
      log::info("mailbox away", {{"why", error.message}, {"again_ms", pause_ms}});
      const auto half = static_cast<std::uint64_t>(pause_ms / 2);
      wait_ms(stop_, pause_ms / 2 + static_cast<std::int64_t>(tools_.random.below(half + 1)));
      pause_ms = std::min(pause_ms * 2, kLongestWaitMs);
    }
    return {};
  }

 private:
  // Signs the addresses that lead back into a conversation. Made once: what customers have keeps working.
  Result<std::string> address_key() {
    auto key = TRY(state_.secret(kKey));
    if (!key.empty()) return key;
    key = tools_.random.token(32);
    TRY(state_.set_secrets({{std::string(kKey), key}}));
    return key;
  }

  // Only ends with an error, or when stop is requested.
  Result<void> session() {
    auto proof = TRY(prove(tools_, account_, settings_, state_, Server::kImap, stop_));
    const auto imap =
        TRY(net::ImapSession::open(imap_options(settings_, std::move(proof), tools_.ssrf), stop_));
    have_not(kCertificate);
    quota_at_ = 0;  // somebody may have made room
    while (!stop_.stop_requested()) {
      TRY(read_folder(*imap, settings_.folder, false));
      if (!settings_.sent_folder.empty()) {
        TRY(read_folder(*imap, settings_.sent_folder, true));
        // What came into the first folder meanwhile, and waiting happens there.
        TRY(read_folder(*imap, settings_.folder, false));
      }
      if (stop_.stop_requested()) break;
      caught_up_ = true;
      have_not(kFolder);
      inlet_.health("ok", tools_.clock.now_ms() < renumbered_until_ ? "mail_renumbered" : "");
      TRY(tell_that_we_are_back());
      TRY(look_how_full(*imap));
      TRY(imap->wait(options_.sent_interval_ms));
    }
    return {};
  }

  void have(std::string_view kind, std::string_view detail) {
    inlet_.problem(kind, detail);
    problems_.emplace(kind);
  }
  // Also once after a start: what stood before is not known here.
  void have_not(std::string_view kind) {
    if (!told_well_.insert(std::string(kind)).second && problems_.erase(std::string(kind)) == 0) return;
    problems_.erase(std::string(kind));
    inlet_.mended(kind);
  }

  Result<void> tell_that_we_are_back() {
    const auto now_ms = tools_.clock.now_ms();
    if (away_since_ != 0 && (accepted_ > 0 || now_ms - away_since_ > kToldAwayMs))
      inlet_.gap_closed(accepted_, away_since_);
    if (away_since_ != 0) TRY(state_.set_cursor(kAway, "0"));
    away_since_ = 0;
    accepted_ = 0;
    if (now_ms - alive_noted_at_ < kAliveNoteMs) return {};
    alive_noted_at_ = now_ms;
    return state_.set_cursor(kAlive, std::to_string(now_ms));
  }

  Result<void> look_how_full(net::ImapSession& imap) {
    const auto now_ms = tools_.clock.now_ms();
    if (quota_at_ != 0 && now_ms - quota_at_ < kQuotaEveryMs) return {};
    quota_at_ = now_ms;
    const auto percent = imap.fullness_percent(folder_on_wire(settings_.folder));
    // Some servers name the extension and refuse the question; that is no reason to stop reading.
    if (!percent.ok()) return {};
    if (percent->value_or(0) >= kFullPercent)
      have(kFull, std::to_string(**percent) + " %");
    else if (percent->value_or(0) < kRoomyPercent)
      have_not(kFull);
    return {};
  }

  Result<void> read_folder(net::ImapSession& imap, const std::string& name, bool is_sent) {
    const std::string_view cursor = is_sent ? "sent" : "folder";
    const auto folder = TRY(imap.select(folder_on_wire(name)));
    auto place = read_place(TRY(state_.cursor(cursor)));
    std::vector<std::uint32_t> uids;
    TimeMs not_before = 0;
    if (place.folder != name) {  // never read
      const auto next = is_sent ? settings_.sent_next : settings_.folder_next;
      const auto validity = is_sent ? settings_.sent_validity : settings_.folder_validity;
      const bool known = next != 0 && validity == folder.uid_validity;
      place = {name, folder.uid_validity, known ? next - 1 : 0, settings_.connected_at};
      uids = TRY(known ? imap.search(newer_than(place.last_uid)) : by_time(imap, settings_.connected_at));
      if (!known) not_before = settings_.connected_at;
    } else if (place.validity != folder.uid_validity) {
      // The server has numbered its mails anew. They are told apart by what is in them: ids are made of that,
      // so what we hold already comes to nothing.
      log::warning("mail folder was numbered anew", {{"folder", name}});
      renumbered_until_ = tools_.clock.now_ms() + kDayMs;
      not_before = std::max(settings_.connected_at, place.newest_at - kResyncMs);
      place.validity = folder.uid_validity;
      place.last_uid = 0;
      uids = TRY(by_time(imap, not_before));
    } else {
      if (folder.uid_next != 0 && folder.uid_next == place.last_uid + 1) return {};
      uids = TRY(imap.search(newer_than(place.last_uid)));
    }
    std::erase_if(uids,
                  [&](std::uint32_t uid) { return uid <= place.last_uid; });  // "n:*" names the last one
    for (std::size_t done = 0; done < uids.size() && !stop_.stop_requested();) {
      const auto count = std::min(kBatchMails, uids.size() - done);
      const std::vector<std::uint32_t> batch(uids.begin() + static_cast<std::ptrdiff_t>(done),
                                             uids.begin() + static_cast<std::ptrdiff_t>(done + count));
      TRY(read_batch(imap, batch, not_before, is_sent, place, cursor));
      done += count;
    }
    // A folder that is empty, or numbered anew, is known from now on.
    if (uids.empty() && folder.uid_next != 0) {
      place.last_uid = std::max(place.last_uid, folder.uid_next - 1);
      TRY(inlet_.accept({}, cursor, write_place(place)));
    }
    return {};
  }

  static std::string newer_than(std::uint32_t uid) { return "UID " + std::to_string(uid + 1) + ":*"; }
  static Result<std::vector<std::uint32_t>> by_time(net::ImapSession& imap, TimeMs since) {
    return imap.search("SINCE " + search_day(since));
  }

  Result<void> read_batch(net::ImapSession& imap, const std::vector<std::uint32_t>& uids, TimeMs not_before,
                          bool is_sent, Place& place, std::string_view cursor) {
    std::vector<RawItem> items;
    std::size_t bytes = 0;
    const auto give = [&]() -> Result<void> {
      const auto count = static_cast<std::int64_t>(items.size());
      TRY(inlet_.accept(std::exchange(items, {}), cursor, write_place(place)));
      if (away_since_ != 0 && !is_sent) accepted_ += count;
      bytes = 0;
      return {};
    };
    for (const auto& facts : TRY(imap.facts(uids))) {
      if (stop_.stop_requested()) break;
      if (facts.received_at == 0 || facts.received_at >= not_before) {
        const bool whole = facts.size_bytes <= options_.message_limit_bytes;
        auto fetched = imap.fetch(facts.uid, !whole, whole ? options_.message_limit_bytes * 2 : kHeaderBytes);
        if (!fetched.ok() && !(fetched.error().kind == ErrorKind::kTooLarge && items.empty()))
          return items.empty() ? std::move(fetched).error() : give_then(give, std::move(fetched).error());
        if (fetched.ok() && fetched->has_body) {
          items.push_back({std::string(kSource), packed(*fetched, facts, is_sent, whole)});
          bytes += items.back().body.size();
        } else if (!fetched.ok()) {
          // A server that tells a wrong size cannot stop everything behind that mail; it is skipped aloud.
          log::error("a mail could not be read", fetched.error(), {{"uid", std::int64_t{facts.uid}}});
          place.last_uid = facts.uid;
          TRY(give());
          return unavailable("one mail could not be read: " + fetched.error().message);
        }
      }
      place.last_uid = facts.uid;
      place.newest_at = std::max(place.newest_at, facts.received_at);
      if (bytes >= kBatchBytes) TRY(give());
    }
    if (!stop_.stop_requested()) place.last_uid = std::max(place.last_uid, uids.back());
    return give();
  }

  // What was read before the fault is kept.
  template <class Give>
  static Error give_then(const Give& give, Error error) {
    auto given = give();
    return given.ok() ? std::move(error) : std::move(given).error();
  }

  std::string packed(const net::ImapFetched& mail, const net::ImapFetched& facts, bool is_sent, bool whole) {
    Envelope envelope;
    envelope.is_sent = is_sent;
    envelope.is_whole = whole;
    envelope.size_bytes = static_cast<std::int64_t>(facts.size_bytes);
    envelope.received_at = facts.received_at;
    if (!settings_.reply_address.empty() && !is_sent) envelope.word = signed_word(mail.body);
    return pack(envelope, mail.body);
  }

  // Here and not in parse(): the key is a secret, and parse() knows none.
  std::string signed_word(std::string_view message) const {
    const auto headers = Headers::read(message.substr(0, kHeaderBytes));
    for (const auto* field : {"delivered-to", "x-original-to", "envelope-to", "to", "cc"}) {
      for (const auto value : headers.all(field)) {
        for (const auto& one : read_addresses(value, 100)) {
          if (auto word = word_of_address(settings_.reply_address, one.address, key_)) return *word;
        }
      }
    }
    return {};
  }

  const Tools& tools_;
  const ReaderOptions options_;
  const Account& account_;
  const MailSettings settings_;
  AccountState& state_;
  Inlet& inlet_;
  const std::stop_token stop_;
  std::string key_;
  bool caught_up_ = false;
  TimeMs away_since_ = 0;      // 0: not away
  std::int64_t accepted_ = 0;  // since then
  TimeMs alive_noted_at_ = 0;
  TimeMs quota_at_ = 0;
  TimeMs renumbered_until_ = 0;
  std::set<std::string> problems_;
  std::set<std::string> told_well_;
};

}  // namespace

Result<void> read_mailbox(const Tools& tools, const ReaderOptions& options, const Account& account,
                          AccountState& state, Inlet& inlet, std::stop_token stop) {
  return Reader(tools, options, account, state, inlet, std::move(stop)).run();
}

}  // namespace kiki::channels::mail
