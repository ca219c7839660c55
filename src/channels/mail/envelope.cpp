#include "channels/mail/envelope.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::channels::mail {

std::string pack(const Envelope& envelope, std::string_view message) {
  auto out = json::serialize(json::object{{"sent", envelope.is_sent},
                                          {"whole", envelope.is_whole},
                                          {"size_bytes", envelope.size_bytes},
                                          {"received_at", envelope.received_at},
                                          {"word", envelope.word}});
  out += '\n';
  out += message;
  return out;
}

Result<Unpacked> unpack(std::string_view body) {
  const auto end = body.find('\n');
  if (end == std::string_view::npos) return invalid("no mail in this item");
  const auto document = TRY(JsonDocument::parse(body.substr(0, end)));
  const auto root = document.root();
  Unpacked out;
  out.envelope.is_sent = TRY(root["sent"].boolean_or(false));
  out.envelope.is_whole = TRY(root["whole"].boolean_or(true));
  out.envelope.size_bytes = TRY(root["size_bytes"].integer_or(0));
  out.envelope.received_at = TRY(root["received_at"].integer_or(0));
  out.envelope.word = TRY(root["word"].string_or("", 100));
  out.message = body.substr(end + 1);
  return out;
}

}  // namespace kiki::channels::mail
