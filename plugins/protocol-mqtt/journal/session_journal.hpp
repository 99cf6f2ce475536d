// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "protocol-mqtt/append_queues.hpp"
#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/journal/session_records.hpp"
#include "tenon/log.hpp"
#include "tenon/message_store.hpp"

namespace tenon::protocol_mqtt {

/// Keeps what must survive the process: sessions that outlive their connection, retained messages, and how far queues
/// were dispatched. It lies in the log itself, as messages of the topic rmq_sys_mqtt_session, so it is as durable as
/// the messages it speaks of, and its order among them is known.
///
/// At the end of a turn everything that changed in it is one batch, written before any output of the turn leaves: what
/// a client was told is true after `kill -9`. A start takes a batch as a whole or not at all: half of one would forget
/// that a message was dispatched to those who have it already. What could not be written, on a full disk for instance,
/// is made good by a checkpoint as soon as one can be written. From time to time everything is written once more (a
/// checkpoint), so that retention may take the old batches and a start reads little. Threads: the hub's.
class SessionJournal {
 public:
  SessionJournal(MessageStore& store, std::filesystem::path checkpoint_file, const Logger& log);

  /// Reads what was noted before, from the last checkpoint on.
  NotedState read();
  /// Where the journal's newest batch lies: what was stored behind it is not noted.
  PhysicalOffset end() const noexcept { return end_; }
  /// One past the last byte that was written since the start: what must be safe before anybody is told.
  PhysicalOffset written_to() const noexcept { return written_to_; }

  /// Notes what changed since the last call. `queues`: dispatch has moved on, too.
  void note(Engine& engine, AppendQueues& queues, bool queues_moved) noexcept;
  /// Everything, now: at a clean stop, and when much was written since the last time.
  void checkpoint(Engine& engine, AppendQueues& queues, std::int64_t now_ms) noexcept;
  /// When much was noted since the last one, or something could not be, or when the log has grown and the last one is
  /// an hour old: retention takes whole files of the log, whatever lies in them.
  bool wants_checkpoint(std::int64_t now_ms) const;
  /// Something of kept sessions is not written: what their clients are told now would not be true after `kill -9`.
  bool behind() const noexcept { return incomplete_; }
  bool keeps_queues() const noexcept { return kept_sessions_ > 0; }
  std::uint64_t failures() const noexcept { return failures_; }

 private:
  static constexpr std::uint64_t kCheckpointBytes = std::uint64_t{64} << 20;
  static constexpr std::int64_t kCheckpointPeriodMs = 3'600'000;
  static constexpr std::int64_t kRetryMs = 1'000;  ///< A store that still refuses does so at the first part.

  void note_session(Session& session, bool everything);
  void note_group(ShareGroup& group, bool everything);
  void note_retained(const OwnedMessage& message);
  void note_queues(AppendQueues& queues, bool everything);
  void note_changes(Engine& engine, AppendQueues& queues, bool queues_moved);
  void note_everything(Engine& engine, AppendQueues& queues);
  NotedState read_from(QueueOffset next);
  void write_if_large();
  void write_part(SessionRecord kind, std::size_t size);
  void write();
  void append(std::string_view body);
  void lose_batch(std::string_view why) noexcept;
  void save_checkpoint_offset(QueueOffset offset) const;
  QueueOffset read_checkpoint_offset() const;

  MessageStore& store_;
  const std::filesystem::path checkpoint_file_;
  const Logger log_;
  std::string batch_;
  bool parted_ = false;      ///< The first part of this batch was written.
  bool incomplete_ = false;  ///< Something was lost since the last checkpoint.
  PhysicalOffset end_{-1}, written_to_{0};
  std::uint64_t bytes_since_checkpoint_ = 0;
  std::int64_t checkpoint_ms_ = 0;     ///< When the last one was made; 0: not since this start.
  PhysicalOffset checkpoint_end_{-1};  ///< Where the log ended then.
  std::size_t kept_sessions_ = 0;
  bool queues_noted_ = false;
  std::uint64_t failures_ = 0;
};

/// Makes the engine what the journal says.
void restore(Engine& engine, const NotedState& state);

}  // namespace tenon::protocol_mqtt
