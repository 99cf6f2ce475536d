// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/broker_identity.hpp"
#include "tenon/host.hpp"
#include "tenon/message_delivery.hpp"

namespace tenon::transaction {

/// Writes op records: which half messages have ended. Source: broker-semantics.md 9.3, store-format.md 10: tag "d",
/// body "o1,o2,".
///
/// RocketMQ collects for up to three seconds, and forgets what it collected when it dies. Here an end is answered when
/// its op record is stored; while one thread writes, others leave theirs to it, so the busier it gets the more ends
/// share a record. What could not be written is tried again with the next one, or by flush().
/// Threads: any. Nothing is called under the lock.
class OpLog {
 public:
  using Written = std::function<void(Status)>;

  OpLog(Host& host, std::size_t message_bytes_max) : host_(host), message_bytes_max_(message_bytes_max) {}
  void wire(MessageDelivery& delivery, BrokerIdentity& identity) {
    delivery_ = &delivery;
    identity_ = &identity;
  }

  /// `written` may be empty; else it runs once, on this thread or the one that writes. An error means that the end is
  /// not stored yet.
  void add(QueueOffset half, Written written);
  /// Calls `written` when everything that was added before is written: at once in the usual case. An error means that
  /// something is not.
  void after_all(Written written) { add(kNone, std::move(written)); }
  /// Leaves one for the next record: the next add(), or flush().
  void add_later(QueueOffset half);
  /// Writes what was left for later, or over from an attempt that failed.
  void flush();

  /// An op record was found at start, or written.
  void note(QueueOffset op, QueueOffset highest_half);
  /// The first op record that the next start must read, if everything below `halves` has ended: the offset of
  /// CID_RMQ_SYS_TRANS on the op topic. `floor` is the present one.
  QueueOffset progress(QueueOffset halves, QueueOffset floor);

  /// The half offsets in the body of an op record. What is no number is left out, as RocketMQ does.
  static std::vector<QueueOffset> parse(std::string_view body);

 private:
  static constexpr QueueOffset kNone{-1};
  struct Entry {
    QueueOffset half;  ///< kNone: only somebody who waits.
    Written written;
  };
  /// Consecutive op records, and the highest half offset any of them names.
  struct Block {
    QueueOffset first;
    QueueOffset last;
    QueueOffset highest_half;
  };
  static constexpr std::int64_t kBlock = 64;

  void write_all(std::unique_lock<std::mutex> lock);
  std::vector<Entry> take_batch();
  Status write_safely(const std::vector<Entry>& batch);
  Status write(const std::vector<Entry>& batch);

  Host& host_;
  const std::size_t message_bytes_max_;
  MessageDelivery* delivery_ = nullptr;
  BrokerIdentity* identity_ = nullptr;
  std::mutex mutex_;
  std::deque<Entry> waiting_;
  bool writing_ = false;
  std::deque<Block> blocks_;
};

}  // namespace tenon::transaction
