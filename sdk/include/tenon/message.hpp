// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tenon/host_address.hpp"
#include "tenon/offsets.hpp"
#include "tenon/properties.hpp"

namespace tenon {

/// Bits of a message's sysFlag. Source: RocketMQ MessageSysFlag.java; remoting-protocol.md section 4.3.
namespace sys_flag {
inline constexpr std::int32_t compressed = 0x1;
inline constexpr std::int32_t multi_tags = 0x2;
inline constexpr std::int32_t transaction_mask = 0xC;
inline constexpr std::int32_t transaction_prepared = 0x4;
inline constexpr std::int32_t transaction_commit = 0x8;
inline constexpr std::int32_t transaction_rollback = 0xC;
inline constexpr std::int32_t born_host_v6 = 0x10;
inline constexpr std::int32_t store_host_v6 = 0x20;
}  // namespace sys_flag

/// A message to be stored: everything of a commit-log record but what the append itself decides (offsets, store time).
/// Ownership: all views borrow from the caller until the call that takes the message returns.
struct Message {
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int32_t flag = 0;               ///< The application's, opaque.
  std::int32_t sys_flag = 0;           ///< Host bits are set by the record codec, from the addresses.
  std::int64_t born_timestamp_ms = 0;  ///< Producer's clock, ms since the epoch.
  HostAddress born_host;
  HostAddress store_host;
  std::int32_t reconsume_times = 0;
  PhysicalOffset prepared_transaction_offset;
  std::string_view properties;      ///< Wire form, see PropertiesView. At most 32,767 bytes.
  std::span<const std::byte> body;  ///< As received, compressed or not.
  /// The result of indexed_properties_of(properties), if the caller has computed it already; saves the store a walk. To
  /// be emptied whenever the properties are changed.
  std::optional<IndexedProperties> indexed;
};

/// Where an append put a message.
struct AppendReceipt {
  QueueOffset queue_offset;        ///< Of the first message, for a batch.
  PhysicalOffset physical_offset;  ///< Of the first record, for a batch.
  PhysicalOffset physical_end;     ///< One past the last byte: what a CommitGate waits for.
  std::int64_t store_timestamp_ms = 0;
};

}  // namespace tenon
