// Put together as text: data and row are JSON already, and parsing them again for each event would cost more
// than all the rest. Neither holds a raw line break, because both were serialised by us.

#include "live/change_frame.hpp"

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "net/event_stream.hpp"

namespace kiki::live {

namespace {
std::string quoted_id(Id id) {
  return id == 0 ? "null" : "\"" + to_string(id) + "\"";
}
}  // namespace

std::string change_frame(const events::Event& event, std::string_view case_row) {
  std::string body;
  body.reserve(256 + event.data.size() + case_row.size());
  body += "{\"seq\":" + std::to_string(event.seq);
  body += ",\"at\":\"" + to_rfc3339(event.at) + "\"";
  body += ",\"kind\":" + json::serialize(json::string(event.kind));
  body += ",\"case_id\":" + quoted_id(event.case_id);
  body += ",\"post_id\":" + quoted_id(event.post_id);
  body += ",\"actor_id\":" + quoted_id(event.actor_id);
  body += ",\"data\":";
  body += event.data.empty() ? std::string_view("{}") : std::string_view(event.data);
  body += ",\"case\":";
  body += case_row.empty() ? std::string_view("null") : case_row;
  body += "}";
  return net::event_frame(std::to_string(event.seq), "change", body);
}

}  // namespace kiki::live
