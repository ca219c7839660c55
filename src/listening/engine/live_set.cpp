#include "listening/engine/live_set.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace kiki::listening::engine {

void LayeredSet::match(const query::Post& post, Scratch& scratch, std::vector<std::uint64_t>& ids) const {
  Needs needs = base_->needs();
  needs |= recent_->needs();
  scratch.read(post, needs);
  base_->match(scratch, ids);
  if (!replaced_.empty()) {
    std::erase_if(
        ids, [&](std::uint64_t id) { return std::binary_search(replaced_.begin(), replaced_.end(), id); });
  }
  if (recent_->queries() == 0) return;
  std::vector<std::uint64_t> more;
  recent_->match(scratch, more);
  const auto middle = static_cast<std::ptrdiff_t>(ids.size());
  ids.insert(ids.end(), more.begin(), more.end());
  std::inplace_merge(ids.begin(), ids.begin() + middle, ids.end());
}

bool LayeredSet::matches_any(const query::Post& post, Scratch& scratch) const {
  if (replaced_.empty()) {
    Needs needs = base_->needs();
    needs |= recent_->needs();
    scratch.read(post, needs);
    return base_->matches_any(scratch) || (recent_->queries() != 0 && recent_->matches_any(scratch));
  }
  std::vector<std::uint64_t> ids;
  match(post, scratch, ids);
  return !ids.empty();
}

std::size_t LayeredSet::queries() const {
  return base_->queries() - replaced_.size() + recent_->queries();
}

std::size_t LayeredSet::bytes() const {
  return base_->bytes() + recent_->bytes() + replaced_.size() * sizeof(std::uint64_t);
}

LiveSet::LiveSet(std::size_t recent_limit) : recent_limit_(recent_limit) {
  load({});
}

LiveSet::~LiveSet() {
  std::thread merging;
  {
    const std::lock_guard lock(changes_);
    stops_ = true;
    merging = std::move(merging_);
  }
  if (merging.joinable()) merging.join();
}

void LiveSet::load(const std::vector<Change>& all) {
  settle();
  RuleSetBuilder builder;
  for (const auto& one : all) builder.add(one.id, *one.query, one.fold);
  auto base = builder.build();
  const std::lock_guard lock(changes_);
  sources_.clear();
  for (const auto& one : all) sources_[one.id] = {one.query, one.fold};
  CHECK(sources_.size() == all.size());  // each id once
  recent_.clear();
  base_ = std::move(base);
  changed();
}

void LiveSet::put(Change change) {
  const std::lock_guard lock(changes_);
  sources_[change.id] = {std::move(change.query), change.fold};
  recent_[change.id] = true;
  changed();
}

void LiveSet::remove(std::uint64_t id) {
  const std::lock_guard lock(changes_);
  if (sources_.erase(id) == 0) return;
  recent_[id] = false;
  changed();
}

std::shared_ptr<const LayeredSet> LiveSet::set() const {
  const std::lock_guard lock(swap_);
  return set_;
}

void LiveSet::changed() {
  RuleSetBuilder builder;
  auto made = std::make_shared<LayeredSet>();
  for (const auto& [id, is_there] : recent_) {
    if (base_->has(id)) made->replaced_.push_back(id);
    if (!is_there) continue;
    const auto& source = sources_.at(id);
    builder.add(id, *source.query, source.fold);
  }
  made->base_ = base_;
  made->recent_ = builder.build();
  {
    const std::lock_guard lock(swap_);
    set_ = std::move(made);
  }
  if (recent_.size() <= recent_limit_ || is_merging_ || stops_) return;
  if (merging_.joinable()) merging_.join();  // it has ended: is_merging_ says so
  is_merging_ = true;
  merging_ = std::thread([this] { merge(); });
}

// Beside all else; what changes meanwhile stays recent.
void LiveSet::merge() {
  std::vector<std::pair<std::uint64_t, Source>> sources;
  {
    const std::lock_guard lock(changes_);
    sources.assign(sources_.begin(), sources_.end());
  }
  RuleSetBuilder builder;
  std::unordered_map<std::uint64_t, const Source*> known;
  for (const auto& [id, source] : sources) {
    builder.add(id, *source.query, source.fold);
    known[id] = &source;
  }
  auto base = builder.build();
  const std::lock_guard lock(changes_);
  std::erase_if(recent_, [&](const auto& one) {
    const auto then = known.find(one.first);
    const auto now = sources_.find(one.first);
    if (now == sources_.end()) return then == known.end();
    return then != known.end() && then->second->query == now->second.query &&
           then->second->fold == now->second.fold;
  });
  base_ = std::move(base);
  is_merging_ = false;
  // The changes that came meanwhile are few, so that this begins no further merge but by the next change.
  const auto stops = std::exchange(stops_, true);
  changed();
  stops_ = stops;
}

void LiveSet::settle() {
  std::thread merging;
  {
    const std::lock_guard lock(changes_);
    merging = std::move(merging_);
  }
  if (merging.joinable()) merging.join();
}

}  // namespace kiki::listening::engine
