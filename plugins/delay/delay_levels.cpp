// SPDX-License-Identifier: Apache-2.0
#include "delay_levels.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tenon::delay {
namespace {

constexpr std::size_t kLevelsMax = 1024;
constexpr std::int64_t kDelayMaxMs = 100LL * 365 * 86'400'000;

std::int64_t unit_ms(char unit) {
  switch (unit) {
    case 's':
      return 1'000;
    case 'm':
      return 60'000;
    case 'h':
      return 3'600'000;
    case 'd':
      return 86'400'000;
    default:
      return 0;
  }
}

std::optional<std::int64_t> parse_delay(std::string_view word) {
  if (word.size() < 2) return std::nullopt;
  const std::int64_t unit = unit_ms(word.back());
  std::int64_t count = 0;
  const char* const end = word.data() + word.size() - 1;
  const auto [stop, error] = std::from_chars(word.data(), end, count);
  if (unit == 0 || error != std::errc{} || stop != end || count < 0 || count > kDelayMaxMs / unit) return std::nullopt;
  return count * unit;
}

}  // namespace

Result<DelayLevels> DelayLevels::parse(std::string_view text_of_levels) {
  DelayLevels levels;
  for (std::string_view rest = text_of_levels; !rest.empty();) {
    const std::size_t blank = rest.find(' ');
    const std::string_view word = rest.substr(0, blank);
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    if (word.empty()) continue;
    const auto delay = parse_delay(word);
    if (!delay) {
      return Error(Errc::invalid_parameter,
                   text("'", word, "' is no delay: a number and a unit s, m, h or d is wanted, such as \"30s\""));
    }
    levels.delays_ms_.push_back(*delay);
  }
  if (levels.delays_ms_.empty()) return Error(Errc::invalid_parameter, "at least one level is wanted");
  if (levels.delays_ms_.size() > kLevelsMax) {
    return Error(Errc::invalid_parameter, text("more than ", kLevelsMax, " levels"));
  }
  return levels;
}

std::int64_t DelayLevels::delay_ms(std::int32_t level) const noexcept {
  const std::size_t index = static_cast<std::size_t>(std::clamp(level, 1, count())) - 1;
  return delays_ms_[index];
}

Result<std::int64_t> parse_number(std::string_view name, std::string_view value) {
  const std::string_view digits = value.starts_with('+') ? value.substr(1) : value;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{} && end == digits.data() + digits.size()) return number;
  return Error(Errc::message_illegal, text("the property ", name, " is no number: '", value, "'"));
}

}  // namespace tenon::delay
