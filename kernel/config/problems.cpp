// SPDX-License-Identifier: Apache-2.0
#include "config/problems.hpp"

#include <algorithm>
#include <tuple>

namespace tenon::kernel {

void Problems::add(Position at, std::string message) {
  if (problems_.size() < kMax) problems_.push_back({std::move(at), std::move(message)});
}

std::vector<Problem> Problems::sorted() const {
  auto all = problems_;
  std::stable_sort(all.begin(), all.end(), [](const Problem& left, const Problem& right) {
    return std::make_tuple(left.at.line == 0, left.at.line, left.at.column) <
           std::make_tuple(right.at.line == 0, right.at.line, right.at.column);
  });
  return all;
}

std::string Problems::to_string() const {
  std::string all;
  for (const Problem& problem : sorted()) all += problem.to_string() + "\n";
  return all;
}

}  // namespace tenon::kernel
