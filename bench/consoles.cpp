#include "consoles.hpp"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include "http_client.hpp"

namespace kiki::bench {
namespace {

constexpr std::string_view kBefore = R"("preview":"k)";
constexpr std::string_view kReset = "event: reset";
constexpr std::size_t kDigits = 7;
constexpr std::size_t kTailBytes = kBefore.size() + kDigits - 1;
constexpr int kWaitMs = 50;

}  // namespace

std::string mark(std::int64_t number) {
  return fmt::format("k{:07} ", number);
}

Consoles::Consoles(Seen seen)
    : seen_(std::move(seen)), epoll_(::epoll_create1(EPOLL_CLOEXEC)), thread_([this] { run(); }) {}

Consoles::~Consoles() {
  stopping_ = true;
  thread_.join();
  for (const auto& console : consoles_) {
    if (console->socket >= 0) ::close(console->socket);
  }
  ::close(epoll_);
}

Result<void> Consoles::open(int port, std::string_view path,
                            const std::vector<std::pair<std::string, std::string>>& headers) {
  auto console = std::make_unique<Console>();
  console->socket = TRY(connect_to(port));
  const auto head = request_head("GET", path, headers, 0);
  if (::send(console->socket, head.data(), head.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(head.size()))
    return unavailable("the request of a live stream was not sent");
  std::string answer;
  std::array<char, 4'096> buffer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const auto n = ::recv(console->socket, buffer.data(), buffer.size(), 0);
    if (n <= 0) return unavailable("a live stream was not answered");
    answer.append(buffer.data(), static_cast<std::size_t>(n));
  }
  if (!answer.starts_with("HTTP/1.1 200")) return unavailable("a live stream was refused: " + answer);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = console.get();
  consoles_.push_back(std::move(console));
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, consoles_.back()->socket, &event) != 0)
    return internal_error("epoll takes no more");
  ++opened_;
  return {};
}

void Consoles::run() {
  std::array<epoll_event, 256> events;
  while (!stopping_) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kWaitMs);
    for (int i = 0; i < count; ++i)
      read(*static_cast<Console*>(events[static_cast<std::size_t>(i)].data.ptr));
  }
}

void Consoles::read(Console& console) {
  std::array<char, 65'536> buffer;
  std::copy(console.tail.begin(), console.tail.end(), buffer.begin());
  const auto kept = console.tail.size();
  const auto n = ::recv(console.socket, buffer.data() + kept, buffer.size() - kept, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, console.socket, nullptr);
    ++lost_;
    return;
  }
  bytes_ += n;
  const std::string_view text(buffer.data(), kept + static_cast<std::size_t>(n));
  look(text, std::chrono::steady_clock::now());
  console.tail = text.substr(text.size() - std::min(text.size(), kTailBytes));
}

void Consoles::look(std::string_view text, Time at) {
  for (auto found = text.find(kBefore); found != std::string_view::npos;
       found = text.find(kBefore, found + 1)) {
    const auto digits = text.substr(found + kBefore.size(), kDigits);
    std::int64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ptr == digits.data() + kDigits) seen_(number, at);
  }
  if (text.find(kReset) != std::string_view::npos) ++resets_;
}

}  // namespace kiki::bench
