#include "channels/bluesky/dag_json.hpp"

#include <charconv>

#include "channels/bluesky/dag_cbor.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::bluesky {

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out += "\\u00";
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

Result<void> append_dag_json(std::string& out, std::string_view bytes) {
  CborReader reader(bytes);
  CborItem item;
  // Open brackets, by depth; a comma goes before every value or key but a container's first and the value
  // after a key.
  char closing[CborReader::kDepthLimit + 1];
  bool first = true, after_key = false;
  while (reader.next(item)) {
    if (item.kind == CborKind::kEnd) {
      out.push_back(closing[reader.depth()]);
      first = after_key = false;
      continue;
    }
    if (!first && !after_key) out.push_back(',');
    first = after_key = false;
    char number[32];
    std::to_chars_result end{number, {}};
    switch (item.kind) {
      case CborKind::kKey:
        append_json_string(out, item.text);
        out.push_back(':');
        after_key = true;
        break;
      case CborKind::kText:
        append_json_string(out, item.text);
        break;
      case CborKind::kBytes: {
        std::string text = net::base64(item.text);
        while (text.ends_with('=')) text.pop_back();
        out.append(R"({"$bytes":")").append(text).append("\"}");
        break;
      }
      case CborKind::kLink:
        out.append(R"({"$link":")").append(item.link.text()).append("\"}");
        break;
      case CborKind::kArray:
      case CborKind::kMap:
        out.push_back(item.kind == CborKind::kArray ? '[' : '{');
        closing[reader.depth() - 1] = item.kind == CborKind::kArray ? ']' : '}';
        first = true;
        break;
      case CborKind::kBoolean:
        out += item.boolean ? "true" : "false";
        break;
      case CborKind::kNull:
        out += "null";
        break;
      case CborKind::kInteger:
        end = std::to_chars(number, number + sizeof number, item.integer);
        out.append(number, end.ptr);
        break;
      case CborKind::kFloat:
        // With an exponent always: the shortest form of a large one looks like an integer that JSON readers
        // refuse.
        end = std::to_chars(number, number + sizeof number, item.number, std::chars_format::scientific);
        out.append(number, end.ptr);
        break;
      case CborKind::kEnd:
        break;
    }
  }
  TRY(reader.status());
  if (reader.position() != bytes.size())
    return Error{ErrorKind::kCorrupt, "bytes follow the value", {}, "dag_cbor", 0};
  return {};
}

}  // namespace kiki::channels::bluesky
