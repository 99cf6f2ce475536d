// SPDX-License-Identifier: Apache-2.0
#include "sql92/compile.hpp"

#include "sql92/parser.hpp"
#include "tenon/text.hpp"

namespace tenon::sql92 {
namespace {

struct Position {
  std::size_t line = 1, column = 1;
};

/// CR LF is one line end; a byte that continues a UTF-8 character is no column.
Position position_of(std::string_view text, std::size_t offset) {
  Position position;
  for (std::size_t at = 0; at < offset && at < text.size(); ++at) {
    const char c = text[at];
    const bool line_end = c == '\n' || (c == '\r' && !text.substr(at + 1).starts_with('\n'));
    if (line_end) {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

}  // namespace

Result<Program> compile(std::string_view expression) {
  if (expression.size() > kExpressionBytesMax) {
    return Error(Errc::subscription_parse_failed,
                 text("the expression has ", expression.size(), " bytes: more than ", kExpressionBytesMax));
  }
  try {
    return Parser(expression).parse();
  } catch (const Parser::Mistake& mistake) {
    const Position at = position_of(expression, mistake.offset);
    return Error(Errc::subscription_parse_failed, text("line ", at.line, ", column ", at.column, ": ", mistake.reason));
  }
}

}  // namespace tenon::sql92
