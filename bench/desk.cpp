#include "desk.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kiki::bench {
namespace {

namespace json = boost::json;
constexpr int kStartLimitMs = 60'000;

// Starts a program; its standard output goes to `output` when that is not -1.
Result<pid_t> spawn(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = ::fork();
  if (process < 0) return internal_error("cannot start " + command.front());
  if (process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // nothing stays behind when the bench is interrupted
    if (output >= 0) ::dup2(output, STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  return process;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// "VmRSS: 1234 kB" and "write_bytes: 1234" alike.
std::int64_t number_after(const std::string& text, const std::string& key) {
  const auto at = text.find(key);
  return at == std::string::npos ? 0 : std::strtoll(text.c_str() + at + key.size(), nullptr, 10);
}

// Fields 14 and 15 of a stat file, counted behind the name in brackets, in clock ticks.
double cpu_time_s(const std::string& stat) {
  std::istringstream fields(stat.substr(std::min(stat.rfind(')'), stat.size() - 1) + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Result<json::value> parsed(const std::string& body) {
  boost::system::error_code failed;
  auto value = json::parse(body, failed);
  if (failed) return internal_error("the answer is no JSON: " + body.substr(0, 200));
  return value;
}

std::string text_of(const json::value& value, std::string_view pointer) {
  boost::system::error_code failed;
  const auto* found = value.find_pointer(pointer, failed);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

Desk& Desk::operator=(Desk&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(output_, other.output_);
  port_ = other.port_;
  ready_ms_ = other.ready_ms_;
  setup_token_ = std::move(other.setup_token_);
  workspace_id_ = std::move(other.workspace_id_);
  session_ = std::move(other.session_);
  token_ = std::move(other.token_);
  return *this;
}

Result<Desk> Desk::start(const std::string& program, const std::string& data,
                         const std::vector<std::string>& flags) {
  Desk desk;
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return internal_error("no pipe");
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::string> command{program,  "serve", "--listen",    "127.0.0.1:0",
                                   "--data", data,    "--log-level", "warning"};
  command.insert(command.end(), flags.begin(), flags.end());
  auto process = spawn(command, pipe[1]);
  ::close(pipe[1]);
  desk.output_ = pipe[0];
  if (!process.ok()) return std::move(process).error();
  desk.process_ = *process;

  std::string said;
  std::array<char, 4'096> buffer;
  constexpr std::string_view kReady = " is ready at http://";
  while (said.find(kReady) == std::string::npos || !said.ends_with('\n')) {
    pollfd wait{desk.output_, POLLIN, 0};
    if (::poll(&wait, 1, kStartLimitMs) <= 0) return unavailable("the server did not start in time");
    const auto n = ::read(desk.output_, buffer.data(), buffer.size());
    if (n <= 0) return unavailable("the server ended: " + said);
    said.append(buffer.data(), static_cast<std::size_t>(n));
  }
  desk.ready_ms_ =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  const auto address = said.substr(said.find(kReady) + kReady.size());
  desk.port_ = static_cast<int>(std::strtol(address.c_str() + address.find(':') + 1, nullptr, 10));
  const auto link = said.find("/setup#");
  if (link != std::string::npos) desk.setup_token_ = said.substr(link + 7, said.find('\n', link) - link - 7);
  return desk;
}

void Desk::stop() {
  if (process_ != 0) {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  if (output_ >= 0) ::close(output_);
  output_ = -1;
}

Usage Desk::usage() const {
  const auto folder = "/proc/" + std::to_string(process_);
  Usage usage;
  usage.cpu_s = cpu_time_s(file_text(folder + "/stat"));
  std::error_code failed;
  for (const auto& thread : std::filesystem::directory_iterator(folder + "/task", failed)) {
    usage.busiest_thread_s =
        std::max(usage.busiest_thread_s, cpu_time_s(file_text(thread.path().string() + "/stat")));
  }
  const auto status = file_text(folder + "/status");
  usage.resident_mb = static_cast<double>(number_after(status, "VmRSS:")) / 1024;
  usage.peak_mb = static_cast<double>(number_after(status, "VmHWM:")) / 1024;
  usage.private_mb = static_cast<double>(number_after(status, "RssAnon:")) / 1024;
  const auto io = file_text(folder + "/io");
  usage.written_bytes = number_after(io, "\nwrite_bytes:");
  usage.write_calls = number_after(io, "syscw:");
  return usage;
}

Result<void> Desk::take_session(const Answer& answer) {
  const auto me = TRY(parsed(answer.body));
  session_ = {{"Cookie", answer.cookie}, {"X-CSRF-Token", text_of(me, "/csrf_token")}};
  workspace_id_ = text_of(me, "/workspaces/0/id");
  if (workspace_id_.empty()) return internal_error("the desk has no workspace: " + answer.body);
  return {};
}

Result<void> Desk::set_up() {
  HttpClient nobody(port_);
  const json::object owner{{"token", setup_token_},        {"name", "Owner"},  {"email", "owner@example.com"},
                           {"password", "kikimimi-bench"}, {"language", "en"}, {"workspace_name", "Bench"},
                           {"time_zone", "Asia/Tokyo"}};
  TRY(take_session(TRY(nobody.good("POST", "/api/v1/setup", json::serialize(owner)))));
  auto client = person();
  const json::object account{{"network", "open"}, {"fields", json::object{{"name", "Bench"}}}};
  const auto made = TRY(client.good("POST", in_workspace("/accounts"), json::serialize(account)));
  const auto token = text_of(TRY(parsed(made.body)), "/token");
  if (token.empty()) return internal_error("the open account has no token: " + made.body);
  token_ = {{"Authorization", "Bearer " + token}};
  return {};
}

Result<void> Desk::sign_in(const std::string& email, const std::string& password) {
  HttpClient nobody(port_);
  const json::object body{{"email", email}, {"password", password}};
  return take_session(TRY(nobody.good("POST", "/api/v1/session", json::serialize(body))));
}

Result<std::vector<HttpClient::Headers>> Desk::invite(int people) {
  std::vector<HttpClient::Headers> sessions;
  auto owner = person();
  const auto members = TRY(owner.good("GET", in_workspace("/members?limit=200"))).body;
  const auto session_of = [](const Answer& answer) -> Result<HttpClient::Headers> {
    return HttpClient::Headers{{"Cookie", answer.cookie},
                               {"X-CSRF-Token", text_of(TRY(parsed(answer.body)), "/csrf_token")}};
  };
  for (int i = 0; i < people; ++i) {
    const auto email = "agent" + std::to_string(i) + "@example.com";
    if (members.find("\"" + email + "\"") != std::string::npos) {  // from an earlier run on the same data
      HttpClient known(port_);
      const json::object who{{"email", email}, {"password", "kikimimi-bench"}};
      sessions.push_back(TRY(session_of(TRY(known.good("POST", "/api/v1/session", json::serialize(who))))));
      continue;
    }
    const auto made = TRY(owner.good("POST", in_workspace("/invitations"), R"({"role":"agent"})"));
    const auto link = text_of(TRY(parsed(made.body)), "/link");
    const auto secret = link.substr(link.rfind('/') + 1);
    const json::object body{{"name", "Agent " + std::to_string(i)},
                            {"email", email},
                            {"password", "kikimimi-bench"},
                            {"language", "en"}};
    HttpClient nobody(port_);
    const auto answer =
        TRY(nobody.good("POST", "/api/v1/invitations/" + secret + "/accept", json::serialize(body)));
    sessions.push_back(TRY(session_of(answer)));
  }
  return sessions;
}

Result<std::string> seeded(const std::string& program, const std::string& folder, std::int64_t cases,
                           std::int64_t posts) {
  const auto data = folder + "/seed-" + std::to_string(cases) + "-" + std::to_string(posts);
  if (std::filesystem::exists(data)) return data;
  const auto unfinished = data + ".part";
  std::error_code failed;
  std::filesystem::remove_all(unfinished, failed);
  const pid_t process = TRY(spawn({program, "seed", "--data", unfinished, "--cases", std::to_string(cases),
                                   "--posts", std::to_string(posts)},
                                  STDERR_FILENO));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return internal_error("the data could not be made");
  std::filesystem::rename(unfinished, data, failed);
  if (failed) return internal_error("cannot rename " + unfinished);
  return data;
}

}  // namespace kiki::bench
