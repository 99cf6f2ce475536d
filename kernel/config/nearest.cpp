// SPDX-License-Identifier: Apache-2.0
#include "config/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

// Longer ones are not compared: the table below is quadratic, and no key of ours is that long.
constexpr std::size_t kWordBytesMax = 64;

char folded(char letter) {
  return letter == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

// Optimal string alignment distance: insert, delete, replace, swap neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::size_t> cells((left.size() + 1) * width);
  const auto cell = [&](std::size_t row, std::size_t column) -> std::size_t& { return cells[row * width + column]; };
  for (std::size_t row = 0; row <= left.size(); ++row) cell(row, 0) = row;
  for (std::size_t column = 0; column < width; ++column) cell(0, column) = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    for (std::size_t column = 1; column < width; ++column) {
      const char a = folded(left[row - 1]), b = folded(right[column - 1]);
      std::size_t best = std::min(cell(row - 1, column), cell(row, column - 1)) + 1;
      best = std::min(best, cell(row - 1, column - 1) + (a == b ? 0 : 1));
      if (row > 1 && column > 1 && a == folded(right[column - 2]) && b == folded(left[row - 2])) {
        best = std::min(best, cell(row - 2, column - 2) + 1);
      }
      cell(row, column) = best;
    }
  }
  return cells.back();
}

bool is_between_words(char letter) { return letter == '-' || letter == '_'; }

// "native" and "store" are words of "protocol-native" and "store_path".
bool is_word_of(std::string_view word, std::string_view candidate) {
  const std::size_t at = candidate.find(word);
  if (word.empty() || at == std::string_view::npos) return false;
  const std::size_t end = at + word.size();
  return (at == 0 || is_between_words(candidate[at - 1])) &&
         (end == candidate.size() || is_between_words(candidate[end]));
}

// Empty if there is none or more than one.
std::string_view only_one_with_word(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto has_word = [word](std::string_view candidate) { return is_word_of(word, candidate); };
  return std::ranges::count_if(candidates, has_word) == 1 ? *std::ranges::find_if(candidates, has_word)
                                                          : std::string_view();
}

}  // namespace

std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view nearest;
  if (word.size() > kWordBytesMax) return nearest;
  std::size_t nearest_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kWordBytesMax) continue;
    const std::size_t candidate_distance = distance(word, candidate);
    if (candidate_distance >= nearest_distance) continue;
    nearest = candidate;
    nearest_distance = candidate_distance;
  }
  return nearest.empty() ? only_one_with_word(word, candidates) : nearest;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = nearest_word(word, candidates);
  return nearest.empty() ? std::string() : text(" (did you mean '", nearest, "'?)");
}

}  // namespace tenon::kernel
