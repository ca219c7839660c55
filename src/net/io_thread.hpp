#pragma once
// One thread with one io_context of its own. Everything that belongs to a connection lives and dies on its
// thread.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

namespace kiki::net {

// A connection or stream that stop() has to reach; used on its io thread only.
class Stoppable {
 public:
  virtual ~Stoppable() = default;
  virtual void on_stop() = 0;  // end soon: idle ones at once, busy ones after their answer
};

class StreamConnection;

struct IoThread {
  std::unordered_set<Stoppable*> open;  // io thread only
  bool stopping = false;                // io thread only

  // Streams with something to write. Many pushes make one wake-up of the io thread.
  std::mutex ready_mutex;
  std::vector<std::shared_ptr<StreamConnection>> ready;

  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
  std::thread thread;
};

}  // namespace kiki::net
