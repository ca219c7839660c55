#include "reply/outgoing.hpp"

#include <boost/json.hpp>

#include "reply/copies.hpp"

namespace kiki::reply {

std::string body_of(const channels::Outgoing& outgoing, std::string_view written) {
  json::array images;
  for (const auto& image : outgoing.images) images.emplace_back(to_string(image.id));
  json::object body{{"text", outgoing.text},
                    {"language", outgoing.language},
                    {"images", std::move(images)},
                    {"reply_reference", outgoing.reply_reference},
                    {"target_revision", outgoing.target_revision},
                    {"thread_external_id", outgoing.thread_external_id},
                    {"author_name", outgoing.author_name},
                    {"recipient_id", outgoing.recipient.external_id},
                    {"recipient_handle", outgoing.recipient.handle},
                    {"recipient_name", outgoing.recipient.name}};
  if (!outgoing.copies.empty()) body["copies"] = copies_json(outgoing.copies);
  if (!written.empty()) body["written"] = written;
  return json::serialize(body);
}

Result<channels::Outgoing> to_outgoing(store::Connection& db, const OutboxRow& row, bool with_images) {
  auto document = JsonDocument::parse(row.body);
  if (!document.ok())
    return Error{ErrorKind::kCorrupt, "the outbox row cannot be read", {}, "corrupt_row", 0};
  const auto body = document->root();
  channels::Outgoing out;
  out.outbox_id = row.id;
  out.case_id = row.case_id;
  out.action = row.action;
  out.target_external_id = row.target_external_id;
  out.network_key = row.network_key;
  out.created_at = row.created_at;
  out.text = body["text"].text();
  out.language = body["language"].text();
  out.reply_reference = body["reply_reference"].text();
  out.target_revision = body["target_revision"].text();
  out.thread_external_id = body["thread_external_id"].text();
  out.author_name = body["author_name"].text();
  out.recipient.external_id = body["recipient_id"].text();
  out.recipient.handle = body["recipient_handle"].text();
  out.recipient.name = body["recipient_name"].text();
  out.copies = TRY(read_receivers(body["copies"]));
  TRY(db.one(
      "SELECT c.visibility, p.text, p.posted_at, i.name, i.external_id FROM posts p JOIN conversations c ON "
      "c.workspace_id = p.workspace_id AND c.id = p.conversation_id LEFT JOIN identities i ON i.workspace_id "
      "= p.workspace_id AND i.id = p.identity_id WHERE p.external_id = $1 AND p.workspace_id = $2",
      {row.target_external_id, row.workspace_id}, [&](const store::Row& found) {
        if (found.text(0) == "private") out.visibility = channels::Visibility::kPrivate;
        out.answered = {found.string(1), found.string(3), found.string(4), found.integer(2)};
        return true;
      }));
  TRY(body["images"].each([&](JsonView value) -> Result<void> {
    const auto id = parse_id(value.text()).value_or(0);
    static const std::string with_body =
        "SELECT content_type, alt, width, height, preview_id, body FROM attachments WHERE workspace_id = $1 "
        "AND id = $2";
    static const std::string without_body =
        "SELECT content_type, alt, width, height, preview_id, '' FROM attachments WHERE workspace_id = $1 "
        "AND id = $2";
    auto image = TRY(
        db.one(with_images ? with_body : without_body, {row.workspace_id, id}, [&](const store::Row& found) {
          channels::Outgoing::Image read;
          read.id = id;
          read.content_type = found.string(0);
          read.alt = found.string(1);
          read.width = found.integer(2);
          read.height = found.integer(3);
          read.preview_id = found.integer(4);
          if (with_images) read.body = std::string(found.blob(5));
          return read;
        }));
    if (!image) return not_found("a picture of this reply is gone");
    out.images.push_back(std::move(*image));
    return {};
  }));
  return out;
}

}  // namespace kiki::reply
