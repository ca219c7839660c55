#pragma once
// Queries and posts out of a stream of numbers, made of pieces that meet: the same few terms in all their
// spellings, what folds together, what ends a word and what does not. For the test and for the fuzzer.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "listening/query/post.hpp"
#include "listening/query/query.hpp"

namespace kiki::listening::engine {

template <typename Next>  // Next()(bound): a number below it
class RandomRules {
 public:
  explicit RandomRules(Next& next) : next_(next) {}

  std::string text(std::size_t pieces) {
    static constexpr std::string_view kPieces[] = {"a",
                                                   "b",
                                                   "ab",
                                                   "ba",
                                                   "iphone",
                                                   "iPhone",
                                                   "ＩＰＨＯＮＥ",
                                                   "phones",
                                                   "battery",
                                                   "life",
                                                   "c++",
                                                   "C++11",
                                                   "at&t",
                                                   "1.5",
                                                   "15",
                                                   "wi-fi",
                                                   "WiーFi",
                                                   "don't",
                                                   "don’t",
                                                   "caf\u00e9",
                                                   "cafe",
                                                   "cafe\u0301",
                                                   "x\u0302",
                                                   "\u0301",
                                                   "ß",
                                                   "東",
                                                   "京",
                                                   "東京",
                                                   "東京都",
                                                   "京都",
                                                   "電池",
                                                   "電",
                                                   "池",
                                                   "ア",
                                                   "イ",
                                                   "アイ",
                                                   "アイア",
                                                   "イアイ",
                                                   "あい",
                                                   "ぁィ",
                                                   "ｱｲ",
                                                   "ロン",
                                                   "メロン",
                                                   "ろん",
                                                   "すごい",
                                                   "すごーい",
                                                   "すごーーーい",
                                                   "ー",
                                                   "ーー",
                                                   "〜",
                                                   "~",
                                                   "-",
                                                   "—",
                                                   "ｰ",
                                                   "パ",
                                                   "ﾊﾟ",
                                                   "ﾊ",
                                                   "ﾟ",
                                                   "は\u3099",
                                                   "ば",
                                                   "が",
                                                   "か",
                                                   "\u3099",
                                                   "゛",
                                                   "😂",
                                                   "😂😂😂",
                                                   "❤\ufe0f",
                                                   "❤",
                                                   "👨\u200d👩\u200d👧",
                                                   "1\ufe0f\u20e3",
                                                   "𠮷",
                                                   "𠮷野家",
                                                   "한국",
                                                   "\u1112\u1161\u11ab",
                                                   "\u1161",
                                                   "국어",
                                                   "สวัสดี",
                                                   "привет",
                                                   "и\u0306",
                                                   "й",
                                                   "coooool",
                                                   "cool",
                                                   "aaa",
                                                   "aa",
                                                   "100",
                                                   "1000",
                                                   "、",
                                                   "。",
                                                   "！",
                                                   "!",
                                                   "!!!",
                                                   "?",
                                                   "？",
                                                   "(",
                                                   ")",
                                                   "「",
                                                   "」",
                                                   "・",
                                                   "_",
                                                   ".",
                                                   "'",
                                                   "/",
                                                   "&",
                                                   "#",
                                                   "＃",
                                                   "#tag",
                                                   "#アイ",
                                                   "#アイ_b",
                                                   "##ab",
                                                   "a#ab",
                                                   "@ab",
                                                   "＠ab",
                                                   "@ab.example",
                                                   "x@ab",
                                                   "@iphone-",
                                                   "http://ab.example/a?x",
                                                   "https://www.iphone.example/%E6%9D%B1%E4%BA%AC",
                                                   "HTTP://a",
                                                   "://",
                                                   "ですか",
                                                   "ますか。",
                                                   "のか",
                                                   "\u200b",
                                                   "\u00ad",
                                                   "\u034f",
                                                   "\t",
                                                   "\n",
                                                   "\u3000",
                                                   "\xff",
                                                   "\xe3\x81",
                                                   "\xf0\x9f",
                                                   "\ufdfa",
                                                   "㈱",
                                                   "①",
                                                   "㍿",
                                                   "…",
                                                   "ﬁ",
                                                   "İ",
                                                   "\u0345",
                                                   "\u0f71\u0f72",
                                                   "が゛",
                                                   "ำ",
                                                   "aำ"};
    std::string out;
    for (std::size_t i = 0; i < pieces; ++i) {
      switch (next_(16)) {
        case 0:
          out += ' ';
          break;
        case 1:
          out += "  ";
          break;
        case 2:
          out += character();
          break;
        default:
          break;
      }
      out += kPieces[next_(std::size(kPieces))];
      if (next_(3) == 0) out += ' ';
    }
    return out;
  }

  query::Query query() { return query::make_query(node(0)); }

  // Views into `kept`.
  query::Post post(std::vector<std::string>& kept) {
    kept.clear();
    kept.reserve(16);
    const auto keep = [&](std::string value) -> std::string_view {
      return kept.emplace_back(std::move(value));
    };
    query::Post post;
    post.text = keep(text(1 + next_(next_(8) == 0 ? 30 : 9)));
    if (next_(2) == 0) post.language = pick({"ja", "en", "pt-BR", "ja_JP"});
    if (next_(2) == 0) post.network = pick({"bluesky", "open", "Bluesky"});
    if (next_(2) == 0) post.author = pick({"ab.example", "iphone", "ab@cd", "ab", "アイ", "c.ab"});
    if (next_(2) == 0) post.followers = static_cast<std::int64_t>(next_(4));
    if (next_(4) == 0) post.reply_to = pick({"ab.example", "iphone", "a-b"});
    if (next_(4) == 0)
      post.links.push_back(pick({"https://ab.example/iphone", "a", "http://u:p@www.iphone.example:1/x/"}));
    if (next_(4) == 0) post.mentions.push_back(pick({"ab.example", "iphone", "アイ", "aaab"}));
    if (next_(4) == 0) post.hashtags.push_back(pick({"ab", "アイ", "あい", "tag", "すごーい"}));
    post.has_image = next_(2) == 0;
    post.has_video = next_(2) == 0;
    post.is_reply = next_(2) == 0;
    post.is_repost = next_(2) == 0;
    post.is_quote = next_(2) == 0;
    if (next_(8) == 0) post.own_account = pick({"ab.example", "us"});
    return post;
  }

 private:
  std::string character() {
    const auto c = static_cast<unsigned>(0x20 + next_(0x3100));
    std::string out;
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0 | c >> 6U);
      out += static_cast<char>(0x80 | (c & 0x3FU));
    } else {
      out += static_cast<char>(0xE0 | c >> 12U);
      out += static_cast<char>(0x80 | (c >> 6U & 0x3FU));
      out += static_cast<char>(0x80 | (c & 0x3FU));
    }
    return out;
  }

  std::string_view pick(std::initializer_list<std::string_view> list) {
    return list.begin()[next_(list.size())];
  }

  query::Node leaf(bool near_side) {
    query::Node leaf;
    const auto kind = next_(near_side ? 8 : 16);
    leaf.kind = kind < 4    ? query::Kind::kTerm
                : kind == 4 ? query::Kind::kWord
                : kind == 5 ? query::Kind::kRaw
                            : query::Kind::kPhrase;
    leaf.text = text(1 + next_(2));
    switch (kind) {
      case 0:
        leaf.open_left = next_(2) == 0;
        leaf.open_right = next_(2) == 0;
        break;
      case 1:
        leaf.text = text(1);
        if (next_(2) == 0) {
          leaf.has_any = true;
          leaf.text += "?" + text(1);
        }
        break;
      case 6:
      case 7:
        leaf.text = text(1 + next_(3));
        break;
      case 8:
        leaf.kind = query::Kind::kTag;
        leaf.text = pick({"ab", "アイ", "あい", "tag", "すごい", "a"});
        leaf.open_right = next_(3) == 0;
        break;
      case 9:
        leaf.kind = query::Kind::kMention;
        leaf.text = pick({"ab", "ab.example", "iphone", "アイ", "aa"});
        leaf.open_right = next_(3) == 0;
        break;
      case 10:
        leaf.kind = next_(2) == 0 ? query::Kind::kFrom : query::Kind::kTo;
        leaf.text = pick({"ab", "ab.example", "iphone", "アイ", "a"});
        leaf.open_right = next_(3) == 0;
        break;
      case 11:
        leaf.kind = query::Kind::kUrl;
        leaf.text = pick({"ab", "iphone.example", "東京", "example/iphone", "a", "http://www.ab.example/"});
        leaf.open_left = next_(3) == 0;
        leaf.open_right = next_(3) == 0;
        break;
      case 12:
        leaf.kind = next_(2) == 0 ? query::Kind::kLang : query::Kind::kNetwork;
        leaf.text = pick({"ja", "pt", "bluesky"});
        break;
      case 13: {
        leaf.kind = query::Kind::kHas;
        static constexpr query::Fact kFacts[] = {
            query::Fact::kLink,  query::Fact::kImage,  query::Fact::kVideo, query::Fact::kQuestion,
            query::Fact::kReply, query::Fact::kRepost, query::Fact::kQuote};
        leaf.fact = kFacts[next_(std::size(kFacts))];
        if (leaf.fact >= query::Fact::kReply) leaf.kind = query::Kind::kIs;
        leaf.text.clear();
        break;
      }
      case 14:
        leaf.kind = query::Kind::kFollowers;
        leaf.text.clear();
        leaf.compare = static_cast<query::Compare>(next_(5));
        leaf.number = static_cast<std::int64_t>(next_(4));
        break;
      case 15: {
        leaf.kind = query::Kind::kAccount;
        static constexpr query::Fact kFacts[] = {query::Fact::kOwn, query::Fact::kOthers, query::Fact::kAny,
                                                 query::Fact::kNamed};
        leaf.fact = kFacts[next_(std::size(kFacts))];
        leaf.text.clear();
        if (leaf.fact == query::Fact::kNamed) leaf.text = pick({"us", "ab"});
        break;
      }
      default:
        break;
    }
    return leaf;
  }

  query::Node side() {
    if (next_(3) != 0) return leaf(true);
    query::Node either;
    either.kind = query::Kind::kOr;
    for (auto i = 2 + next_(2); i > 0; --i) either.children.push_back(leaf(true));
    return either;
  }

  query::Node node(std::size_t depth) {
    const auto kind = next_(depth > 3 ? 4 : 12);
    query::Node node;
    switch (kind) {
      case 6:
      case 7:
      case 8:
      case 9: {
        node.kind = kind < 8 ? query::Kind::kAnd : query::Kind::kOr;
        for (auto i = 2 + next_(2); i > 0; --i) {
          auto child = this->node(depth + 1);
          if (child.kind == node.kind) {  // the parser makes them one
            for (auto& one : child.children) node.children.push_back(one);
          } else {
            node.children.push_back(std::move(child));
          }
        }
        return node;
      }
      case 10:
        node.kind = query::Kind::kNot;
        node.children.push_back(this->node(depth + 1));
        return node;
      case 5:
      case 11:
        node.kind = query::Kind::kNear;
        node.in_order = next_(2) == 0;
        node.distance = static_cast<std::uint32_t>(next_(5));
        node.children.push_back(side());
        node.children.push_back(side());
        return node;
      default:
        return leaf(false);
    }
  }

  Next& next_;
};

}  // namespace kiki::listening::engine
