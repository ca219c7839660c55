// libxml2 reads what people send as HTML into a tree; its output is not used. Because everything is escaped
// and every element closed here, a browser reads it the same way whatever the mail tried.

#include "channels/mail/html_clean.hpp"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "channels/mail/header_words.hpp"
#include "text/html.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kOutBytes = 512 * 1024;
constexpr int kDepthLimit = 200;
constexpr std::size_t kUrlBytes = 2'000;

constexpr std::array kKept = {
    std::string_view("a"),      std::string_view("b"),       std::string_view("blockquote"),
    std::string_view("br"),     std::string_view("caption"), std::string_view("code"),
    std::string_view("dd"),     std::string_view("del"),     std::string_view("div"),
    std::string_view("dl"),     std::string_view("dt"),      std::string_view("em"),
    std::string_view("h1"),     std::string_view("h2"),      std::string_view("h3"),
    std::string_view("h4"),     std::string_view("h5"),      std::string_view("h6"),
    std::string_view("hr"),     std::string_view("i"),       std::string_view("ins"),
    std::string_view("li"),     std::string_view("ol"),      std::string_view("p"),
    std::string_view("pre"),    std::string_view("s"),       std::string_view("small"),
    std::string_view("strike"), std::string_view("strong"),  std::string_view("sub"),
    std::string_view("sup"),    std::string_view("table"),   std::string_view("tbody"),
    std::string_view("td"),     std::string_view("tfoot"),   std::string_view("th"),
    std::string_view("thead"),  std::string_view("tr"),      std::string_view("u"),
    std::string_view("ul")};
// With all that is in them.
constexpr std::array kDropped = {
    std::string_view("applet"),   std::string_view("area"),     std::string_view("audio"),
    std::string_view("base"),     std::string_view("button"),   std::string_view("canvas"),
    std::string_view("datalist"), std::string_view("embed"),    std::string_view("frame"),
    std::string_view("frameset"), std::string_view("head"),     std::string_view("iframe"),
    std::string_view("input"),    std::string_view("link"),     std::string_view("map"),
    std::string_view("math"),     std::string_view("meta"),     std::string_view("noembed"),
    std::string_view("noframes"), std::string_view("noscript"), std::string_view("object"),
    std::string_view("option"),   std::string_view("param"),    std::string_view("script"),
    std::string_view("select"),   std::string_view("style"),    std::string_view("svg"),
    std::string_view("template"), std::string_view("textarea"), std::string_view("title"),
    std::string_view("video"),    std::string_view("xml")};
constexpr std::array kBlocks = {
    std::string_view("address"),  std::string_view("article"), std::string_view("blockquote"),
    std::string_view("body"),     std::string_view("center"),  std::string_view("dd"),
    std::string_view("div"),      std::string_view("dl"),      std::string_view("dt"),
    std::string_view("fieldset"), std::string_view("footer"),  std::string_view("form"),
    std::string_view("h1"),       std::string_view("h2"),      std::string_view("h3"),
    std::string_view("h4"),       std::string_view("h5"),      std::string_view("h6"),
    std::string_view("header"),   std::string_view("hr"),      std::string_view("li"),
    std::string_view("main"),     std::string_view("ol"),      std::string_view("p"),
    std::string_view("pre"),      std::string_view("section"), std::string_view("table"),
    std::string_view("tr"),       std::string_view("ul")};
// What makes the formatted view worth a click; paragraphs and lines are in the text already.
constexpr std::array kForms = {
    std::string_view("a"),     std::string_view("b"),  std::string_view("blockquote"),
    std::string_view("del"),   std::string_view("em"), std::string_view("h1"),
    std::string_view("h2"),    std::string_view("h3"), std::string_view("i"),
    std::string_view("ol"),    std::string_view("s"),  std::string_view("strong"),
    std::string_view("table"), std::string_view("u"),  std::string_view("ul")};

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_heading(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

std::string attribute(const xmlNode* node, const char* name) {
  for (const auto* one = node->properties; one != nullptr; one = one->next) {
    if (std::strcmp(reinterpret_cast<const char*>(one->name), name) != 0) continue;
    std::string value;
    for (const auto* part = one->children; part != nullptr; part = part->next) {
      if (part->content != nullptr) value += reinterpret_cast<const char*>(part->content);
    }
    return value;
  }
  return {};
}

// Shown nowhere: what newsletters repeat for the list of a mail program, and tricks.
bool is_hidden(const xmlNode* node) {
  std::string style;
  for (const char c : lower_ascii(attribute(node, "style"))) {
    if (c != ' ') style += c;
  }
  return style.find("display:none") != std::string::npos || style.find("mso-hide:all") != std::string::npos ||
         style.find("visibility:hidden") != std::string::npos;
}

// The address a link may lead to; "" for every other.
std::string safe_url(std::string_view raw) {
  std::string url;
  for (const char c : trimmed(raw)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) continue;  // browsers drop them inside a scheme
    url += c == ' ' ? '+' : c;
  }
  const auto lower = lower_ascii(url.substr(0, 10));
  const bool fine = lower.starts_with("https://") || lower.starts_with("http://") ||
                    lower.starts_with("mailto:") || lower.starts_with("tel:");
  return fine && url.size() <= kUrlBytes ? url : std::string();
}

void append_escaped(std::string& out, std::string_view text) {
  std::string kept(text);
  std::erase_if(kept, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
  text::append_html(out, kept);
}

class Writer {
 public:
  explicit Writer(const std::function<int(std::string_view)>& picture_of) : picture_of_(picture_of) {}

  void node(const xmlNode* node, int depth, bool preformatted) {
    if (depth > kDepthLimit || out_.html.size() > kOutBytes || out_.text.size() > kOutBytes) {
      out_.was_cut = true;
      return;
    }
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      if (node->content != nullptr) words(reinterpret_cast<const char*>(node->content), preformatted);
      return;
    }
    if (node->type != XML_ELEMENT_NODE) return;  // comments, conditional ones too
    const std::string name = lower_ascii(reinterpret_cast<const char*>(node->name));
    if (is_in(kDropped, name) || is_hidden(node)) return;
    if (name == "img") return picture(node);
    if (name == "br") {
      out_.html += "<br>";
      new_line();
      return;
    }
    const bool block = is_in(kBlocks, name);
    if (block) end_line();
    if (name == "p" || name == "blockquote" || is_heading(name) || name == "table") blank_line_before_ = true;
    if (name == "hr") {
      out_.html += "<hr>";
      text("----------------------------------------");
      end_line();
      return;
    }
    const bool kept = is_in(kKept, name);
    if (kept) open(node, name);
    if (is_in(kForms, name)) out_.has_form = true;
    if (name == "li") text("- ");
    const auto text_before = out_.text.size();
    std::string outside;
    const bool quotes = name == "blockquote";
    if (quotes) {
      outside = std::move(out_.text);
      out_.text.clear();
    }
    for (const auto* child = node->children; child != nullptr; child = child->next)
      this->node(child, depth + 1, preformatted || name == "pre");
    if (quotes) {
      end_line();
      out_.text = outside + prefixed(out_.text);
      at_line_start_ = true;
    }
    if (name == "a")
      link_target(node, std::string_view(out_.text).substr(std::min(text_before, out_.text.size())));
    if (kept) out_.html += "</" + name + ">";
    if (name == "td" || name == "th") text(" ");
    if (block) end_line();
    if (name == "p" || is_heading(name)) blank_line_before_ = true;
  }

  CleanHtml take() {
    end_line();
    out_.html.erase(out_.html.find_last_not_of(" \n\t") + 1);
    return std::move(out_);
  }

 private:
  void words(std::string_view raw, bool preformatted) {
    std::string shown;
    for (const auto& c : text::code_points(raw)) {
      if (c.value == 0xA0) {
        shown += preformatted ? "\xC2\xA0" : " ";
        continue;
      }
      if (c.value == 0x200B || c.value == 0xFEFF || c.value == 0xAD) continue;  // nothing to see
      const bool space = c.value == ' ' || c.value == '\n' || c.value == '\t' || c.value == '\r';
      if (space && !preformatted) {
        if (shown.empty() || shown.back() != ' ') shown += ' ';
      } else if (c.value == '\r') {
        continue;
      } else {
        text::append_utf8(shown, c.value);
      }
    }
    append_escaped(out_.html, shown);
    if (!preformatted) {
      text(shown);
      return;
    }
    for (std::size_t at = 0; at <= shown.size();) {
      const auto end = std::min(shown.find('\n', at), shown.size());
      text(std::string_view(shown).substr(at, end - at), true);
      if (end < shown.size()) new_line();
      at = end + 1;
    }
  }

  void open(const xmlNode* node, const std::string& name) {
    out_.html += "<" + name;
    const auto number = [&](const char* what) {
      const auto value = attribute(node, what);
      const bool fine = !value.empty() && value.size() <= 2 &&
                        std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (fine) out_.html += " " + std::string(what) + "=\"" + value + "\"";
    };
    if (name == "td" || name == "th") {
      number("colspan");
      number("rowspan");
    }
    if (name == "ol") number("start");
    const auto direction = lower_ascii(attribute(node, "dir"));
    if (direction == "rtl" || direction == "ltr") out_.html += " dir=\"" + direction + "\"";
    if (name == "a") {
      if (const auto url = safe_url(attribute(node, "href")); !url.empty()) {
        out_.html += " href=\"";
        append_escaped(out_.html, url);
        out_.html += "\" rel=\"noopener noreferrer nofollow\" target=\"_blank\"";
      }
    }
    out_.html += ">";
  }

  // A picture that came along is shown from there. Any other is named and not shown: fetching it would tell
  // the sender that and where the mail is read.
  void picture(const xmlNode* node) {
    const auto source = std::string(trimmed(attribute(node, "src")));
    const auto alt = std::string(text::cut_at_code_point(attribute(node, "alt"), 300));
    const auto width = attribute(node, "width");
    const auto height = attribute(node, "height");
    if (width == "0" || width == "1" || height == "0" || height == "1") return;  // they count readers
    const auto lower = lower_ascii(std::string_view(source).substr(0, 10));
    if (const auto file = lower.starts_with("cid:") && picture_of_ ? picture_of_(source.substr(4, 500)) : -1;
        file >= 0) {
      out_.html += "<img data-file=\"" + std::to_string(file) + "\" alt=\"";
      append_escaped(out_.html, alt);
      out_.html += "\">";
      out_.has_form = true;
      if (!alt.empty()) text("[" + alt + "]");
      return;
    }
    const bool inside = lower.starts_with("cid:") || lower.starts_with("data:");
    const auto url = safe_url(source);
    if (!inside && url.empty() && alt.empty()) return;
    out_.html += inside ? "<small>[" : "<small>[";
    append_escaped(out_.html, alt);
    if (inside) {
      const auto id = lower.starts_with("cid:") ? source.substr(4, 200) : std::string();
      if (alt.empty()) append_escaped(out_.html, id.empty() ? "data:" : id);
    } else if (!url.empty()) {
      out_.html += alt.empty() ? "" : " ";
      append_escaped(out_.html, url);
    }
    out_.html += "]</small>";
    if (!alt.empty()) text("[" + alt + "]");
  }

  // Behind the words of a link stands where it leads, unless they say it already.
  void link_target(const xmlNode* node, std::string_view words) {
    auto url = safe_url(attribute(node, "href"));
    if (url.empty()) return;
    auto shown = std::string_view(url);
    if (shown.starts_with("mailto:") || shown.starts_with("tel:")) shown.remove_prefix(shown.find(':') + 1);
    words = trimmed(words);
    if (words.empty() || words.find(shown) != std::string_view::npos ||
        (shown.ends_with('/') && words.ends_with(shown.substr(0, shown.size() - 1))))
      return;
    if (url.size() > 300) return;  // a counting address says nothing to a reader
    text(" <" + std::string(shown) + ">");
  }

  void text(std::string_view words, bool keep_spaces = false) {
    if (!keep_spaces && (at_line_start_ || out_.text.ends_with(' '))) {
      while (words.starts_with(' ')) words.remove_prefix(1);
    }
    if (words.empty()) return;
    if (blank_line_before_ && !out_.text.empty() && !out_.text.ends_with("\n\n")) out_.text += '\n';
    blank_line_before_ = false;
    out_.text += words;
    at_line_start_ = false;
  }
  void new_line() {
    while (out_.text.ends_with(' ')) out_.text.pop_back();
    if (!out_.text.ends_with("\n\n\n")) out_.text += '\n';
    at_line_start_ = true;
  }
  void end_line() {
    if (!at_line_start_) new_line();
  }

  static std::string prefixed(std::string_view text) {
    std::string out;
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
    if (text.empty()) return out;
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      const auto line = text.substr(at, end - at);
      out += line.starts_with('>') || line.empty() ? ">" : "> ";
      out += line;
      out += '\n';
      at = end + 1;
    }
    return out;
  }

  const std::function<int(std::string_view)>& picture_of_;
  CleanHtml out_;
  bool at_line_start_ = true;
  bool blank_line_before_ = false;
};

void hear_nothing(void*, const char*, ...) {}

}  // namespace

CleanHtml clean_html(std::string_view utf8, const std::function<int(std::string_view)>& picture_of) {
  CleanHtml out;
  const auto input = text::to_valid_utf8(utf8.substr(0, kHtmlBytes));
  std::string without_zero;
  std::copy_if(input.begin(), input.end(), std::back_inserter(without_zero),
               [](char c) { return c != '\0'; });
  const std::unique_ptr<htmlParserCtxt, decltype(&htmlFreeParserCtxt)> parser(htmlNewParserCtxt(),
                                                                              htmlFreeParserCtxt);
  if (!parser) return out;
  parser->sax->error = hear_nothing;
  parser->sax->warning = hear_nothing;
  const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document(
      htmlCtxtReadMemory(parser.get(), without_zero.data(), static_cast<int>(without_zero.size()), nullptr,
                         "UTF-8",
                         HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                             HTML_PARSE_COMPACT),
      xmlFreeDoc);
  if (!document) return out;
  Writer writer(picture_of);
  const auto* const root = xmlDocGetRootElement(document.get());
  if (root != nullptr) writer.node(root, 0, false);
  out = writer.take();
  out.was_cut = out.was_cut || utf8.size() > kHtmlBytes;
  return out;
}

}  // namespace kiki::channels::mail
