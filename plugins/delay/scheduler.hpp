// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "delay_rules.hpp"
#include "level_delivery.hpp"
#include "remoting/recall_handle.hpp"
#include "tenon/delivery_scheduler.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/topics.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {

using remoting::RecallHandle;

/// The capability over the two engines. Threads: any.
class Scheduler final : public DeliveryScheduler {
 public:
  struct Parts {
    const DelayRules* rules = nullptr;
    MessageDelivery* delivery = nullptr;
    const Topics* topics = nullptr;
    std::string broker_name;
    std::function<std::int64_t()> now_ms;
    std::shared_ptr<LevelDelivery> levels;
    std::shared_ptr<TimerEngine> timers;  ///< nullptr: switched off.
    std::function<bool()> is_slave = [] { return false; };
  };
  /// Before the first call.
  void wire(Parts parts) { parts_ = std::move(parts); }

  Result<ScheduledDelivery> schedule(const Message& message, std::int64_t deliver_at_ms) override;
  Result<std::string> cancel(std::string_view handle, std::string_view topic) override;
  TimerProgress timer_progress() const override;
  std::int64_t delivered_until_ms() const override;
  DelayLevelProgress level_progress() const override;
  std::vector<PendingDeliveries> pending() const override;

 private:
  Result<RecallHandle> check(std::string_view handle, std::string_view topic) const;
  Result<ScheduledDelivery> store(Message message, std::int64_t deliver_at_ms);
  std::string new_unique_key();

  Parts parts_;
  std::atomic<std::uint64_t> keys_made_{0};
};

}  // namespace tenon::delay
