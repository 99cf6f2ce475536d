// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::kernel {

/// "64MiB", "1GiB", "500kB", "4096": bytes. KiB ... TiB are powers of 1024, kB ... TB powers of 1000.
/// Nothing if it is not a size, negative, or does not fit.
std::optional<std::int64_t> parse_size_bytes(std::string_view text);
/// "500ms", "30s", "10m", "72h", "7d": milliseconds. Nothing if the unit is missing or it does not fit.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);
/// "100us", "5ms", "1s": microseconds. Nothing if the unit is missing or it does not fit.
std::optional<std::int64_t> parse_duration_us(std::string_view text);
/// "host:port" or "[v6]:port", port 0..65535. No name is resolved.
bool is_address(std::string_view text);

/// The largest unit that divides it: "1GiB", "30s".
std::string size_to_string(std::int64_t bytes);
std::string duration_ms_to_string(std::int64_t ms);
std::string duration_us_to_string(std::int64_t us);

}  // namespace tenon::kernel
