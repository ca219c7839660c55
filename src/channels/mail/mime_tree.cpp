#include "channels/mail/mime_tree.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <mutex>

#include "channels/mail/charset.hpp"
#include "net/signed_content.hpp"
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

void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

// GMime builds an object for each part before we can count them, so a mail of a million parts is told by its
// dividing lines first.
bool divides_too_often(std::string_view message) {
  std::size_t lines = 0;
  for (auto at = message.find("\n--"); at != std::string_view::npos; at = message.find("\n--", at + 1)) {
    if (++lines > kBoundaryLines) return true;
  }
  return false;
}

// Where the body begins; npos when there is none.
std::size_t find_body(std::string_view message) {
  for (std::size_t at = 0; at < message.size();) {
    const auto end = message.find('\n', at);
    if (end == std::string_view::npos) break;
    const bool empty = end == at || (end == at + 1 && message[at] == '\r');
    at = end + 1;
    if (empty) return at;
  }
  return std::string_view::npos;
}

// What GMime must know: of the header only how the body is built. (It takes long over a header of a hundred
// thousand receivers, and we read headers ourselves.)
std::string with_content_headers_only(std::string_view message, const Headers& headers) {
  std::string out;
  out.reserve(message.size() + 2);
  for (const auto* name :
       {"content-type", "content-transfer-encoding", "content-disposition", "content-id"}) {
    const auto value = headers.get(name);
    if (!value.empty()) out += std::string(name) + ": " + std::string(value) + "\r\n";
  }
  out += "\r\n";
  if (const auto body = find_body(message); body != std::string_view::npos) out += message.substr(body);
  return out;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+' || c == '_';
  });
}

// Most mails of customers are one text. Such a mail is its own only leaf, and its body needs no tree: GMime's
// objects, streams and locks are half of the time of reading it. Anything unusual goes the long way.
bool is_one_plain_part(std::string_view root_type, GMimeContentEncoding encoding) {
  if (encoding == GMIME_CONTENT_ENCODING_UUENCODE) return false;
  if (root_type.empty()) return true;
  const auto slash = root_type.find('/');
  if (slash == std::string_view::npos) return false;
  const auto media = root_type.substr(0, slash);
  return media != "multipart" && media != "message" && is_token(media) &&
         is_token(root_type.substr(slash + 1));
}

GMimeContentEncoding encoding_of(std::string_view transfer_encoding) {
  const auto name = std::string(trimmed(transfer_encoding));
  return name.empty() ? GMIME_CONTENT_ENCODING_DEFAULT : g_mime_content_encoding_from_string(name.c_str());
}

std::string decoded(std::string_view body, GMimeContentEncoding encoding) {
  if (encoding != GMIME_CONTENT_ENCODING_BASE64 && encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
    return std::string(body);
  GMimeEncoding decoder;
  g_mime_encoding_init_decode(&decoder, encoding);
  std::string out(g_mime_encoding_outlen(&decoder, body.size()), '\0');
  out.resize(g_mime_encoding_flush(&decoder, body.data(), body.size(), out.data()));
  return out;
}

std::string type_of(GMimeObject* object) {
  auto* const type = g_mime_object_get_content_type(object);
  if (type == nullptr) return "text/plain";
  const auto* const media = g_mime_content_type_get_media_type(type);
  const auto* const sub = g_mime_content_type_get_media_subtype(type);
  return lower_ascii(std::string(media == nullptr ? "text" : media) + "/" + (sub == nullptr ? "plain" : sub));
}

std::string raw_header(GMimeObject* object, const char* name) {
  auto* const header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
  if (header == nullptr) return {};
  const auto* const raw = g_mime_header_get_raw_value(header);
  return raw == nullptr ? std::string() : std::string(raw);
}

std::string stream_bytes(GMimeStream* stream) {
  auto* const array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
  return {reinterpret_cast<const char*>(array->data), array->len};
}

std::string without_brackets(std::string_view id) {
  id = trimmed(id);
  if (id.starts_with('<')) id.remove_prefix(1);
  if (id.ends_with('>')) id.remove_suffix(1);
  return std::string(id.substr(0, 500));
}

void describe(MimeLeaf& leaf, std::string_view content_type, std::string_view disposition,
              std::string_view content_id) {
  leaf.charset = read_parameter(content_type, "charset");
  leaf.flowed = lower_ascii(read_parameter(content_type, "format")) == "flowed";
  leaf.delete_space = lower_ascii(read_parameter(content_type, "delsp")) == "yes";
  auto name = read_parameter(disposition, "filename");
  if (name.empty()) name = read_parameter(content_type, "name");
  leaf.name = clean_file_name(name);
  leaf.content_id = without_brackets(content_id);
  leaf.is_attachment = lower_ascii(trimmed(disposition)).starts_with("attachment");
}

// S/MIME signed in one piece (RFC 8551, 3.5.2): the words are readable without any key. Whose signature it is
// is not asked, as nowhere here. What is inside takes the place of the mail's own content.
bool unpack_signed(std::string_view message, Headers& headers, std::string& unsealed) {
  const auto content_type = headers.get("content-type");
  const auto type = lower_ascii(trimmed(content_type.substr(0, content_type.find(';'))));
  if (type != "application/pkcs7-mime" && type != "application/x-pkcs7-mime") return false;
  const auto kind = lower_ascii(read_parameter(content_type, "smime-type"));
  if (!kind.empty() && kind != "signed-data") return false;
  const auto at = find_body(message);
  if (at == std::string_view::npos) return false;
  const auto der = decoded(message.substr(at), encoding_of(headers.get("content-transfer-encoding")));
  const auto inner = net::content_of_signed(der);
  if (!inner) return false;
  const auto inner_headers = Headers::read(*inner);
  for (const auto* name : {"content-type", "content-transfer-encoding", "content-disposition", "content-id"})
    headers.replace(name, inner_headers.get(name));
  const auto body = find_body(*inner);
  unsealed = "\r\n" + (body == std::string::npos ? std::string() : inner->substr(body));
  return true;
}

}  // namespace

struct MimeTree::Impl {
  std::string message;  // GMime reads parts from here while the tree lives; of one plain part the body alone
  GMimeContentEncoding encoding = GMIME_CONTENT_ENCODING_DEFAULT;  // of one plain part
  Owned<GMimeMessage> mail;                                        // none for one plain part
  std::vector<GMimeObject*> objects;                               // one a leaf
  int multiparts = 0;

  void walk(GMimeObject* object, const MimeLeaf& above, MimeTree& tree) {
    if (object == nullptr || tree.is_too_complex_) return;
    if (GMIME_IS_MULTIPART(object)) {
      if (above.path.size() >= kDepthLimit) {
        tree.is_too_complex_ = true;
        return;
      }
      auto here = above;
      here.parent_type = type_of(object);
      here.parent = ++multiparts;
      here.path.push_back(here.parent);
      here.in_alternative = above.in_alternative || here.parent_type == "multipart/alternative";
      auto* const multipart = GMIME_MULTIPART(object);
      for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i)
        walk(g_mime_multipart_get_part(multipart, i), here, tree);
      return;
    }
    if (objects.size() >= kPartsLimit) {
      tree.is_too_complex_ = true;
      return;
    }
    auto leaf = above;
    leaf.index = static_cast<int>(objects.size());
    leaf.type = type_of(object);
    describe(leaf, raw_header(object, "Content-Type"), raw_header(object, "Content-Disposition"),
             raw_header(object, "Content-ID"));
    objects.push_back(object);
    tree.leaves_.push_back(std::move(leaf));
  }
};

MimeTree::MimeTree() : impl_(std::make_unique<Impl>()) {}
MimeTree::MimeTree(MimeTree&&) noexcept = default;
MimeTree& MimeTree::operator=(MimeTree&&) noexcept = default;
MimeTree::~MimeTree() = default;

MimeTree MimeTree::read(std::string_view message) {
  start_gmime();
  MimeTree tree;
  tree.headers_ = Headers::read(message);
  std::string unsealed;
  if (unpack_signed(message, tree.headers_, unsealed)) message = unsealed;
  const auto content_type = tree.headers_.get("content-type");
  tree.root_type_ = lower_ascii(trimmed(content_type.substr(0, content_type.find(';'))));
  if (tree.root_type_ == "multipart/report")
    tree.report_type_ = lower_ascii(read_parameter(content_type, "report-type"));
  auto& impl = *tree.impl_;
  impl.encoding = encoding_of(tree.headers_.get("content-transfer-encoding"));
  if (is_one_plain_part(tree.root_type_, impl.encoding)) {
    MimeLeaf leaf;
    leaf.type = tree.root_type_.empty() ? "text/plain" : tree.root_type_;
    describe(leaf, content_type, tree.headers_.get("content-disposition"), tree.headers_.get("content-id"));
    tree.leaves_.push_back(std::move(leaf));
    const auto body = find_body(message);
    if (body != std::string_view::npos) impl.message = message.substr(body);
    return tree;
  }
  if (divides_too_often(message)) {
    tree.is_too_complex_ = true;
    return tree;
  }
  impl.message = with_content_headers_only(message, tree.headers_);
  const Owned<GMimeStream> stream(
      g_mime_stream_mem_new_with_buffer(impl.message.data(), impl.message.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_persist_stream(parser.get(), TRUE);
  impl.mail.reset(g_mime_parser_construct_message(parser.get(), nullptr));
  if (impl.mail) impl.walk(g_mime_message_get_mime_part(impl.mail.get()), {}, tree);
  return tree;
}

std::string MimeTree::bytes(int index) const {
  if (!impl_->mail && index == 0 && !leaves_.empty()) return decoded(impl_->message, impl_->encoding);
  if (index < 0 || static_cast<std::size_t>(index) >= impl_->objects.size()) return {};
  auto* const object = impl_->objects[static_cast<std::size_t>(index)];
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  if (GMIME_IS_PART(object)) {
    auto* const content = g_mime_part_get_content(GMIME_PART(object));
    if (content != nullptr) g_mime_data_wrapper_write_to_stream(content, out.get());
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    auto* const inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (inner != nullptr) g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, out.get());
  }
  return stream_bytes(out.get());
}

std::string MimeTree::text(const MimeLeaf& leaf) const {
  auto text = to_utf8(bytes(leaf.index), leaf.charset);
  if (text::find_invalid_utf8(text)) text = text::to_valid_utf8(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r') {
      if (i + 1 >= text.size() || text[i + 1] != '\n') out += '\n';
    } else if (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7F)) {
      out += text[i];
    }
  }
  if (!leaf.flowed) return out;
  // RFC 3676: a line that ends in a space goes on; "-- " does not.
  std::string unflowed;
  for (std::size_t at = 0; at < out.size();) {
    const auto end = std::min(out.find('\n', at), out.size());
    auto line = std::string_view(out).substr(at, end - at);
    at = end + 1;
    const bool quoted = line.starts_with('>');
    if (!quoted && line.starts_with(' ')) line.remove_prefix(1);
    const bool goes_on = !quoted && line.ends_with(' ') && line != "-- " && at < out.size() && out[at] != '>';
    if (goes_on && leaf.delete_space) line.remove_suffix(1);
    unflowed += line;
    if (!goes_on && end < out.size()) unflowed += '\n';
  }
  return unflowed;
}

}  // namespace kiki::channels::mail
