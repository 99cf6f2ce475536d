// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/filter.hpp"
#include "tenon/message.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// Stored bytes that lie in memory (a mapping, a buffer).
struct MemorySlice {
  std::span<const std::byte> bytes;
};
/// Stored bytes that lie in a file and need not come to memory to be sent.
struct FileSlice {
  int descriptor = -1;  ///< Open while the pin lives; not to be closed.
  std::int64_t offset = 0;
  std::int64_t length = 0;
};
using Slice = std::variant<MemorySlice, FileSlice>;

/// Names as in RocketMQ's GetMessageStatus, because clients log them and the meaning of each is fixed there.
enum class ReadStatus {
  found,
  no_matched_message,     ///< Entries were scanned, the filter refused them all.
  message_was_removing,   ///< The records are being deleted.
  no_message_in_queue,    ///< Nothing was ever stored in this queue.
  offset_found_null,      ///< The index has a hole here; go on at next_queue_offset.
  offset_overflow_one,    ///< Asked for the offset that will be written next.
  offset_overflow_badly,  ///< Asked beyond that.
  offset_too_small,       ///< Asked for what retention has deleted.
  not_in_memory,  ///< Only with ReadWait::never: the answer lies on the disk; ask again where waiting is allowed.
};

/// Whether a read may wait for the disk. Memory-resident stores need not care.
enum class ReadWait {
  allowed,  ///< Everything found is brought to memory before the read returns, so that sending it waits for nothing.
  never,    ///< The status is not_in_memory instead; nothing else of the result has a meaning then.
};
/// In what form records are wanted.
enum class ReadForm {
  any,        ///< As they are cheapest to send: MemorySlice or FileSlice.
  in_memory,  ///< MemorySlice only, for those who look into them.
};

struct ReadRequest {
  std::string_view topic;
  std::int32_t queue_id = 0;
  QueueOffset offset;
  std::int32_t max_messages = 32;          ///< At least one is returned if there is one, even for 0.
  std::int64_t max_bytes = 256 * 1024;     ///< The first record is returned whatever its size.
  const CompiledFilter* filter = nullptr;  ///< nullptr matches everything. Borrowed for the call.
  ReadForm form = ReadForm::any;
  ReadWait wait = ReadWait::allowed;
};

/// Answer to one read, with the records pinned until the object is destroyed.
///
/// Slices come in queue order. Adjacent records are merged into one slice, so a slice is one or more whole records.
/// Ownership: slices borrow from `pin`; do not keep one longer than the ReadResult it came from.
/// Threads: move freely between threads.
class TENON_EXPORT ReadResult {
 public:
  ReadResult();
  ReadResult(ReadResult&&) noexcept;
  ReadResult& operator=(ReadResult&&) noexcept;
  ~ReadResult();

  ReadStatus status = ReadStatus::no_message_in_queue;
  QueueOffset next_queue_offset;  ///< Where the caller should read next. 0 for an unknown queue.
  QueueOffset min_queue_offset;   ///< Oldest retained message of the queue.
  QueueOffset max_queue_offset;   ///< One past the newest.
  std::int32_t message_count = 0;
  std::int64_t total_bytes = 0;
  /// From the last record that was looked at, wanted or not, to the end of the log: what a slow reader has before it.
  /// 0 if none was.
  std::int64_t bytes_behind = 0;
  std::vector<Slice> records;
  std::shared_ptr<const void> pin;  ///< Keeps mappings and descriptors alive.
};

/// One stored record, whole, as it lies in the commit log (layout: lib/record/layout.hpp).
struct StoredRecord {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> pin;
};

/// A stored message, taken apart: what is needed to store it again elsewhere. Offered by the store because it alone
/// knows the record's layout. Ownership: the views of `message` borrow from `pin`.
struct StoredMessage {
  Message message;  ///< With its stored topic, queue, hosts and properties.
  QueueOffset queue_offset;
  PhysicalOffset physical_offset;
  std::int64_t store_timestamp_ms = 0;
  std::shared_ptr<const void> pin;
};

struct QueueBounds {
  QueueOffset min;  ///< Oldest retained message; equal to max when there is none.
  QueueOffset max;  ///< The offset that the next message gets.
};

/// Which neighbour a search by time wants when no message has exactly that time. RocketMQ 5's BoundaryType.
enum class TimeBoundary { lower, upper };

struct KeyQuery {
  std::string_view topic;
  std::string_view key;  ///< A word of KEYS or the UNIQ_KEY.
  std::int32_t max_messages = 32;
  std::int64_t begin_timestamp_ms = 0;        ///< Store time, inclusive.
  std::int64_t end_timestamp_ms = INT64_MAX;  ///< Store time, inclusive.
};
struct KeyQueryResult {
  std::vector<StoredRecord> records;  ///< In the order of physical offsets. Hash collisions are not removed.
  std::int64_t index_last_update_timestamp_ms = 0;
  PhysicalOffset index_last_update_physical_offset;
};

/// The store's own view of itself, for `brokerStatus`, health and metrics.
struct StoreStatus {
  PhysicalOffset min_physical_offset;
  PhysicalOffset max_physical_offset;
  PhysicalOffset flushed_physical_offset;
  std::int64_t earliest_store_timestamp_ms = -1;  ///< -1 when empty.
  double disk_used_ratio = 0;                     ///< 0..1 of the file system that holds the commit log.
  std::string refuses_writes_because;             ///< Empty while writable.
};

/// Stores messages in queues and reads them back. The core capability of store-* plug-ins.
///
/// Threads: every member may be called from any thread once start() returned; append() and read() never wait for
/// the disk on purpose (a page fault may). After drain() appends are refused, reads still work.
/// Errors: expected ones come back as Result; a failed fsync stops writing for good and is said in StoreStatus.
class TENON_EXPORT MessageStore : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.message-store", 2};
  /// For delete_topic(): whatever is stored.
  static constexpr PhysicalOffset kWholeLog{INT64_MAX};

  /// Appends one message and its index entry; both are visible to readers when this returns. Whether they are durable
  /// is for the CommitGates to say. Errors: message_illegal, service_not_available, io.
  virtual Result<AppendReceipt> append(const Message& message) = 0;
  /// Appends several messages of one queue (same topic and queue_id) at consecutive offsets, all or none.
  /// `record_offsets[i]` gets the physical offset of messages[i]; it must be as long as `messages`.
  /// Errors as append(); an empty batch is message_illegal.
  virtual Result<AppendReceipt> append_batch(std::span<const Message> messages,
                                             std::span<PhysicalOffset> record_offsets) = 0;

  /// Reads from one queue. Never an error: what is wrong with the offset is the status.
  virtual ReadResult read(const ReadRequest& request) const = 0;
  /// The record that starts at `offset`. Error: query_not_found when no record starts there.
  virtual Result<StoredRecord> record_at(PhysicalOffset offset) const = 0;
  /// The same record, decoded. Error: query_not_found, corrupt.
  virtual Result<StoredMessage> message_at(PhysicalOffset offset) const = 0;
  virtual Result<KeyQueryResult> query_by_key(const KeyQuery& query) const = 0;

  /// {0, 0} for a queue that never held a message.
  virtual QueueBounds bounds(std::string_view topic, std::int32_t queue_id) const = 0;
  /// Store time in ms of the message at `offset`. Error: query_not_found.
  virtual Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue_id,
                                             QueueOffset offset) const = 0;
  /// First (lower) or last (upper) offset at this store time, see remoting-protocol.md 2a.3 and store-format.md 8.
  virtual QueueOffset offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                                     TimeBoundary boundary) const = 0;

  /// Forgets the queues of a topic whose oldest message lies below the physical offset `below`; its bytes stay in the
  /// commit log until retention takes them. A queue that begins at `below` or behind it stays: it is of a topic that
  /// was made under the same name since. May wait for the disk. Errors: invalid_parameter, io.
  virtual Status delete_topic(std::string_view topic, PhysicalOffset below) = 0;
  virtual StoreStatus status() const = 0;
};

}  // namespace tenon
