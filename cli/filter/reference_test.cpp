// SPDX-License-Identifier: Apache-2.0
// Runs every example of docs/reference/sql92.md: rows | `expression` | `name=value` ... | result | ...
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "filter/evaluation.hpp"

namespace tenon::cli {
namespace {

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  for (std::size_t begin = 1; begin < row.size();) {
    const std::size_t end = std::min(row.find('|', begin), row.size());
    cells.push_back(row.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

/// What stands between backquotes, each.
std::vector<std::string> quoted_in(const std::string& cell) {
  std::vector<std::string> words;
  for (std::size_t begin = cell.find('`'); begin != std::string::npos;) {
    const std::size_t end = cell.find('`', begin + 1);
    words.push_back(cell.substr(begin + 1, end - begin - 1));
    begin = cell.find('`', end + 1);
  }
  return words;
}

PropertyMap properties_of(const std::string& cell) {
  PropertyMap properties;
  for (const std::string& word : quoted_in(cell)) {
    const std::size_t split = word.find('=');
    properties[word.substr(0, split)] = word.substr(split + 1);
  }
  return properties;
}

std::string trimmed(const std::string& cell) {
  const std::size_t begin = cell.find_first_not_of(' ');
  return begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1);
}

TEST(Sql92Reference, EveryExampleGivesWhatThePageSays) {
  std::ifstream page(TENON_SQL92_PAGE);
  ASSERT_TRUE(page) << TENON_SQL92_PAGE;
  int examples = 0;
  bool in_examples = false;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("|")) in_examples = false;
    if (line.starts_with("| Expression |")) in_examples = true;
    const std::vector<std::string> cells = cells_of(line);
    if (!in_examples || cells.size() < 3 || quoted_in(cells[0]).size() != 1) continue;
    EXPECT_EQ(evaluate_filter(quoted_in(cells[0])[0], properties_of(cells[1])).result, trimmed(cells[2])) << line;
    ++examples;
  }
  EXPECT_EQ(examples, 36);
}

}  // namespace
}  // namespace tenon::cli
