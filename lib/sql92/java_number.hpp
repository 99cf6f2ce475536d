// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::sql92 {

/// How Java reads numbers from text. Empty: Java would throw. None of them allocates.
///
/// Integer.valueOf, Long.valueOf: at most one sign, then decimal digits of any script of Unicode's first plane
/// (Character.digit over UTF-16 units, so U+1D7CF is none), within the type's range. Text is UTF-8.
std::optional<std::int32_t> parse_java_int(std::string_view text) noexcept;
std::optional<std::int64_t> parse_java_long(std::string_view text) noexcept;

/// Double.valueOf: characters up to U+0020 are cut at both ends; then an optional sign and `NaN`, `Infinity`, a decimal
/// (`1.`, `.5`, `1e3`) or a hexadecimal (`0x1p3`), the latter two with an optional suffix d, D, f or F. Too large gives
/// infinity, too small gives zero.
std::optional<double> parse_java_double(std::string_view text) noexcept;

/// Boolean.valueOf: "true" in any case.
bool parse_java_boolean(std::string_view text) noexcept;

}  // namespace tenon::sql92
