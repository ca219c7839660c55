#include "channels/bluesky/firehose_frame.hpp"

#include "channels/bluesky/dag_cbor.hpp"

namespace kiki::channels::bluesky {

namespace {

// The value after a key, when it is of the kind asked for; any other kind fails the reader.
bool take(CborReader& reader, CborItem& item, CborKind kind) {
  if (!reader.next(item)) return false;
  if (item.kind == kind) return true;
  reader.fail("a member has another type than the lexicon says");
  return false;
}

void take_text(CborReader& reader, std::string_view& out) {
  CborItem item;
  if (take(reader, item, CborKind::kText)) out = item.text;
}

void take_integer(CborReader& reader, std::int64_t& out) {
  CborItem item;
  if (take(reader, item, CborKind::kInteger)) out = item.integer;
}

void take_boolean(CborReader& reader, bool& out) {
  CborItem item;
  if (take(reader, item, CborKind::kBoolean)) out = item.boolean;
}

void take_ops(CborReader& reader, std::vector<FirehoseOp>& ops) {
  CborItem item;
  if (!take(reader, item, CborKind::kArray)) return;
  if (item.size > FirehoseFrame::kOpsLimit) return reader.fail("too many operations in one commit");
  while (reader.next(item) && item.kind == CborKind::kMap) {
    FirehoseOp op;
    while (reader.next(item) && item.kind == CborKind::kKey) {
      if (item.text == "action") {
        take_text(reader, op.action);
      } else if (item.text == "path") {
        take_text(reader, op.path);
      } else if (item.text == "cid") {
        if (!reader.next(item)) return;
        if (item.kind == CborKind::kLink) {
          op.cid = item.link;
        } else if (item.kind != CborKind::kNull) {
          return reader.fail("an operation's cid is not a link");
        }
      } else {
        reader.skip();
      }
    }
    ops.push_back(op);
  }
  if (reader.ok() && item.kind != CborKind::kEnd) reader.fail("an operation is not a map");
}

FirehoseFrame::Kind kind_of(std::int64_t op, std::string_view type) {
  using Kind = FirehoseFrame::Kind;
  if (op == -1) return Kind::kError;
  if (op != 1) return Kind::kUnknown;
  if (type == "#commit") return Kind::kCommit;
  if (type == "#sync") return Kind::kSync;
  if (type == "#identity") return Kind::kIdentity;
  if (type == "#account") return Kind::kAccount;
  if (type == "#info") return Kind::kInfo;
  return Kind::kUnknown;
}

void read_body(CborReader& reader, FirehoseFrame& frame) {
  using Kind = FirehoseFrame::Kind;
  CborItem item;
  if (!take(reader, item, CborKind::kMap)) return;
  const bool known = frame.kind != Kind::kUnknown;
  while (reader.next(item) && item.kind == CborKind::kKey) {
    const std::string_view key = item.text;
    if (!known) {
      reader.skip();
    } else if (key == "seq") {
      take_integer(reader, frame.seq);
    } else if (key == "repo" || key == "did") {
      take_text(reader, frame.did);
    } else if (key == "rev") {
      take_text(reader, frame.rev);
    } else if (key == "time") {
      take_text(reader, frame.time);
    } else if (key == "tooBig") {
      take_boolean(reader, frame.too_big);
    } else if (key == "blocks") {
      if (take(reader, item, CborKind::kBytes)) frame.blocks = item.text;
    } else if (key == "ops") {
      take_ops(reader, frame.ops);
    } else if (key == "active") {
      take_boolean(reader, frame.active);
    } else if (key == "status") {
      take_text(reader, frame.status);
    } else if (key == "handle") {
      take_text(reader, frame.handle);
    } else if (key == "name" || key == "error") {
      take_text(reader, frame.name);
    } else if (key == "message") {
      take_text(reader, frame.message);
    } else {
      reader.skip();
    }
  }
}

}  // namespace

Result<void> decode_firehose_frame(std::string_view bytes, FirehoseFrame& frame) {
  std::vector<FirehoseOp> ops = std::move(frame.ops);
  ops.clear();
  frame = FirehoseFrame{};
  frame.ops = std::move(ops);

  CborReader header(bytes);
  CborItem item;
  std::int64_t op = 0;
  std::string_view type;
  if (!take(header, item, CborKind::kMap)) return header.status();
  while (header.next(item) && item.kind == CborKind::kKey) {
    if (item.text == "op") {
      take_integer(header, op);
    } else if (item.text == "t") {
      take_text(header, type);
    } else {
      header.skip();
    }
  }
  TRY(header.status());
  frame.kind = kind_of(op, type);

  CborReader body(bytes.substr(header.position()));
  read_body(body, frame);
  TRY(body.status());
  if (header.position() + body.position() != bytes.size()) {
    return Error{ErrorKind::kCorrupt, "bytes follow the frame", {}, "firehose_frame", 0};
  }
  using Kind = FirehoseFrame::Kind;
  const bool counted =
      frame.kind != Kind::kInfo && frame.kind != Kind::kError && frame.kind != Kind::kUnknown;
  if (counted && (frame.seq <= 0 || frame.did.empty())) {
    return Error{ErrorKind::kCorrupt, "a frame without seq or account", {}, "firehose_frame", 0};
  }
  return {};
}

namespace {

constexpr std::size_t kGlanceLimit = 24;  // links and hashtags of a post

// The value after a key, when it is of this kind; any other is passed over.
bool enter(CborReader& reader, CborItem& item, CborKind kind) {
  if (!reader.next(item)) return false;
  if (item.kind == kind) return true;
  if (item.kind == CborKind::kMap || item.kind == CborKind::kArray) reader.skip();
  return false;
}

void add_text(CborReader& reader, std::vector<std::string_view>& out) {
  CborItem item;
  if (enter(reader, item, CborKind::kText) && !item.text.empty() && out.size() < kGlanceLimit)
    out.push_back(item.text);
}

// {"uri"}, or {"record": {"uri"}} beside media.
// NOLINTNEXTLINE(misc-no-recursion): two levels
void glance_at_quoted(CborReader& reader, PostGlance& glance, bool inside) {
  CborItem item;
  if (!enter(reader, item, CborKind::kMap)) return;
  while (reader.next(item) && item.kind == CborKind::kKey) {
    if (item.text == "uri") {
      if (enter(reader, item, CborKind::kText) &&
          item.text.find("/app.bsky.feed.post/") != std::string_view::npos)
        glance.is_quote = true;
    } else if (item.text == "record" && !inside) {
      glance_at_quoted(reader, glance, true);
    } else {
      reader.skip();
    }
  }
}

// Lexicons app.bsky.embed.*: each has its own key, so that the order of the keys says nothing.
// NOLINTNEXTLINE(misc-no-recursion): two levels
void glance_at_embed(CborReader& reader, PostGlance& glance, bool inside) {
  CborItem item;
  if (!enter(reader, item, CborKind::kMap)) return;
  while (reader.next(item) && item.kind == CborKind::kKey) {
    const auto key = item.text;
    if (key == "images" || key == "items") {
      if (!enter(reader, item, CborKind::kArray)) continue;
      glance.has_image |= item.size > 0;
      reader.skip();
    } else if (key == "video") {
      glance.has_video = true;
      reader.skip();
    } else if (key == "external") {
      if (!enter(reader, item, CborKind::kMap)) continue;
      while (reader.next(item) && item.kind == CborKind::kKey) {
        if (item.text == "uri") {
          add_text(reader, glance.links);
        } else {
          reader.skip();
        }
      }
    } else if (key == "record") {
      glance_at_quoted(reader, glance, false);
    } else if (key == "media" && !inside) {
      glance_at_embed(reader, glance, true);
    } else {
      reader.skip();
    }
  }
}

// [{"features": [{"uri"} or {"tag"}]}]
void glance_at_facets(CborReader& reader, PostGlance& glance) {
  CborItem item;
  if (!enter(reader, item, CborKind::kArray)) return;
  while (reader.next(item) && item.kind != CborKind::kEnd) {
    if (item.kind != CborKind::kMap) {
      if (item.kind == CborKind::kArray) reader.skip();
      continue;
    }
    while (reader.next(item) && item.kind == CborKind::kKey) {
      if (item.text != "features") {
        reader.skip();
        continue;
      }
      if (!enter(reader, item, CborKind::kArray)) continue;
      while (reader.next(item) && item.kind != CborKind::kEnd) {
        if (item.kind != CborKind::kMap) {
          if (item.kind == CborKind::kArray) reader.skip();
          continue;
        }
        while (reader.next(item) && item.kind == CborKind::kKey) {
          if (item.text == "uri") {
            add_text(reader, glance.links);
          } else if (item.text == "tag") {
            add_text(reader, glance.hashtags);
          } else {
            reader.skip();
          }
        }
      }
    }
  }
}

}  // namespace

Result<PostGlance> glance_at_post(std::string_view record) {
  PostGlance glance;
  CborReader reader(record);
  CborItem item;
  if (!take(reader, item, CborKind::kMap)) return reader.status().error();
  while (reader.next(item) && item.kind == CborKind::kKey) {
    if (item.text == "text") {
      take_text(reader, glance.text);
    } else if (item.text == "langs") {
      if (!take(reader, item, CborKind::kArray)) break;
      while (reader.next(item) && item.kind == CborKind::kText) {
        if (glance.language.empty()) glance.language = item.text;
      }
      if (reader.ok() && item.kind != CborKind::kEnd) reader.fail("a language is not text");
    } else if (item.text == "reply") {
      if (!take(reader, item, CborKind::kMap)) break;
      while (reader.next(item) && item.kind == CborKind::kKey) {
        auto* uri = item.text == "parent" ? &glance.parent_uri
                    : item.text == "root" ? &glance.root_uri
                                          : nullptr;
        if (!uri) {
          reader.skip();
          continue;
        }
        if (!take(reader, item, CborKind::kMap)) break;
        while (reader.next(item) && item.kind == CborKind::kKey) {
          if (item.text == "uri") {
            take_text(reader, *uri);
          } else {
            reader.skip();
          }
        }
      }
    } else if (item.text == "embed") {
      glance_at_embed(reader, glance, false);
    } else if (item.text == "facets") {
      glance_at_facets(reader, glance);
    } else {
      reader.skip();
    }
  }
  TRY(reader.status());
  return glance;
}

}  // namespace kiki::channels::bluesky
