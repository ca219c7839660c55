#include "net/local_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.hpp"

namespace kiki::net {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error failed(const std::string& what) {
  return unavailable(what + ": " + std::strerror(errno));
}

// A socket's path may have 107 bytes, a directory's more: it is reached through its descriptor.
struct Place {
  Descriptor directory;
  sockaddr_un address{};
};

Result<Place> place_of(const std::string& directory, const std::string& name) {
  Place place;
  place.directory = Descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place.directory) {
    if (errno == ENOENT) return not_found("there is no directory " + directory);
    return failed("cannot open " + directory);
  }
  const auto path = "/proc/self/fd/" + std::to_string(place.directory.get()) + "/" + name;
  if (path.size() >= sizeof(place.address.sun_path)) return invalid("the socket's name is too long");
  place.address.sun_family = AF_UNIX;
  path.copy(place.address.sun_path, path.size());
  return place;
}

bool wait_for(int fd, short what) {
  pollfd one{fd, what, 0};
  return ::poll(&one, 1, kLocalTimeoutMs) == 1;
}

// Until the other side has said all (it ends its half). Nothing: too long, too slow, or broken.
std::optional<std::string> read_all(int fd) {
  std::string text;
  char buffer[4096];
  while (wait_for(fd, POLLIN)) {
    const auto got = ::recv(fd, buffer, sizeof(buffer), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kLocalMessageLimitBytes) return std::nullopt;
  }
  return std::nullopt;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    if (!wait_for(fd, POLLOUT)) return false;
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return ::shutdown(fd, SHUT_WR) == 0;
}

}  // namespace

struct LocalServer::Impl {
  Place place;
  Descriptor listening;
  Descriptor stop_reads, stop_writes;
  Handler handler;
  std::thread thread;

  void run() {
    while (true) {
      pollfd waits[] = {{listening.get(), POLLIN, 0}, {stop_reads.get(), POLLIN, 0}};
      if (::poll(waits, 2, -1) < 0) {
        if (errno == EINTR) continue;
        return;
      }
      if (waits[1].revents != 0) return;
      const Descriptor peer(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer) continue;
      const auto request = read_all(peer.get());
      if (request && !write_all(peer.get(), handler(*request)))
        log::warning("a local command did not wait for its answer");
    }
  }
};

LocalServer::LocalServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LocalServer::~LocalServer() {
  impl_->stop_writes = Descriptor();  // the other end becomes readable
  impl_->thread.join();
  ::unlink(impl_->place.address.sun_path);
}

Result<std::unique_ptr<LocalServer>> LocalServer::start(const std::string& directory, const std::string& name,
                                                        Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->handler = std::move(handler);
  impl->place = TRY(place_of(directory, name));
  impl->listening = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!impl->listening) return failed("cannot make a socket");
  const auto* address = reinterpret_cast<const sockaddr*>(&impl->place.address);
  ::unlink(impl->place.address.sun_path);
  if (::bind(impl->listening.get(), address, sizeof(sockaddr_un)) != 0 ||
      ::chmod(impl->place.address.sun_path, 0600) != 0 || ::listen(impl->listening.get(), 8) != 0)
    return failed("cannot listen in " + directory);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("cannot make a pipe");
  impl->stop_reads = Descriptor(ends[0]);
  impl->stop_writes = Descriptor(ends[1]);
  impl->thread = std::thread([at = impl.get()] { at->run(); });
  return std::unique_ptr<LocalServer>(new LocalServer(std::move(impl)));
}

Result<std::string> ask_local(const std::string& directory, const std::string& name,
                              std::string_view request) {
  const auto place = TRY(place_of(directory, name));
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed("cannot make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place.address), sizeof(sockaddr_un)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return not_found("nobody listens in " + directory);
    return failed("cannot reach the server in " + directory);
  }
  if (!write_all(socket.get(), request))
    return failed("the server in " + directory + " did not take the command");
  auto answer = read_all(socket.get());
  if (!answer || answer->empty()) return unavailable("the server in " + directory + " did not answer");
  return *std::move(answer);
}

}  // namespace kiki::net
