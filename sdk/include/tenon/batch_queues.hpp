// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"

namespace tenon {

/// The value of the topic attribute `queue.type` that asks for batch consume queues, and its name.
inline constexpr std::string_view kQueueTypeAttribute = "queue.type";
inline constexpr std::string_view kBatchQueueType = "BatchCQ";

namespace sys_flag {
inline constexpr std::int32_t needs_unwrap = 0x40;  ///< The client takes the body apart.
inline constexpr std::int32_t inner_batch = 0x80;   ///< The body is a batch of INNER_NUM messages.
}  // namespace sys_flag

namespace property {
inline constexpr std::string_view inner_num = "INNER_NUM";    ///< How many messages an inner batch holds.
inline constexpr std::string_view inner_base = "INNER_BASE";  ///< Queue offset of its first; set by the store.
}  // namespace property

/// An inner batch has at most so many messages: the field in the queue is an i16. Source: store-format.md 3.7.
inline constexpr std::int32_t kInnerBatchMax = 32'767;

/// Topics whose queues have one entry per batch instead of one per message (RocketMQ's `queue.type=BatchCQ`). A batch
/// for one is appended as a single Message with sys_flag::inner_batch and INNER_NUM, takes as many queue offsets as it
/// holds messages, and is read whole from any of them: MessageStore counts messages, not records. Messages without the
/// flag are batches of one. Everywhere else the flag is message_illegal.
/// Offered by stores that can; without, there are no such topics. Source: store-format.md 2.9, 3.7.
/// Threads: any, after the store's start().
class TENON_EXPORT BatchQueues : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.batch-queues", 1};

  /// From now on, and after any restart, the queues of `topic` are batch queues, until the topic is deleted from the
  /// store. What it has stored so far is kept. Before the topic's first message, so that none has to be moved; doing it
  /// again changes nothing. May wait for the disk. Error: invalid_parameter, io.
  virtual Status keep_batches(std::string_view topic) = 0;
};

}  // namespace tenon
