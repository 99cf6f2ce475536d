// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "record/layout.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"
#include "tenon/offsets.hpp"

/// Writes commit-log records: everything but three fields is encoded before the append lock is taken, those three are
/// patched under it.
namespace tenon::record {

/// Source: store-format.md 2.6.
struct SizeLimits {
  std::size_t body_bytes_max = 4 * 1024 * 1024;  ///< RocketMQ's maxMessageSize.
};

/// The error of check_sizes().
Status refuse_sizes(const Message& message, const SizeLimits& limits);
/// Refuses what a record cannot hold: too large body, topic or properties, empty topic. Error: message_illegal.
inline Status check_sizes(const Message& message, const SizeLimits& limits) {
  const bool fits = !message.topic.empty() && message.topic.size() <= kTopicSizeMax &&
                    message.body.size() <= limits.body_bytes_max && message.properties.size() <= kPropertiesSizeMax &&
                    message.queue_id >= 0;
  return fits ? Status{} : refuse_sizes(message, limits);
}

/// Bytes of the record of `message`. The message must have passed check_sizes().
inline std::size_t encoded_size(const Message& message) noexcept {
  constexpr std::size_t kMoreForV6 = kHostSizeV6 - kHostSizeV4;
  return kMinRecordSize + (message.born_host.is_v6() ? kMoreForV6 : 0) + (message.store_host.is_v6() ? kMoreForV6 : 0) +
         (message.topic.size() > kTopicSizeMaxV1 ? 1 : 0) + message.body.size() + message.topic.size() +
         message.properties.size();
}

/// Encodes the record of `message` to `out`, which has room for encoded_size(). queueOffset, phyOffset and
/// storeTimestamp stay 0 until patch(). Host bits of sysFlag come from the addresses, the magic from the topic's
/// length. Returns encoded_size().
std::size_t encode(const Message& message, std::byte* out) noexcept;

/// What the append itself decides.
struct AppendFields {
  QueueOffset queue_offset;
  PhysicalOffset physical_offset;
  std::int64_t store_timestamp_ms = 0;
};
/// Sets the three fields in an encoded record. `born_host_v6` is message.born_host.is_v6().
inline void patch(std::byte* record, const AppendFields& fields, bool born_host_v6) noexcept {
  store_big(record + position::queue_offset, fields.queue_offset.value);
  store_big(record + position::physical_offset, fields.physical_offset.value);
  store_big(record + position::store_timestamp(born_host_v6), fields.store_timestamp_ms);
}

/// Writes the 8-byte filler that closes a file: `rest` is the number of bytes from `out` to the end of the file.
void encode_blank(std::byte* out, std::int32_t rest) noexcept;

}  // namespace tenon::record
