// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "delay_levels.hpp"
#include "level_delivery.hpp"
#include "tenon/system_topic.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {

/// Passes the kernel's news of appends on to an engine, from open() to close(). What came before open() the engine
/// finds by itself when it starts. Threads: any.
template <class Engine>
class AppendNews {
 public:
  void open(std::shared_ptr<Engine> engine) { std::atomic_store(&engine_, std::move(engine)); }
  void close() { std::atomic_store(&engine_, std::shared_ptr<Engine>()); }
  std::shared_ptr<Engine> engine() const noexcept { return std::atomic_load(&engine_); }

 private:
  std::shared_ptr<Engine> engine_;
};

/// SCHEDULE_TOPIC_XXXX: a queue per level; the index entries hold the time of delivery.
class ScheduleTopic final : public SystemTopic, public TagsCodeRule, public AppendNews<LevelDelivery> {
 public:
  void set_levels(const DelayLevels& levels) { levels_ = &levels; }

  std::int32_t queue_nums() const noexcept override { return 18; }
  void appended(const Message& message, const AppendReceipt&) noexcept override {
    if (const auto levels = engine()) levels->appended(message.queue_id);
  }
  std::int64_t tags_code(const PropertiesView& properties, std::int64_t store_timestamp_ms) const noexcept override;

 private:
  const DelayLevels* levels_ = nullptr;
};

/// rmq_sys_wheel_timer.
class TimerTopic final : public SystemTopic, public AppendNews<TimerEngine> {
 public:
  std::int32_t queue_nums() const noexcept override { return 1; }
  void appended(const Message&, const AppendReceipt&) noexcept override {
    if (const auto timers = engine()) timers->appended();
  }
};

}  // namespace tenon::delay
