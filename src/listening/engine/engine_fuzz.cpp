// Any queries, any posts: the engine answers as the reference does.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/check.hpp"
#include "listening/engine/random_rules_test.hpp"
#include "listening/engine/rule_set.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"

namespace {

using namespace kiki::listening;

// The input's bytes one after another, then zeros.
struct Bytes {
  const std::uint8_t* data;
  std::size_t size;
  std::size_t operator()(std::size_t bound) {
    if (size == 0) return 0;
    --size;
    return *data++ % bound;
  }
};

}  // namespace

// A front that begins with 'q' is: a query, a zero byte, a text. Everything else chooses queries and posts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static engine::Scratch scratch;
  std::vector<query::Query> queries;
  std::vector<kiki::text::SearchFold> folds;
  std::vector<std::string> kept;
  query::Post post;
  if (size > 1 && data[0] == 'q') {
    const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto middle = std::min(all.find('\0'), all.size());
    auto parsed = query::parse(all.substr(0, middle));
    if (!parsed.query) return 0;
    queries.push_back(std::move(*parsed.query));
    folds.emplace_back();
    post.text = middle < all.size() ? all.substr(middle + 1) : std::string_view();
  } else {
    Bytes bytes{data, size};
    engine::RandomRules<Bytes> rules(bytes);
    for (auto i = 1 + bytes(5); i > 0; --i) {
      queries.push_back(rules.query());
      folds.push_back(engine::form_of(bytes(2) == 0 ? engine::kStrongForm : bytes(engine::kForms)));
    }
    post = rules.post(kept);
  }
  engine::RuleSetBuilder builder;
  for (std::size_t i = 0; i < queries.size(); ++i) builder.add(i, queries[i], folds[i]);
  const auto set = builder.build();
  scratch.read(post, set->needs());
  std::vector<std::uint64_t> ids;
  set->match(scratch, ids);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const bool found = std::find(ids.begin(), ids.end(), i) != ids.end();
    CHECK(found == query::matches(queries[i], post, folds[i]));
  }
  return 0;
}
