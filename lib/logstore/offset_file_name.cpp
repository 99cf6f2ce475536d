// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "logstore/options.hpp"

namespace tenon::logstore {
namespace {
constexpr std::size_t kDigits = 20;
}

std::string offset_file_name(std::int64_t offset) {
  const std::string digits = std::to_string(offset);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::int64_t> parse_offset_file_name(std::string_view name) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), offset);
  const bool all = error == std::errc{} && end == name.data() + name.size();
  if (name.size() != kDigits || !all || offset < 0) return std::nullopt;
  return offset;
}

}  // namespace tenon::logstore
