#include "delivery/typing.hpp"

#include "base/json.hpp"
#include "base/log.hpp"

namespace kiki::delivery {

namespace {

struct Place {
  Id account_id = 0;
  std::string network;
  std::string thread;
  bool takes_answers = true;
};

Result<std::optional<Place>> place_of(store::Connection& db, Id workspace_id, Id case_id) {
  auto place = TRY(db.one(
      "SELECT c.account_id, c.network, c.external_id, c.visibility, p.extra FROM posts p JOIN conversations "
      "c ON "
      "c.workspace_id = p.workspace_id AND c.id = p.conversation_id WHERE p.workspace_id = $1 AND p.case_id "
      "= $2 "
      "AND p.direction = 'in' ORDER BY p.posted_at DESC, p.id DESC LIMIT 1",
      {workspace_id, case_id}, [](const store::Row& row) {
        const auto extra = JsonDocument::parse(row.text(4));
        return Place{row.integer(0), row.string(1), row.string(2),
                     row.text(3) == "private" && extra.ok() && extra->root()["reply_closed"].text().empty()};
      }));
  if (place && !place->takes_answers) place.reset();
  return place;
}

}  // namespace

void Typing::tell(Id workspace_id, Id case_id, bool is_writing) {
  const auto told = [&]() -> Result<void> {
    std::optional<Place> place;
    {
      auto reader = TRY(parts_.db.reader());
      place = TRY(place_of(*reader, workspace_id, case_id));
    }
    if (!place) return {};
    auto* channel = parts_.channel(place->network);
    if (channel == nullptr || !channel->descriptor().capabilities.typing) return {};
    {
      const std::lock_guard lock(mutex_);
      if (told_.size() >= kTypingKept) told_.clear();
      auto& before = told_[{workspace_id, place->thread}];
      const auto now_ms = parts_.clock.now_ms();
      const bool is_new =
          before.is_writing != is_writing || (is_writing && now_ms - before.at >= kTypingAgainMs);
      if (!is_new) return {};
      before = {is_writing, now_ms};
    }
    const bool taken = pool_.submit([this, workspace_id, channel, place = *std::move(place), is_writing] {
      const auto row = parts_.accounts.read(workspace_id, place.account_id);
      if (!row.ok() || row->status == "paused") return;
      auto state = parts_.state(workspace_id, place.account_id);
      const auto shown = channel->show_typing(row->account, *state, place.thread, is_writing, {});
      if (!shown.ok()) log::debug("not shown that somebody writes", {{"reason", shown.error().message}});
    });
    if (!taken) log::debug("not shown that somebody writes", {{"reason", "busy"}});
    return {};
  }();
  if (!told.ok()) log::warning("not shown that somebody writes", told.error());
}

}  // namespace kiki::delivery
