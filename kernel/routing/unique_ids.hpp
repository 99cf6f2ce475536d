// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

namespace tenon::kernel {

/// Makes unique keys (UNIQ_KEY) for messages whose client sent none, in the form that RocketMQ's clients use, because
/// tools read host and time out of it: 32 upper-case hex digits of address (4 bytes), process id (2), a number of this
/// run (4), ms since the month began (4) and a counter (2). Source: RocketMQ MessageClientIDSetter.java.
/// Threads: any.
class UniqueIds {
 public:
  using Text = std::array<char, 32>;

  /// `address`: 4 bytes, or 16 of which the last 4 are used. `run` tells two runs with the same process id apart.
  UniqueIds(std::span<const std::uint8_t> address, std::uint32_t run);
  Text next(std::int64_t now_ms);

 private:
  std::array<char, 20> prefix_{};
  std::atomic<std::uint32_t> counter_{0};
  std::atomic<std::int64_t> month_begin_ms_{0}, month_end_ms_{0};
};

/// The 32 digits as text.
inline std::string_view as_view(const UniqueIds::Text& id) { return {id.data(), id.size()}; }

}  // namespace tenon::kernel
