#include "channels/mail/compose.hpp"

#include <fmt/core.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <ctime>
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

constexpr std::size_t kQuotedBytes = 16 * 1024;

bool has_kana(std::string_view text) {
  const auto all = text::code_points(text);
  return std::any_of(all.begin(), all.end(),
                     [](const text::CodePoint& c) { return c.value >= 0x3041 && c.value <= 0x30FE; });
}

// "2026年3月3日(火) 18:30 山田花子 <hana@example.com>:", in the words of the answer and by the clock of whom
// it answers.
std::string attribution(const Outgoing::Answered& answered, std::string_view language, std::string_view text,
                        int offset_minutes) {
  const auto seconds = static_cast<std::time_t>(answered.at / 1'000 + std::int64_t{offset_minutes} * 60);
  std::tm time{};
  gmtime_r(&seconds, &time);
  const auto who = answered.name.empty() || answered.name == answered.address
                       ? answered.address
                       : answered.name + " <" + answered.address + ">";
  if (language.starts_with("ja") || (language.empty() && has_kana(text))) {
    static constexpr std::array kDays = {"日", "月", "火", "水", "木", "金", "土"};
    return fmt::format("{}年{}月{}日({}) {:02}:{:02} {}:", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday,
                       kDays.at(static_cast<std::size_t>(time.tm_wday)), time.tm_hour, time.tm_min, who);
  }
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format(
      "On {}, {} {} {} at {:02}:{:02}, {} wrote:", kDays.at(static_cast<std::size_t>(time.tm_wday)),
      time.tm_mday, kMonths.at(static_cast<std::size_t>(time.tm_mon)), time.tm_year + 1900, time.tm_hour,
      time.tm_min, who);
}

// What is answered, below the answer, as mail programs fold it. What that mail quoted itself is left out: it
// was folded away from post.text, and grows with every turn.
std::string quoted_below(const Outgoing& outgoing, int offset_minutes) {
  const auto& answered = outgoing.answered;
  auto text = trimmed(answered.text);
  if (text.empty() || answered.address.empty()) return {};
  const auto cut = text::cut_at_code_point(text, kQuotedBytes);
  std::string out =
      "\n\n" + one_line(attribution(answered, outgoing.language, outgoing.text, offset_minutes)) + "\n";
  for (std::size_t at = 0; at <= cut.size();) {
    const auto end = std::min(cut.find('\n', at), cut.size());
    const auto line = cut.substr(at, end - at);
    out += line.starts_with('>') || line.empty() ? ">" : "> ";
    out += line;
    out += '\n';
    at = end + 1;
  }
  if (cut.size() < text.size()) out += "> […]\n";
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
    out.offset_minutes =
        static_cast<int>(std::clamp<std::int64_t>(root["offset_minutes"].number_or_zero(), -1'080, 1'080));
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
  for (const auto& one : outgoing.copies) {
    const auto address = TRY(net::address_of(one.address));
    const auto name = one_line(one.name);
    g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_CC, name.empty() ? nullptr : name.c_str(),
                               address.c_str());
  }
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

  const auto words =
      with_crlf(outgoing.text + (settings.quotes ? quoted_below(outgoing, answered.offset_minutes) : ""));
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
