// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/strand.hpp>
#include <filesystem>
#include <memory>
#include <mutex>

#include "alarm.hpp"
#include "broker_json/topic_counts.hpp"
#include "delivery_parts.hpp"
#include "due_slot.hpp"
#include "flushed_progress.hpp"
#include "queue_scan.hpp"

namespace tenon::delay {

/// Delivers messages at arbitrary times. Source: TimerMessageStore.java; store-format.md 11.5.
///
/// A message waits in the timer topic. It is noted there in queue order as a unit in the log and wheel, and read again
/// when its time has come; in memory is only the slot (a second) that is being delivered. All work runs on a strand of
/// the disk executor in short turns: note some, deliver some. Syncing runs beside it and never delays a delivery.
///
/// What a crash can cost: messages delivered since the last sync (flush_interval) are delivered again. None is lost:
/// the check file moves on only behind synced units and behind deliveries that the store has flushed. Threads: start()
/// and stop() from `ctl`; the rest from any.
class TimerEngine : public std::enable_shared_from_this<TimerEngine> {
 public:
  TimerEngine(const DeliveryParts& parts, const TimerSettings& settings, std::filesystem::path data_dir);

  /// Recovers the files; blocks. Error: io, corrupt.
  Status open();
  void start();
  /// A message came into the timer topic; costs one atomic exchange while a turn is waiting.
  void appended();
  /// No delivery begins after this; what was done is synced and written down.
  void stop();

  /// As far as the deliveries are safe, replicas included.
  TimerProgress progress() const;
  /// See DeliveryScheduler.
  std::int64_t delivered_until_ms() const;
  std::vector<PendingDeliveries> pending() const;

 private:
  static constexpr int kTurnMax = 256;
  enum class Step { done, again, refused };

  std::int64_t first_slot();
  void leave_slot();
  const DueSlot::Due* next_left_behind();
  void post_turn();
  void turn();
  void note_and_deliver();
  void wake_at(std::int64_t when_ms);

  // Noting: timer_intake.cpp.
  Step take_new();
  bool commit();
  Step note(const IndexEntry& entry);
  bool is_late(std::int64_t out_ms) const;
  bool was_delivered_elsewhere(const StoredMessage& stored, std::int64_t out_ms) const;
  bool is_a_lap_ahead(std::int64_t slot) const;
  std::int64_t time_of_late(std::int64_t write_time_ms) const;
  Status add_unit(const StoredMessage& stored, std::int64_t out_ms, bool deletes, std::int32_t size);

  // Delivering: timer_delivery.cpp.
  Step deliver_due();
  bool load_next_slot();
  void complain(const std::string& problem) const;
  void finish_slot();
  Step deliver(const TimerUnit& unit);
  Step deliver_now(const StoredMessage& stored, std::int64_t enqueue_ms);
  Step store_again(const StoredMessage& stored);
  Step hand_over(Message message, std::string_view plain_properties);
  void take_back(const StoredMessage& mark);
  Step leave_out(const Error& why);

  // Syncing: timer_sync.cpp.
  void changed();
  void sync();
  void sync_later();
  Status write_progress(TimerProgress progress, PhysicalOffset delivered_end);

  DeliveryParts parts_;
  const TimerSettings settings_;
  const std::filesystem::path metrics_path_;
  boost::asio::strand<boost::asio::any_io_executor> strand_;
  std::shared_ptr<Alarm> alarm_, sync_alarm_;
  std::atomic<bool> turn_posted_{false};
  broker_json::TopicCounts metrics_{"timingCount"};

  std::mutex turning_;  ///< Held for a whole turn, so that stop() waits for it. Outside of progress_mutex_.
  bool stopped_ = true;
  TimerFiles files_;
  DueSlot due_;
  std::int64_t read_slot_ = 0;    ///< All slots before it are delivered.
  std::int64_t next_offset_ = 0;  ///< Next message of the timer topic to be noted.
  /// What another broker had noted and delivered before this one took over (ProgressCopy): of the messages below the
  /// offset those of older slots.
  std::int64_t taken_over_offset_ = 0, taken_over_slot_ = 0;
  PhysicalOffset delivered_end_;
  bool noted_all_ = false;  ///< Nothing lies in the topic that could fall into an older slot.
  bool uncommitted_ = false;
  bool sync_wanted_ = false;
  std::int64_t wake_at_ms_ = 0;
  RetryPause pause_;

  std::mutex syncing_;                     ///< One sync at a time. Outside of turning_.
  FlushedProgress<std::int64_t> flushed_;  ///< Of last_read_time_ms; syncing_.
  bool sync_failed_ = false;               ///< syncing_
  mutable std::mutex progress_mutex_;
  TimerProgress written_;  ///< What the check file says.
  TimerProgress current_;
  std::int64_t next_due_ms_ = 0;  ///< Nothing is due before; of the last turn.
  PhysicalOffset current_end_;    ///< What current_ counts as delivered lies below.
  mutable ToldProgress<TimerProgress> told_;
};

}  // namespace tenon::delay
