// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <memory>

#include "delay_interceptor.hpp"
#include "delay_keys.hpp"
#include "names.hpp"
#include "progress_copy.hpp"
#include "scheduler.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/readable_end.hpp"
#include "tenon/system_topic.hpp"
#include "waiting_topics.hpp"

namespace tenon::delay {

/// Lifecycle shell of delayed delivery.
class DelayPlugin final : public Plugin {
 public:
  explicit DelayPlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return delay_keys(); }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    settings_ = read_delay_settings(section, complaints);
  }

  void wire(Services& services) override {
    store_ = &services.require<MessageStore>();
    if (auto* readable = services.find<ReadableEnd>()) store_ = &readable->whole_log();
    delivery_ = &services.require<MessageDelivery>();
    topics_ = &services.require<Topics>();
    identity_ = &services.require<BrokerIdentity>();
    role_ = services.find<BrokerRole>();
    services.provide<PublishInterceptor>(interceptor_);
    services.provide<SystemTopic>(schedule_topic_, kScheduleTopic);
    services.provide<TagsCodeRule>(schedule_topic_, kScheduleTopic);
    services.provide<SystemTopic>(timer_topic_, kTimerTopic);
    services.provide<DeliveryScheduler>(scheduler_);
    services.provide<DeliveryProgressCopy>(progress_copy_);
    schedule_topic_.set_levels(settings_.rules.levels);
    interceptor_.wire(settings_.rules, *identity_, [this] { return host_.now_ms(); });
  }

  void start() override {
    const DeliveryParts parts{*store_,
                              *delivery_,
                              host_.executor(ExecutorRole::disk),
                              host_.executor(ExecutorRole::sched),
                              [this] { return host_.now_ms(); },
                              host_.log(),
                              [this](std::string_view what, std::string_view reason) {
                                reason.empty() ? host_.clear_degraded(what) : host_.report_degraded(what, reason);
                              }};
    levels_ =
        std::make_shared<LevelDelivery>(parts, settings_.rules.levels, host_.data_dir() / "config" / "delayOffset.json",
                                        settings_.offset_flush_interval_ms);
    if (settings_.rules.timers) timers_ = std::make_shared<TimerEngine>(parts, settings_.timer, host_.data_dir());
    scheduler_.wire({&settings_.rules, delivery_, topics_, std::string(identity_->broker_name()),
                     [this] { return host_.now_ms(); }, levels_, timers_,
                     [this] { return role_ != nullptr && identity_->broker_id() != 0; }});
    progress_copy_.open(host_.data_dir());
    if (role_ == nullptr) return begin();
    role_->when_master([this] { begin(); });
  }

  void drain(std::chrono::steady_clock::time_point) override { end(); }
  void stop() noexcept override { end(); }

 private:
  static void require(const Status& status) {
    if (!status) throw Failure(status.error());
  }
  /// Delivers from now on; a slave rests until it becomes the master.
  void begin() {
    progress_copy_.close();
    require(levels_->open());
    if (timers_) require(timers_->open());
    levels_->start();
    if (timers_) timers_->start();
    schedule_topic_.open(levels_);
    timer_topic_.open(timers_);
    // What came between the start of an engine and now told nobody.
    levels_->look();
    if (timers_) timers_->appended();
  }
  void end() {
    schedule_topic_.close();
    timer_topic_.close();
    if (levels_) levels_->stop();
    if (timers_) timers_->stop();
  }

  Host& host_;
  DelaySettings settings_;
  MessageStore* store_ = nullptr;
  MessageDelivery* delivery_ = nullptr;
  Topics* topics_ = nullptr;
  BrokerIdentity* identity_ = nullptr;
  BrokerRole* role_ = nullptr;
  DelayInterceptor interceptor_;
  ScheduleTopic schedule_topic_;
  TimerTopic timer_topic_;
  Scheduler scheduler_;
  ProgressCopy progress_copy_;
  std::shared_ptr<LevelDelivery> levels_;
  std::shared_ptr<TimerEngine> timers_;
};

}  // namespace tenon::delay

TENON_PLUGIN(
    tenon::delay::DelayPlugin, "tenon.delay", TENON_SDK_VERSION,
    "tenon.publish-interceptor/1; tenon.system-topic/1:SCHEDULE_TOPIC_XXXX; "
    "tenon.system-topic/1:rmq_sys_wheel_timer; tenon.tags-code-rule/1:SCHEDULE_TOPIC_XXXX; "
    "tenon.delivery-scheduler/1; tenon.delivery-progress-copy/1",
    "tenon.message-store/2; tenon.readable-end/1?; tenon.message-delivery/1; tenon.topics/1; tenon.broker-identity/1; "
    "tenon.broker-role/2?")
