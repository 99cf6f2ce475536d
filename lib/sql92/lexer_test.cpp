// SPDX-License-Identifier: Apache-2.0
#include "sql92/lexer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenon::sql92 {
namespace {

using Kind = TokenKind;

std::vector<Kind> kinds_of(std::string_view text) {
  Lexer lexer(text);
  std::vector<Kind> kinds;
  for (Token token = lexer.next(); token.kind != Kind::end; token = lexer.next()) {
    kinds.push_back(token.kind);
    if (token.kind == Kind::illegal) break;
  }
  return kinds;
}

std::vector<std::string> words_of(std::string_view text) {
  Lexer lexer(text);
  std::vector<std::string> words;
  for (Token token = lexer.next(); token.kind != Kind::end && token.kind != Kind::illegal; token = lexer.next()) {
    words.emplace_back(token.text);
  }
  return words;
}

using ::testing::ElementsAre;

TEST(Sql92Lexer, KeywordsAreAsciiInAnyCase) {
  EXPECT_THAT(kinds_of("not And OR between In"),
              ElementsAre(Kind::word_not, Kind::word_and, Kind::word_or, Kind::word_between, Kind::word_in));
  EXPECT_THAT(kinds_of("startsWith ENDSWITH contains notx"),
              ElementsAre(Kind::word_starts_with, Kind::word_ends_with, Kind::word_contains, Kind::identifier));
  EXPECT_THAT(kinds_of("\xC4\xB1s"), ElementsAre(Kind::illegal)) << "a dotless i begins no name";
}

TEST(Sql92Lexer, AZeroStandsAlone) {
  EXPECT_THAT(words_of("01 0L 0x10"), ElementsAre("0", "1", "0", "L", "0", "x10"));
  EXPECT_THAT(words_of("12L 12Lx"), ElementsAre("12L", "12L", "x"));
}

TEST(Sql92Lexer, RealsAreTheLongestMatch) {
  EXPECT_THAT(words_of("1. .5 1e3 00.5 01e1 1.5E-3"), ElementsAre("1.", ".5", "1e3", "00.5", "01e1", "1.5E-3"));
  EXPECT_THAT(words_of("1e 1e+ a.5"), ElementsAre("1", "e", "1", "e", "+", "a", ".5"));
  EXPECT_THAT(kinds_of("."), ElementsAre(Kind::illegal));
  EXPECT_THAT(kinds_of("a.b"), ElementsAre(Kind::identifier, Kind::illegal));
}

TEST(Sql92Lexer, StringsDoubleTheirQuotes) {
  EXPECT_THAT(words_of("'it''s' '' 'a\\'"), ElementsAre("'it''s'", "''", "'a\\'"));
  EXPECT_THAT(kinds_of("'open"), ElementsAre(Kind::illegal));
  EXPECT_THAT(kinds_of("'a''b"), ElementsAre(Kind::string, Kind::illegal)) << "the longest match is 'a'";
  EXPECT_THAT(kinds_of("\"a\""), ElementsAre(Kind::illegal));
}

TEST(Sql92Lexer, ALineCommentNeedsItsLineEnd) {
  EXPECT_THAT(words_of("a -- c\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(words_of("a -- c\rb"), ElementsAre("a", "b"));
  EXPECT_THAT(words_of("a --b"), ElementsAre("a", "-", "-", "b"));
}

TEST(Sql92Lexer, ABlockCommentEndsAtItsFirstEnd) {
  EXPECT_THAT(words_of("a/* x */b/**/c/* /* */d"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(kinds_of("a /*/"), ElementsAre(Kind::identifier, Kind::illegal));
}

TEST(Sql92Lexer, OperatorsAreTheLongestMatch) {
  EXPECT_THAT(words_of("<=<><>=>=="), ElementsAre("<=", "<>", "<>", "=", ">=", "="));
  EXPECT_THAT(kinds_of("!="), ElementsAre(Kind::illegal));
}

TEST(Sql92Lexer, ReadsNoFurtherThanAsked) {
  Lexer lexer("a #");
  EXPECT_EQ(lexer.next().kind, Kind::identifier);
  EXPECT_EQ(lexer.next().kind, Kind::illegal);
  EXPECT_EQ(lexer.next().kind, Kind::illegal);
}

}  // namespace
}  // namespace tenon::sql92
