// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

struct NamedUnit {
  std::string_view name;
  std::int64_t factor;
};

constexpr NamedUnit kSizes[] = {
    {"", 1},      {"B", 1},     {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30},   {"TiB", 1LL << 40},
    {"kB", 1000}, {"KB", 1000}, {"MB", 1000000},    {"GB", 1000000000}, {"TB", 1000000000000}};
constexpr NamedUnit kDurations[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
constexpr NamedUnit kShortDurations[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};

std::optional<std::int64_t> parse(std::string_view text, std::span<const NamedUnit> units) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number < 0) return std::nullopt;
  std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit_name.starts_with(' ')) unit_name.remove_prefix(1);
  for (const NamedUnit& unit : units) {
    if (unit.name != unit_name) continue;
    std::int64_t value = 0;
    if (__builtin_mul_overflow(number, unit.factor, &value)) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

// Units in ascending order; zero has no unit that reads better than the smallest.
std::string shown(std::int64_t value, std::span<const NamedUnit> units) {
  const NamedUnit* best = &units.front();
  for (const NamedUnit& unit : units) {
    if (value != 0 && value % unit.factor == 0) best = &unit;
  }
  return text(value / best->factor, best->name);
}

}  // namespace

std::optional<std::int64_t> parse_size_bytes(std::string_view text) { return parse(text, kSizes); }
std::optional<std::int64_t> parse_duration_ms(std::string_view text) { return parse(text, kDurations); }
std::optional<std::int64_t> parse_duration_us(std::string_view text) { return parse(text, kShortDurations); }

bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon), port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) return false;
  const bool printable =
      std::all_of(host.begin(), host.end(), [](char letter) { return letter > ' ' && letter < 127; });
  std::uint16_t number = 0;
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
  return printable && failed == std::errc() && end == port.data() + port.size();
}

std::string size_to_string(std::int64_t bytes) { return shown(bytes, std::span(kSizes).subspan(1, 5)); }
std::string duration_ms_to_string(std::int64_t ms) { return shown(ms, kDurations); }
std::string duration_us_to_string(std::int64_t us) { return shown(us, kShortDurations); }

}  // namespace tenon::kernel
