// What a visitor's page sends, as bytes; what passes must come out of the journal as it went in.

#include <boost/json.hpp>

#include "base/check.hpp"
#include "channels/chat/visitor_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace chat = kiki::channels::chat;
  const auto message = chat::read_visitor_message({reinterpret_cast<const char*>(data), size});
  if (!message.ok()) return 0;
  chat::Arrival arrival;
  arrival.visitor_id = 7;
  arrival.message_id = message->id;
  arrival.text = message->text;
  for (const auto id : message->files) arrival.files.push_back({id, "image/png", 1, 1, 1});
  arrival.name = message->name;
  arrival.email = message->email;
  arrival.language = message->language;
  arrival.page = message->page;
  arrival.continues = message->continues;
  const auto document = kiki::JsonDocument::parse(chat::to_item(arrival));
  CHECK(document.ok());
  const auto post = chat::read_item(42, document->root(), 1);
  CHECK(post.ok());
  CHECK(post->text == message->text && post->attachments.size() == message->files.size());
  return 0;
}
