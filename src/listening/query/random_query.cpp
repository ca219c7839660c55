#include "listening/query/random_query.hpp"

#include <array>

#include "listening/query/parse.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

constexpr std::string_view kWords[] = {"a",
                                       "au",
                                       "phone",
                                       "iphone",
                                       "iPhone",
                                       "cool",
                                       "c++",
                                       "AT&T",
                                       "1.5",
                                       "100",
                                       "don't",
                                       "wi-fi",
                                       "café",
                                       "naïve",
                                       "battery",
                                       "life",
                                       "москва",
                                       "ロン",
                                       "メロン",
                                       "ロング",
                                       "電池",
                                       "切れ",
                                       "電池切れ",
                                       "東京",
                                       "京都",
                                       "東京都",
                                       "都",
                                       "すごーい",
                                       "らーめん",
                                       "キャッチ",
                                       "っ",
                                       "バッテリー",
                                       "プリンタ",
                                       "ヴァイオリン",
                                       "한국",
                                       "한국어",
                                       "😡",
                                       "👨‍👩‍👧",
                                       "iPhoneケース",
                                       "ไทย",
                                       "ああ",
                                       "oo"};

constexpr std::string_view kBetween[] = {" ",  " ",      " ",  "",   "",   "の", "、", ", ", "-",  "〜", "\n",
                                         "　", "\u200B", "!!", "」", "「", "_",  "/",  "？", "が", "  ", "…"};

constexpr std::string_view kNames[] = {"brand",  "brand.bsky.social", "shop", "shop.jp",
                                       "brandx", "Brand@host.example"};
constexpr std::string_view kLinks[] = {"https://example.com/help?q=1",
                                       "http://www.shop.example.com:8080/a-b/",
                                       "https://brand.jp/%E9%9B%BB%E6%B1%A0", "https://exam.ple/HELP"};
constexpr std::string_view kUrls[] = {"example.com", "help", "example.com/help", "shop*", "*ample.com",
                                      "電池",        "a-b"};
constexpr std::string_view kTags[] = {"電池", "Sale", "sale2", "新商品", "東京_都", "ロン"};
constexpr std::string_view kLanguages[] = {"", "ja", "en", "pt-BR", "pt"};

std::vector<text::CodePoint> points_of(const std::string& text) {
  std::vector<text::CodePoint> points;
  for (const text::CodePoint& c : text::code_points(text)) points.push_back(c);
  return points;
}

char32_t other_kana(char32_t c) {
  if (c >= U'ぁ' && c <= U'ゖ') return c + 0x60;
  if (c >= U'ァ' && c <= U'ヶ') return c - 0x60;
  return c;
}

char32_t wide(char32_t c) {
  return c > ' ' && c < 0x7F ? c - '!' + 0xFF01 : c;
}

void add_words(const Node& node, std::vector<std::string>& words) {
  if (is_text_leaf(node.kind)) {
    words.push_back(node.kind == Kind::kTag       ? '#' + node.text
                    : node.kind == Kind::kMention ? '@' + node.text
                                                  : node.text);
  }
  for (const Node& child : node.children) add_words(child, words);
}

}  // namespace

Post RandomPost::view() const {
  Post post;
  post.text = text;
  post.language = language;
  post.network = network;
  post.author = author;
  post.followers = followers;
  post.reply_to = reply_to;
  post.links.assign(links.begin(), links.end());
  post.mentions.assign(mentions.begin(), mentions.end());
  post.hashtags.assign(hashtags.begin(), hashtags.end());
  post.has_image = has_image;
  post.has_video = has_video;
  post.is_reply = is_reply;
  post.is_repost = is_repost;
  post.is_quote = is_quote;
  post.own_account = own_account;
  return post;
}

std::string RandomQueries::word() {
  return std::string(kWords[below(std::size(kWords))]);
}

std::string RandomQueries::spelling() {
  std::string word = this->word();
  if (chance(3)) return word;
  const auto points = points_of(word);
  const std::size_t at = below(points.size());
  const std::size_t way = below(10);
  std::string out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    char32_t c = points[i].value;
    switch (way) {
      case 0:
        c = other_kana(c);
        break;
      case 1:
        c = wide(c);
        break;
      case 2:
        if (c >= 'a' && c <= 'z') c -= 32;
        break;
      case 3:
        if (c == U'ー') c = chance(2) ? U'〜' : U'-';
        break;
      case 4:
        if (i == at) continue;  // one is missing
        break;
      default:
        break;
    }
    text::append_utf8(out, c);
    if (way == 5 && i == at) {
      for (std::size_t n = below(4); n > 0; --n) text::append_utf8(out, c);
    }
    if (way == 6 && i == at) out += "ー";
    if (way == 7 && i == at) out += "\u200B";
    if (way == 8 && i == at) out += "\u0301";
  }
  if (way == 9) out += chance(2) ? "s" : "を";
  return out;
}

std::string RandomQueries::text(std::size_t words) {
  std::string out;
  for (std::size_t i = 0; i < words; ++i) {
    out += kBetween[below(std::size(kBetween))];
    switch (below(24)) {
      case 0:
        ((out += '#') += kTags[below(std::size(kTags))]);
        break;
      case 1:
        ((out += '@') += kNames[below(std::size(kNames))]);
        break;
      case 2:
        ((out += ' ') += kLinks[below(std::size(kLinks))]);
        break;
      case 3:
        out += "ですか";
        break;
      default:
        out += spelling();
    }
  }
  return out;
}

RandomPost RandomQueries::post() {
  RandomPost post;
  post.text = text(1 + below(10));
  post.language = kLanguages[below(std::size(kLanguages))];
  post.network = chance(2) ? "bluesky" : "open";
  post.author = kNames[below(std::size(kNames))];
  if (chance(3)) post.reply_to = kNames[below(std::size(kNames))];
  if (chance(6)) post.own_account = post.author;
  if (!chance(3)) post.followers = static_cast<std::int64_t>(below(3)) * 500;
  if (chance(4)) post.links.emplace_back(kLinks[below(std::size(kLinks))]);
  if (chance(6)) post.mentions.emplace_back(kNames[below(std::size(kNames))]);
  if (chance(6)) post.hashtags.emplace_back(kTags[below(std::size(kTags))]);
  post.has_image = chance(4);
  post.has_video = chance(6);
  post.is_reply = chance(4);
  post.is_repost = chance(6);
  post.is_quote = chance(6);
  return post;
}

RandomPost RandomQueries::post(const Query& query) {
  std::vector<std::string> words;
  add_words(query.root, words);
  RandomPost post = this->post();
  post.text.clear();
  for (std::size_t n = 1 + below(8); n > 0; --n) {
    post.text += words.empty() || chance(3) ? spelling() : words[below(words.size())];
    post.text += kBetween[below(std::size(kBetween))];
  }
  return post;
}

Node RandomQueries::text_leaf() {
  // Written as text and parsed, so that no leaf is made that the parser would not make.
  std::string written;
  switch (below(12)) {
    case 0:
      written = "word:" + spelling();
      break;
    case 1:
      written = "raw:\"" + spelling() + '"';
      break;
    case 2:
    case 3: {
      written = '"' + spelling();
      for (std::size_t n = 1 + below(2); n > 0; --n) written += (chance(5) ? "、" : " ") + spelling();
      written += '"';
      break;
    }
    case 4:
      written = spelling() + '*';
      break;
    case 5:
      written = '*' + spelling() + (chance(2) ? "*" : "");
      break;
    case 6: {
      const std::string base = spelling();
      const auto points = points_of(base);
      const std::size_t at = below(points.size());
      for (std::size_t i = 0; i < points.size(); ++i)
        text::append_utf8(written, i == at ? U'?' : points[i].value);
      break;
    }
    default:
      written = spelling();
  }
  const Parsed parsed = parse(written);
  if (parsed.query && parsed.query->root.kind >= Kind::kTerm && parsed.query->root.kind <= Kind::kPhrase) {
    return parsed.query->root;
  }
  Node term;
  term.kind = Kind::kTerm;
  term.text = "電池";
  return term;
}

Node RandomQueries::near() {
  Node node;
  node.kind = Kind::kNear;
  node.in_order = chance(2);
  node.distance = static_cast<std::uint32_t>(below(7));
  for (int side = 0; side < 2; ++side) {
    if (!chance(3)) {
      node.children.push_back(text_leaf());
      continue;
    }
    Node either;
    either.kind = Kind::kOr;
    for (std::size_t n = 2 + below(2); n > 0; --n) either.children.push_back(text_leaf());
    node.children.push_back(std::move(either));
  }
  return node;
}

Node RandomQueries::leaf() {
  if (!chance(4)) return text_leaf();
  const std::string name(kNames[below(std::size(kNames))]);
  const std::string star = chance(4) ? "*" : "";
  std::string written;
  switch (below(12)) {
    case 0:
    case 1:
      written = '#' + std::string(kTags[below(std::size(kTags))]) + star;
      break;
    case 2:
      written = '@' + name + star;
      break;
    case 3:
      written = "from:" + name + star;
      break;
    case 4:
      written = "to:" + name + star;
      break;
    case 5:
      written = chance(2) ? "lang:ja" : chance(2) ? "lang:pt" : "lang:pt-br";
      break;
    case 6:
      written = chance(2) ? "network:bluesky" : "network:open";
      break;
    case 7:
      written = "url:" + std::string(kUrls[below(std::size(kUrls))]);
      break;
    case 8: {
      constexpr std::string_view facts[] = {"has:link", "has:image", "has:video", "has:question",
                                            "is:reply", "is:repost", "is:quote"};
      written = facts[below(std::size(facts))];
      break;
    }
    case 9: {
      constexpr std::string_view compares[] = {">0", ">=500", "<1000", "<=500", "=500"};
      written = "followers:" + std::string(compares[below(std::size(compares))]);
      break;
    }
    default: {
      constexpr std::string_view accounts[] = {"account:own", "account:others", "account:any",
                                               "account:brand", "account:shop.jp"};
      written = accounts[below(std::size(accounts))];
    }
  }
  return parse(written).query->root;
}

Node RandomQueries::node(std::size_t leaves, std::size_t depth) {
  if (leaves <= 1 || depth == 0) return chance(4) ? near() : leaf();
  Node node;
  if (chance(5)) {
    node.kind = Kind::kNot;
    node.children.push_back(this->node(leaves, depth - 1));
    return node;
  }
  node.kind = chance(2) ? Kind::kAnd : Kind::kOr;
  const std::size_t sides = 2 + below(3);
  for (std::size_t i = 0; i < sides; ++i) {
    Node child = this->node(leaves / sides, depth - 1);
    if (child.kind == node.kind) {
      for (Node& inner : child.children) node.children.push_back(std::move(inner));
    } else {
      node.children.push_back(std::move(child));
    }
  }
  return node;
}

Query RandomQueries::query(std::size_t leaves) {
  return make_query(node(1 + below(leaves), 4));
}

}  // namespace kiki::listening::query
