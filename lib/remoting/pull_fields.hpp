// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "remoting/command.hpp"
#include "remoting/command_writer.hpp"
#include "tenon/error.hpp"

namespace tenon::remoting {

/// Bits of a pull's sysFlag. Source: RocketMQ PullSysFlag.java.
namespace pull_sys_flag {
inline constexpr std::int32_t commit_offset = 0x1;
inline constexpr std::int32_t suspend = 0x2;
inline constexpr std::int32_t subscription = 0x4;
inline constexpr std::int32_t class_filter = 0x8;
inline constexpr std::int32_t lite_pull = 0x10;
}  // namespace pull_sys_flag

/// Fields of 11 PULL_MESSAGE and 361 LITE_PULL_MESSAGE. Source: remoting-protocol.md 2a.2.
struct PullFields {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::int32_t max_msg_nums = 0;  ///< 0 from the Go pull consumer; one message is then wanted.
  std::int32_t sys_flag = 0;
  std::int64_t commit_offset = 0;  ///< Counts only with pull_sys_flag::commit_offset.
  std::int64_t suspend_timeout_ms = 0;
  std::string_view subscription;  ///< Expression; empty when absent.
  std::int64_t sub_version = 0;   ///< ms timestamp of the subscription.
  std::string_view expression_type = "TAG";
  std::int32_t max_msg_bytes = 0;  ///< 0: absent, the broker's own limit.

  bool has(std::int32_t bit) const noexcept { return (sys_flag & bit) != 0; }
};

/// Reads the fields in one pass. Error: invalid_parameter; the text names the field. Ownership: views borrow the
/// command.
Result<PullFields> decode_pull_fields(const Command& command);

void write_pull_fields(CommandWriter& writer, const PullFields& fields);

}  // namespace tenon::remoting
