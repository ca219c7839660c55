#include "accounts/stream_monitor.hpp"

namespace kiki::accounts {

class StreamMonitor::Watched final : public channels::StreamInlet {
 public:
  Watched(StreamMonitor& monitor, std::unique_ptr<channels::StreamInlet> inner)
      : monitor_(monitor), inner_(std::move(inner)) {}

  bool wants(const channels::StreamPost& post) override {
    monitor_.seen_.fetch_add(1, std::memory_order_relaxed);
    return inner_->wants(post);
  }
  bool knows(std::string_view external_id) override { return inner_->knows(external_id); }
  Result<void> offer(const channels::StreamPost& post, channels::RawItem item) override {
    monitor_.found_.fetch_add(1, std::memory_order_relaxed);
    return inner_->offer(post, std::move(item));
  }
  Result<void> offer_deletion(std::string_view external_id, channels::RawItem item) override {
    return inner_->offer_deletion(external_id, std::move(item));
  }
  bool knows_author(std::string_view author_external_id, std::string_view posts_prefix) override {
    return inner_->knows_author(author_external_id, posts_prefix);
  }
  Result<void> offer_author(std::string_view author_external_id, std::string_view posts_prefix,
                            channels::RawItem item) override {
    return inner_->offer_author(author_external_id, posts_prefix, std::move(item));
  }
  Result<void> checkpoint(std::string_view cursor_value) override { return inner_->checkpoint(cursor_value); }
  Result<std::string> cursor() override { return inner_->cursor(); }
  Result<std::vector<std::string>> rules(std::size_t limit_characters) override {
    return inner_->rules(limit_characters);
  }
  void health(std::string_view status, std::string_view detail) override {
    {
      const std::lock_guard lock(monitor_.mutex_);
      monitor_.status_ = status;
      monitor_.detail_ = detail;
    }
    // A listener whose stream nobody wants is as it was.
    if (status != "off") inner_->health(status, detail);
  }

 private:
  StreamMonitor& monitor_;
  std::unique_ptr<channels::StreamInlet> inner_;
};

std::unique_ptr<channels::StreamInlet> StreamMonitor::watch(std::unique_ptr<channels::StreamInlet> inner) {
  {
    const std::lock_guard lock(mutex_);
    status_ = "starting";
  }
  return std::make_unique<Watched>(*this, std::move(inner));
}

StreamState StreamMonitor::state() const {
  const std::lock_guard lock(mutex_);
  return {status_, detail_, seen_.load(), found_.load()};
}

}  // namespace kiki::accounts
