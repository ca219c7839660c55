#pragma once
// What a thread keeps between posts so that matching allocates nothing, and all that is worked out of one
// post: its folded text and picture at once, everything rarer when a rule asks for it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "listening/engine/fold_table.hpp"
#include "listening/engine/key_index.hpp"
#include "listening/engine/pattern_finder.hpp"
#include "listening/query/post.hpp"
#include "listening/query/post_facts.hpp"

namespace kiki::listening::engine {

// What of a post besides its text a set of rules is filed under. The rest need not be read.
struct Needs {
  bool author = false;
  bool reply_to = false;
  bool mentions = false;
  bool hashtags = false;
  bool links = false;
  Needs& operator|=(const Needs& other);
};

// In front of what is no part of the text (Unicode's private use).
inline constexpr char32_t kAuthorMark = 0xE000;
inline constexpr char32_t kReplyToMark = 0xE001;
inline constexpr char32_t kOtherMark = 0xE002;

std::size_t form_number(const text::SearchFold& fold);
text::SearchFold form_of(std::size_t number);
inline constexpr std::size_t kForms = 16;
inline constexpr std::size_t kStrongForm = 15;  // every option on: what keys and signatures are made of

class Scratch {
 public:
  // The post's views must live until the matching is over.
  void read(const query::Post& post, const Needs& needs);
  const query::Post& post() const { return *post_; }

  // The text in a form. The strong one is there after read().
  struct Form {
    FoldedText text;
    bool folded = false;
    bool has_words_before = false, has_lows_before = false, has_search_text = false, has_tags = false;
    std::vector<std::uint32_t> words_before, lows_before;  // for each place
    text::SearchText search_text;
    std::vector<query::TextRange> tags;
    std::vector<std::u32string> hashtags;  // of the post, folded
  };
  Form& form(std::size_t number);
  const text::SearchText& search_text(std::size_t number);
  Form& tags(std::size_t number);  // with tags and hashtags
  // As NEAR counts: from the end of one match to the beginning of the next.
  std::uint32_t words_between(Form& form, std::uint32_t begin, std::uint32_t end);
  std::uint32_t characters_between(Form& form, std::uint32_t begin, std::uint32_t end);

  const std::vector<std::string>& mentions();  // folded handles
  const std::vector<FoldedText>& links();      // host and path, folded without options
  bool has_link();
  bool asks_question();

 private:
  friend class RuleSet;
  void see(const FoldedText& text, std::vector<std::uint32_t>& hashes, std::size_t words_from);
  void append_extra(char32_t mark, std::string_view text);
  const std::vector<std::string>& link_names();

  const query::Post* post_ = nullptr;
  Signature signature_;
  std::array<Form, kForms> forms_;
  std::vector<std::size_t> folded_forms_;
  FoldedText extra_;  // author, links … each behind its mark
  std::vector<std::uint32_t> hashes_, extra_hashes_;
  struct WordAt {
    std::uint64_t hash;
    std::uint32_t begin;
    std::uint32_t size;
  };
  std::vector<WordAt> words_;
  std::size_t text_words_ = 0;  // the rest of words_ are in extra_

  std::optional<std::vector<std::string>> mentions_, link_names_;
  std::optional<bool> has_link_, asks_question_;
  std::vector<FoldedText> links_;
  bool links_folded_ = false;

  // Stamped with the number of the match they belong to, so that nothing is cleared.
  void begin_match(std::size_t rules, std::size_t leaves, std::size_t lists);
  std::uint32_t epoch_ = 0;
  LargeVector<std::uint32_t> rule_seen_;
  LargeVector<std::uint32_t> list_seen_;
  LargeVector<std::uint32_t> leaf_known_;  // epoch << 1 | answer
  struct Hit {
    std::uint32_t list;
    bool in_text;
  };
  struct Candidate {
    std::uint32_t rule;
    bool sure;  // the key alone makes it match
  };
  std::vector<Hit> hits_;
  std::vector<Candidate> candidates_;
  std::vector<std::uint32_t> matched_;
  std::array<std::vector<Range>, 2> sides_;
};

}  // namespace kiki::listening::engine
