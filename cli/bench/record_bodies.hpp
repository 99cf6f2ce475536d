// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenon::bench {

/// Calls `visit(body)` for each record of a pull answer's body; stops at the first that is malformed.
/// The body's length stands behind the fixed part, whose size the two host bits of the sysFlag decide
/// (../shared/reference/remoting-protocol.md 4.1, 4.2).
template <class Visit>
void for_each_body(std::string_view records, Visit&& visit) {
  const auto u32 = [&](std::size_t at) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(records.data() + at);
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
  };
  while (records.size() >= 88) {
    const std::size_t total = u32(0);
    const std::uint32_t sys_flag = u32(36);
    const std::size_t length_at = 84 + ((sys_flag & 0x10) != 0 ? 12U : 0U) + ((sys_flag & 0x20) != 0 ? 12U : 0U);
    if (total > records.size() || total < length_at + 4) return;
    const std::size_t length = u32(length_at);
    if (length > total - length_at - 4) return;
    visit(records.substr(length_at + 4, length));
    records.remove_prefix(total);
  }
}

}  // namespace tenon::bench
