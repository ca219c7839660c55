#pragma once
// The X Activity API's stream: the events a webhook brings, for a desk that X cannot call. It is the app's:
// one connection serves all its accounts, and each event goes to the account it names. What was missed while
// it was away is asked for by the readers, so that none of them may take the stream's silence for X's.
// https://docs.x.com/x-api/activity/introduction

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "channels/contract/channel.hpp"
#include "channels/x/x_channel.hpp"

namespace kiki::channels::x {

// X sends again what it sent in the last minutes, at most five, and only in an Enterprise contract.
inline constexpr int kBackfillLimitMinutes = 5;

class ActivityStreams {
  struct Stream;

 public:
  // One account's place at its app's stream. Events come into its inlet until it is given back.
  class Seat {
   public:
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    bool is_connected() const;
    // Once after every new connection: what came before it is to be asked for.
    bool take_reconnected();
    std::string trouble() const;  // why it is not connected; English
    // The day's budget cannot pay the next event: to be given back at once, for X bills what it delivers.
    bool is_spent() const;
    // Until the time is over, the stream is there again, the budget ends, or stop is requested (then false).
    bool wait(std::stop_token stop, std::int64_t time_ms);
    const std::string& token() const;

   private:
    friend class ActivityStreams;
    Seat(std::shared_ptr<Stream> stream, const Account& account, AccountState& state, Inlet& inlet)
        : stream_(std::move(stream)), account_(account), state_(state), inlet_(inlet) {}
    std::shared_ptr<Stream> stream_;
    const Account& account_;
    AccountState& state_;
    Inlet& inlet_;
    bool reconnected_ = false;
    bool spent_ = false;
  };

  ActivityStreams(Tools& tools, const XOptions& options) : tools_(tools), options_(options) {}
  ~ActivityStreams();

  std::unique_ptr<Seat> join(const std::string& token, const Account& account, AccountState& state,
                             Inlet& inlet);

  // One line of a stream, public for tests: an error ends the connection.
  Result<void> take_line(Seat& any_seat, std::string_view line);

 private:
  Result<void> take(Stream& stream, std::string_view line);
  void run(Stream& stream, std::stop_token stop);

  Tools& tools_;
  const XOptions& options_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Stream>> streams_;  // by the app's token
};

// An Enterprise contract, as far as an account's settings tell it.
bool is_enterprise(const Account& account);
// What X bills for an event that it delivered.
std::int64_t price_of_event(std::string_view event_type);

}  // namespace kiki::channels::x
