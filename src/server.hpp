#pragma once
// Builds the desk out of its stages, in the order of the path of a post, and runs it until it is asked to
// stop.

#include <functional>
#include <memory>
#include <string>

#include "base/config.hpp"
#include "base/error.hpp"

namespace kiki {

struct ServerOptions {
  Config config;
  bool sample = false;  // make an owner and start the sample day when the desk is new
};

class Server {
 public:
  // Opens the store, starts every stage, and listens. Everything is undone when a step fails.
  static Result<std::unique_ptr<Server>> start(ServerOptions options);
  ~Server();  // stops

  std::string address() const;     // "127.0.0.1:8080", the real one
  std::string url() const;         // "http://127.0.0.1:8080", or the configured public_url
  std::string first_link() const;  // one-time set-up or sign-in link; "" when somebody works here already
  void stop();                     // from the doors inwards; what is accepted is kept. Idempotent.

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace kiki
