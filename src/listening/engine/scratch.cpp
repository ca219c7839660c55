#include "listening/engine/scratch.hpp"

#include <algorithm>
#include <bit>

#include "text/normalize.hpp"
#include "text/utf8.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace kiki::listening::engine {

using text::CharKind;

Needs& Needs::operator|=(const Needs& other) {
  author |= other.author;
  reply_to |= other.reply_to;
  mentions |= other.mentions;
  hashtags |= other.hashtags;
  links |= other.links;
  return *this;
}

std::size_t form_number(const text::SearchFold& fold) {
  return (fold.kana ? 8U : 0U) + (fold.dashes ? 4U : 0U) + (fold.small_kana ? 2U : 0U) +
         (fold.runs ? 1U : 0U);
}

text::SearchFold form_of(std::size_t number) {
  return {(number & 8U) != 0, (number & 4U) != 0, (number & 2U) != 0, (number & 1U) != 0};
}

void Scratch::read(const query::Post& post, const Needs& needs) {
  post_ = &post;
  for (const auto number : folded_forms_) {
    auto& form = forms_[number];
    form.folded = form.has_words_before = form.has_lows_before = form.has_search_text = form.has_tags = false;
  }
  folded_forms_.clear();
  mentions_.reset();
  link_names_.reset();
  has_link_.reset();
  asks_question_.reset();
  links_folded_ = false;

  signature_.clear();
  words_.clear();
  see(form(kStrongForm).text, hashes_, 0);
  text_words_ = words_.size();
  extra_.clear();
  extra_.reserve_more(0);
  extra_.end();
  if (needs.author && !post.author.empty()) append_extra(kAuthorMark, post.author);
  if (needs.reply_to && !post.reply_to.empty()) append_extra(kReplyToMark, post.reply_to);
  if (needs.mentions) {
    for (const auto& handle : post.mentions) append_extra(U'@', handle);
  }
  if (needs.hashtags) {
    for (const auto& tag : post.hashtags) append_extra(U'#', tag);
  }
  if (needs.links && has_link()) {
    for (const auto& link : link_names()) append_extra(kOtherMark, link);
  }
  if (extra_.size != 0) see(extra_, extra_hashes_, text_words_);
}

void Scratch::append_extra(char32_t mark, std::string_view text) {
  const auto& table = FoldTable::of({});
  std::string front;
  text::append_utf8(front, kOtherMark);  // ends what stands before
  text::append_utf8(front, mark);
  table.append(front, extra_);
  table.append(text, extra_);
}

// Puts pairs and words of the text into the signature, and keeps their hashes for the sets of rules.
void Scratch::see(const FoldedText& text, std::vector<std::uint32_t>& hashes, std::size_t words_from) {
  const std::size_t n = text.size;
  if (hashes.size() < n + 1) hashes.resize(n * 2 + 64);
  const auto* units = text.units.data();
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const auto hash = hash_pair(units + i);
    hashes[i] = hash;
    signature_.set(pair_bit(hash));
  }
  words_.resize(words_from);
  const auto* kinds = text.kinds.data();
  const auto take = [&](std::size_t begin, std::size_t end) {
    const auto hash = hash_word(units + begin, end - begin);
    signature_.set(word_bit(hash));
    words_.push_back({hash, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)});
  };
  std::size_t begin = 0;
  bool inside = false;
#ifdef __SSE2__
  const __m128i word = _mm_set1_epi8(static_cast<char>(CharKind::kWord));
  for (std::size_t block = 0; block < n; block += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kinds + block));
    auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, word)));
    if (n - block < 16) bits &= (1U << (n - block)) - 1;
    if (!inside && bits == 0) continue;
    std::size_t at = 0;
    while (at < 16) {
      if (inside) {
        const auto rest = ~(bits >> at) & (0xFFFFU >> at);
        if (rest == 0) break;
        at += static_cast<std::size_t>(std::countr_zero(rest));
        take(begin, block + at);
        inside = false;
      } else {
        const auto rest = bits >> at;
        if (rest == 0) break;
        at += static_cast<std::size_t>(std::countr_zero(rest));
        begin = block + at;
        inside = true;
      }
    }
  }
#else
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_word = kinds[i] == CharKind::kWord;
    if (is_word && !inside) begin = i;
    if (!is_word && inside) take(begin, i);
    inside = is_word;
  }
#endif
  if (inside) take(begin, n);
}

Scratch::Form& Scratch::form(std::size_t number) {
  auto& form = forms_[number];
  if (!form.folded) {
    FoldTable::of(form_of(number)).fold(post_->text, form.text);
    form.folded = true;
    folded_forms_.push_back(number);
  }
  return form;
}

const text::SearchText& Scratch::search_text(std::size_t number) {
  auto& form = this->form(number);
  if (!form.has_search_text) {
    form.search_text = text::fold_for_search(post_->text, form_of(number));
    form.has_search_text = true;
  }
  return form.search_text;
}

Scratch::Form& Scratch::tags(std::size_t number) {
  auto& form = this->form(number);
  if (!form.has_tags) {
    form.tags = query::tags_in(search_text(number));
    form.hashtags.clear();
    for (const auto& tag : post_->hashtags)
      form.hashtags.push_back(text::fold_for_search(tag, form_of(number)).code_points);
    form.has_tags = true;
  }
  return form;
}

std::uint32_t Scratch::words_between(Form& form, std::uint32_t begin, std::uint32_t end) {
  const auto& text = form.text;
  const auto goes_on = [&](std::size_t at) {
    return at > 0 && text.kinds[at - 1] == CharKind::kWord && text.kinds[at] == CharKind::kWord;
  };
  if (!form.has_words_before) {
    form.words_before.resize(text.size + 1);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < text.size; ++i) {
      form.words_before[i] = count;
      const bool is_low = text.units[i] >= 0xDC00 && text.units[i] <= 0xDFFF;
      if (text.kinds[i] != CharKind::kSeparator && !is_low && !goes_on(i)) ++count;
    }
    form.words_before[text.size] = count;
    form.has_words_before = true;
  }
  if (begin >= end) return 0;
  return form.words_before[end] - form.words_before[begin] + (goes_on(begin) ? 1 : 0);
}

std::uint32_t Scratch::characters_between(Form& form, std::uint32_t begin, std::uint32_t end) {
  if (!form.text.has_pairs) return end - begin;
  if (!form.has_lows_before) {
    form.lows_before.resize(form.text.size + 1);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < form.text.size; ++i) {
      form.lows_before[i] = count;
      if (form.text.units[i] >= 0xDC00 && form.text.units[i] <= 0xDFFF) ++count;
    }
    form.lows_before[form.text.size] = count;
    form.has_lows_before = true;
  }
  return end - begin - (form.lows_before[end] - form.lows_before[begin]);
}

const std::vector<std::string>& Scratch::mentions() {
  if (!mentions_) {
    mentions_.emplace();
    for (const auto& handle : post_->mentions) mentions_->push_back(text::fold(handle));
    for (auto& mention : query::mentions_in(post_->text)) mentions_->push_back(std::move(mention.handle));
  }
  return *mentions_;
}

const std::vector<std::string>& Scratch::link_names() {
  if (!link_names_) link_names_ = query::links_of(*post_);
  return *link_names_;
}

const std::vector<FoldedText>& Scratch::links() {
  if (!links_folded_) {
    links_.resize(has_link() ? link_names().size() : 0);
    for (std::size_t i = 0; i < links_.size(); ++i)
      FoldTable::of({false, false, false, false}).fold(link_names()[i], links_[i]);
    links_folded_ = true;
  }
  return links_;
}

bool Scratch::has_link() {
  if (!has_link_) {
    has_link_ = !post_->links.empty() ||
                (post_->text.find("://") != std::string_view::npos && !query::links_in(post_->text).empty());
  }
  return *has_link_;
}

bool Scratch::asks_question() {
  if (!asks_question_) asks_question_ = query::asks_a_question(post_->text);
  return *asks_question_;
}

void Scratch::begin_match(std::size_t rules, std::size_t leaves, std::size_t lists) {
  if (rule_seen_.size() < rules) rule_seen_.resize(rules);
  if (leaf_known_.size() < leaves) leaf_known_.resize(leaves);
  if (list_seen_.size() < lists) list_seen_.resize(lists);
  if (++epoch_ >> 31U != 0) {
    std::fill(rule_seen_.begin(), rule_seen_.end(), 0);
    std::fill(list_seen_.begin(), list_seen_.end(), 0);
    std::fill(leaf_known_.begin(), leaf_known_.end(), 0);
    epoch_ = 1;
  }
  hits_.clear();
  matched_.clear();
}

}  // namespace kiki::listening::engine
