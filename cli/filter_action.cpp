// SPDX-License-Identifier: Apache-2.0
#include "filter_action.hpp"

#include <cstdio>
#include <iostream>

#include "filter/evaluation.hpp"

namespace tenon::cli {
namespace {

ExitCode answer_lines() {
  bool all_understood = true;
  for (std::string line; std::getline(std::cin, line);) {
    const AnsweredLine answer = answer_filter_line(line);
    all_understood &= answer.understood;
    std::fwrite(answer.json.data(), 1, answer.json.size(), stdout);
    std::fflush(stdout);  // whoever asks may wait for the answer before it asks on
  }
  return all_understood ? ExitCode::ok : ExitCode::failure;
}

}  // namespace

ExitCode evaluate_filters(const FilterEvalOptions& options) {
  if (!options.expression) return answer_lines();
  PropertyMap properties;
  for (const std::string& property : options.properties) {
    const std::size_t split = property.find('=');
    if (split == std::string::npos || split == 0) {
      std::fprintf(stderr, "tenon filter eval: --property %s: expected name=value\n", property.c_str());
      return ExitCode::usage;
    }
    properties.insert_or_assign(property.substr(0, split), property.substr(split + 1));
  }
  const Evaluation evaluation = evaluate_filter(*options.expression, properties);
  std::printf("%.*s\n", static_cast<int>(evaluation.result.size()), evaluation.result.data());
  if (evaluation.error.empty()) return ExitCode::ok;
  std::fprintf(stderr, "tenon filter eval: %s\n", evaluation.error.c_str());
  return ExitCode::failure;
}

}  // namespace tenon::cli
