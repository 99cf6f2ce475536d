// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tenon::cli {

/// What an SQL92 expression says of some properties.
struct Evaluation {
  std::string_view result;  ///< "true", "false", "null", "eval-error", "parse-error".
  std::string error;        ///< Of a parse-error: line, column and reason.
};

using PropertyMap = std::map<std::string, std::string, std::less<>>;

/// Unlike in a stored message, a property may be empty here.
Evaluation evaluate_filter(std::string_view expression, const PropertyMap& properties);

struct AnsweredLine {
  std::string json;  ///< `{"result":"true"}` and a line feed; with "error" where there is one.
  bool understood = true;
};
/// Answers `{"expr":"a = 1","props":{"a":"1"}}`; "props" may be missing. A line that is something else gets the result
/// "bad-input".
AnsweredLine answer_filter_line(std::string_view line);

}  // namespace tenon::cli
