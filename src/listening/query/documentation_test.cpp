// The examples of docs/use/query-language.md and its Japanese sister do what the pages say.

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"

namespace kiki::listening::query {
namespace {

struct Row {
  std::string test;  // what the comment before the table says
  std::string line;
  std::vector<std::vector<std::string>> cells;  // of each cell the parts between backticks
};

std::vector<Row> rows_of(const std::string& page) {
  std::ifstream file(std::string(KIKI_SOURCE_DIR) + "/docs/use/" + page);
  EXPECT_TRUE(file.good()) << page;
  std::vector<Row> rows;
  std::string test;
  std::string line;
  while (std::getline(file, line)) {
    constexpr std::string_view kMark = "<!-- test: ";
    if (line.starts_with(kMark)) test = line.substr(kMark.size(), line.find(" -->") - kMark.size());
    if (!line.starts_with("| `") || test.empty()) continue;
    Row row{test, line, {{}}};
    bool inside = false;
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] == '`') {
        inside = !inside;
        if (inside) row.cells.back().emplace_back();
      } else if (inside) {
        row.cells.back().back() += line[i];
      } else if (line[i] == '|') {
        row.cells.emplace_back();
      }
    }
    row.cells.pop_back();
    rows.push_back(std::move(row));
  }
  return rows;
}

class Documentation : public testing::TestWithParam<std::string> {};

TEST_P(Documentation, SaysWhatIsTrue) {
  std::size_t seen[3] = {0, 0, 0};
  for (const Row& row : rows_of(GetParam())) {
    ASSERT_FALSE(row.cells.empty() || row.cells[0].empty()) << row.line;
    for (const auto& text : row.cells[0]) {
      const Parsed parsed = parse(text);
      if (row.test == "mistakes") {
        ++seen[0];
        ASSERT_FALSE(parsed.mistakes.empty()) << row.line;
        EXPECT_EQ(parsed.mistakes.front().code, row.cells.at(1).at(0)) << row.line;
        continue;
      }
      ASSERT_TRUE(parsed.query) << row.line << parsed.mistakes.front().code;
      if (row.test == "parses") {
        ++seen[1];
        continue;
      }
      ASSERT_EQ(row.test, "finds");
      ++seen[2];
      EXPECT_TRUE(matches(*parsed.query, Post{.text = row.cells.at(1).at(0)})) << row.line;
      EXPECT_FALSE(matches(*parsed.query, Post{.text = row.cells.at(2).at(0)})) << row.line;
    }
  }
  EXPECT_GE(seen[0], 8U);
  EXPECT_GE(seen[1], 15U);
  EXPECT_GE(seen[2], 25U);
}

INSTANTIATE_TEST_SUITE_P(Query, Documentation, testing::Values("query-language.md", "query-language.ja.md"));

}  // namespace
}  // namespace kiki::listening::query
