#include "channels/mail/compose.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include "base/json.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/post_ids.hpp"
#include "net/mail_client.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

struct Unref {
  void operator()(void* object) const {
    if (object != nullptr) g_object_unref(object);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

Owned<GMimePart> part_of(std::string_view bytes, const char* type, const char* subtype) {
  Owned<GMimePart> part(g_mime_part_new_with_type(type, subtype));
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
  return part;
}

// Mail has CRLF at the end of its lines, also inside base64.
std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  if (!out.ends_with('\n')) out += "\r\n";
  return out;
}

std::string ids_line(const std::vector<std::string>& ids) {
  std::string out;
  for (const auto& id : ids) out += (out.empty() ? "<" : " <") + id + ">";
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

}  // namespace

ReplyTo read_reply_reference(const Outgoing& outgoing) {
  ReplyTo out;
  const auto document =
      JsonDocument::parse(outgoing.reply_reference.empty() ? "{}" : outgoing.reply_reference);
  if (document.ok()) {
    const auto root = document->root();
    out.message_id = root["message_id"].text();
    out.subject = root["subject"].text();
    out.to = {std::string(root["to_name"].text()), std::string(root["to"].text())};
    out.word = root["word"].text();
    (void)root["references"]
        .each([&](JsonView id) -> Result<void> {
          if (out.references.size() < 100) out.references.emplace_back(id.text());
          return {};
        })
        .ok();
  }
  if (out.to.address.empty()) out.to = {outgoing.recipient.name, outgoing.recipient.external_id};
  if (out.word.empty()) out.word = word_of_thread(outgoing.thread_external_id);
  return out;
}

std::string reply_subject(std::string_view subject) {
  static constexpr std::array kMarks = {std::string_view("re:"),    std::string_view("re："),
                                        std::string_view("ＲＥ："), std::string_view("返信:"),
                                        std::string_view("返信："), std::string_view("aw:"),
                                        std::string_view("sv:")};
  auto rest = trimmed(subject);
  for (bool found = true; found;) {
    found = false;
    for (const auto mark : kMarks) {
      if (!lower_ascii(rest.substr(0, mark.size())).starts_with(mark)) continue;
      rest = trimmed(rest.substr(mark.size()));
      found = true;
    }
  }
  return rest.empty() ? "Re:" : "Re: " + std::string(rest);
}

Result<std::string> compose_reply(const MailSettings& settings, const Outgoing& outgoing,
                                  std::string_view reply_address) {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
  const auto answered = read_reply_reference(outgoing);
  const auto to = net::address_of(answered.to.address);
  if (!to.ok() || *to == settings.address)
    return Error{ErrorKind::kUnprocessable, "There is no address to answer to.", {}, "no_address", 0};

  const Owned<GMimeMessage> message(g_mime_message_new(TRUE));
  auto* const object = GMIME_OBJECT(message.get());
  const auto header = [&](const char* name, const std::string& value) {
    if (!value.empty()) g_mime_object_set_header(object, name, value.c_str(), "utf-8");
  };
  header("Date", net::mail_date(outgoing.created_at));
  g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_FROM, one_line(settings.name).c_str(),
                             settings.address.c_str());
  const auto to_name = one_line(answered.to.name);
  g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_TO,
                             to_name.empty() ? nullptr : to_name.c_str(), to->c_str());
  if (!reply_address.empty()) {
    g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, one_line(settings.name).c_str(),
                               std::string(reply_address).c_str());
  }
  const auto subject =
      with_tag(reply_subject(one_line(answered.subject)), settings.subject_tag, answered.word);
  g_mime_message_set_subject(message.get(), subject.c_str(), "utf-8");
  g_mime_message_set_message_id(message.get(), outgoing.network_key.c_str());
  auto references = answered.references;
  if (!answered.message_id.empty()) {
    header("In-Reply-To", ids_line({answered.message_id}));
    if (std::find(references.begin(), references.end(), answered.message_id) == references.end())
      references.push_back(answered.message_id);
  }
  header("References", ids_line(references));
  if (outgoing.language.size() <= 35) header("Content-Language", outgoing.language);

  const auto words = with_crlf(outgoing.text);
  auto text = part_of(words, "text", "plain");
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(text.get()), "charset", "utf-8");
  if (outgoing.images.empty()) {
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(text.get()));
  } else {
    const Owned<GMimeMultipart> all(g_mime_multipart_new_with_subtype("mixed"));
    const auto boundary = "kikimimi-" + base32(outgoing.network_key, 24);
    g_mime_multipart_set_boundary(all.get(), boundary.c_str());
    g_mime_multipart_add(all.get(), GMIME_OBJECT(text.get()));
    int number = 0;
    for (const auto& image : outgoing.images) {
      const auto slash = image.content_type.find('/');
      const auto subtype = slash == std::string::npos ? "octet-stream" : image.content_type.substr(slash + 1);
      const auto type = slash == std::string::npos ? "application" : image.content_type.substr(0, slash);
      auto picture = part_of(image.body, type.c_str(), subtype.c_str());
      const auto name = "image-" + std::to_string(++number) + "." + (subtype == "jpeg" ? "jpg" : subtype);
      g_mime_part_set_filename(picture.get(), name.c_str());
      g_mime_object_set_disposition(GMIME_OBJECT(picture.get()), "inline");
      if (!image.alt.empty()) g_mime_part_set_content_description(picture.get(), one_line(image.alt).c_str());
      g_mime_multipart_add(all.get(), GMIME_OBJECT(picture.get()));
    }
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(all.get()));
  }
  auto* const format = g_mime_format_options_new();
  g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
  char* const written = g_mime_object_to_string(object, format);
  g_mime_format_options_free(format);
  std::string out = written == nullptr ? "" : written;
  g_free(written);
  if (out.empty()) return internal_error("a mail could not be written");
  return out;
}

}  // namespace kiki::channels::mail
