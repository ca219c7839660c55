#pragma once
// The server under measurement, as its own process, and the accounts on it.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "http_client.hpp"

namespace kiki::bench {

// What the kernel knows of a process.
struct Usage {
  double cpu_s = 0;                // user and system
  double busiest_thread_s = 0;     // of it the thread that worked most: it bounds what can pass
  double resident_mb = 0;          // now
  double peak_mb = 0;              // since its start
  double private_mb = 0;           // without pages of files
  std::int64_t written_bytes = 0;  // given to the disk
  std::int64_t write_calls = 0;
};

class Desk {
 public:
  // Starts `kikimimi serve` on this directory and waits until it says that it is ready.
  // `flags` go to it as they are.
  static Result<Desk> start(const std::string& program, const std::string& data,
                            const std::vector<std::string>& flags = {});
  Desk(Desk&& other) noexcept { *this = std::move(other); }
  Desk& operator=(Desk&& other) noexcept;
  ~Desk() { stop(); }
  void stop();

  int port() const { return port_; }
  double ready_ms() const { return ready_ms_; }
  Usage usage() const;

  // A new desk: owner, workspace and an open account, as a person would make them.
  Result<void> set_up();
  // A seeded desk: signs in.
  Result<void> sign_in(const std::string& email, const std::string& password);
  // More people in the workspace, invited and signed in: their session's headers.
  Result<std::vector<HttpClient::Headers>> invite(int people);

  HttpClient person() const { return HttpClient(port_, session_); }  // the owner
  HttpClient stranger() const { return HttpClient(port_); }         // a network that calls
  HttpClient program() const { return HttpClient(port_, token_); }   // the open account
  const HttpClient::Headers& session() const { return session_; }
  std::string in_workspace(std::string_view path) const {
    return "/api/v1/workspaces/" + workspace_id_ + std::string(path);
  }

 private:
  Desk() = default;
  Result<void> take_session(const Answer& answer);

  pid_t process_ = 0;
  int output_ = -1;  // of the server
  int port_ = 0;
  double ready_ms_ = 0;
  std::string setup_token_;
  std::string workspace_id_;
  HttpClient::Headers session_;
  HttpClient::Headers token_;
};

// Runs `kikimimi seed` unless this data is there already.
Result<std::string> seeded(const std::string& program, const std::string& folder, std::int64_t cases,
                           std::int64_t posts);

}  // namespace kiki::bench
