#include "channels/chat/visitor_message.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "text/utf8.hpp"

namespace kiki::channels::chat {

namespace {

constexpr std::array<std::string_view, 8> kMembers = {"id",    "text",     "files", "name",
                                                      "email", "language", "page",  "continues"};

// One line without control characters, without blanks around it.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  const auto begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return line.substr(begin, line.find_last_not_of(' ') - begin + 1);
}

bool is_word(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The page without what stands behind ? and #, where sites put secrets.
std::string page_or_empty(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  if (url.size() > kUrlMostBytes) return {};
  return url.starts_with("https://") || url.starts_with("http://") ? one_line(url) : std::string();
}

bool is_language(std::string_view tag) {
  return tag.size() <= 35 && std::ranges::all_of(tag, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

bool is_message_id(std::string_view id) {
  return !id.empty() && id.size() <= kMessageIdMostBytes && is_word(id);
}

bool is_email(std::string_view text) {
  if (text.size() > kEmailMostBytes) return false;
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const auto host = text.substr(at + 1);
  const auto dot = host.find('.');
  if (dot == std::string_view::npos || dot == 0 || host.ends_with('.')) return false;
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7F ||
           std::string_view(",;:<>()[]\\\"").find(c) != std::string_view::npos;
  });
}

Result<VisitorMessage> read_visitor_message(std::string_view body) {
  const auto document = TRY(JsonDocument::parse(body, {.bytes = kMessageMostBytes, .depth = 4}));
  const auto root = document.root();
  if (!root.is_object()) return invalid("expected an object");
  TRY(root.each_member([&](std::string_view key, JsonView value) -> Result<void> {
    if (std::ranges::find(kMembers, key) == kMembers.end()) return invalid("unknown member", value.pointer());
    return {};
  }));
  VisitorMessage message;
  message.id = TRY(root["id"].string(kMessageIdMostBytes));
  if (!is_message_id(message.id)) return invalid("letters, digits, - and _ only", "/id");
  message.text = TRY(root["text"].string_or("", kMessageMostBytes));
  if (message.text.find('\0') != std::string::npos) return invalid("must not contain a zero byte", "/text");
  if (text::count_code_points(message.text) > kTextMostCharacters)
    return Error{ErrorKind::kInvalid, "is too long", "/text", "too_long", 0};
  const auto files = root["files"];
  if (!files.is_null()) {
    if (!files.is_array()) return invalid("expected an array", "/files");
    if (files.size() > kFilesMost) return invalid("too many files", "/files");
    TRY(files.each([&](JsonView file) -> Result<void> {
      const auto id = parse_id(TRY(file.string(20)));
      if (!id || std::ranges::find(message.files, *id) != message.files.end())
        return invalid("expected the id of an uploaded file", file.pointer());
      message.files.push_back(*id);
      return {};
    }));
  }
  if (is_blank(message.text) && message.files.empty()) return invalid("is empty", "/text");
  message.name = one_line(TRY(root["name"].string_or("", kNameMostBytes)));
  message.email = one_line(TRY(root["email"].string_or("", kMessageMostBytes)));
  if (!message.email.empty() && !is_email(message.email))
    return Error{ErrorKind::kInvalid, "is no e-mail address", "/email", "email", 0};
  message.language = TRY(root["language"].string_or("", kMessageMostBytes));
  if (!is_language(message.language)) return invalid("expected a language tag", "/language");
  message.page = page_or_empty(TRY(root["page"].string_or("", kMessageMostBytes)));
  // From the page's address, where anything may stand: what is no word of ours must not cost them their
  // message.
  auto word = TRY(root["continues"].string_or("", kMessageMostBytes));
  if (word.size() <= kWordMostBytes && is_word(word)) message.continues = std::move(word);
  return message;
}

std::string visitor_key(Id account_id, Id visitor_id) {
  return to_string(account_id) + "/v/" + to_string(visitor_id);
}
std::string message_key(Id account_id, Id visitor_id, std::string_view message_id) {
  return to_string(account_id) + "/m/" + to_string(visitor_id) + "/" + std::string(message_id);
}
std::string answer_key(Id account_id, Id outbox_id) {
  return to_string(account_id) + "/out/" + to_string(outbox_id);
}
Id visitor_of(Id account_id, std::string_view key) {
  const auto prefix = to_string(account_id) + "/v/";
  if (!key.starts_with(prefix)) return 0;
  return parse_id(key.substr(prefix.size())).value_or(0);
}

std::string to_receipt(std::string_view external_id, std::string_view kind) {
  return json::serialize(json::object{{"external_id", external_id}, {"kind", kind}});
}

std::string to_item(const Arrival& arrival) {
  json::array files;
  for (const auto& file : arrival.files) {
    files.push_back(json::object{{"id", to_string(file.id)},
                                 {"content_type", file.content_type},
                                 {"bytes", file.bytes},
                                 {"width", file.width},
                                 {"height", file.height}});
  }
  return json::serialize(json::object{{"visitor", to_string(arrival.visitor_id)},
                                      {"id", arrival.message_id},
                                      {"text", arrival.text},
                                      {"files", std::move(files)},
                                      {"name", arrival.name},
                                      {"email", arrival.email},
                                      {"proven_user", arrival.proven_user},
                                      {"language", arrival.language},
                                      {"page", arrival.page},
                                      {"continues", arrival.continues}});
}

Result<IncomingPost> read_item(Id account_id, JsonView item, TimeMs received_at) {
  if (!item.is_object()) return invalid("expected an object");
  const auto visitor_id = parse_id(TRY(item["visitor"].string(20)));
  if (!visitor_id) return invalid("expected an id", "/visitor");
  const auto message_id = TRY(item["id"].string(kMessageIdMostBytes));
  if (!is_message_id(message_id)) return invalid("expected an id", "/id");
  IncomingPost post;
  post.reason = "message";
  post.visibility = Visibility::kPrivate;
  post.external_id = message_key(account_id, *visitor_id, message_id);
  post.thread_external_id = visitor_key(account_id, *visitor_id);
  post.text = TRY(item["text"].string(kMessageMostBytes));
  post.language = TRY(item["language"].string_or("", 35));
  post.url = TRY(item["page"].string_or("", kUrlMostBytes));
  post.continues = TRY(item["continues"].string_or("", kWordMostBytes));
  post.posted_at = received_at;
  post.author.network = "chat";
  post.author.external_id = post.thread_external_id;
  post.author.name = TRY(item["name"].string(kNameMostBytes));
  post.author.handle = TRY(item["email"].string_or("", kEmailMostBytes));
  post.author.customer_id = TRY(item["proven_user"].string_or("", kNameMostBytes));
  if (post.author.handle.empty()) post.author.handle = post.author.customer_id;
  TRY(item["files"].each([&](JsonView file) -> Result<void> {
    if (post.attachments.size() >= kFilesMost) return invalid("too many files", "/files");
    Attachment attachment;
    attachment.kind = "image";
    attachment.reference = TRY(file["id"].string(20));
    attachment.content_type = TRY(file["content_type"].string_or("", 100));
    attachment.size_bytes = TRY(file["bytes"].integer_or(0));
    attachment.width = TRY(file["width"].integer_or(0));
    attachment.height = TRY(file["height"].integer_or(0));
    post.attachments.push_back(std::move(attachment));
    return {};
  }));
  return post;
}

}  // namespace kiki::channels::chat
