// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <optional>

#include "names.hpp"
#include "pop_service.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/readable_end.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::pop {
namespace {

class ReviveTopic final : public SystemTopic {
 public:
  std::int32_t queue_nums() const noexcept override { return kReviveQueues; }
};

class PopPlugin final : public Plugin {
 public:
  explicit PopPlugin(Host& host) { parts_.host = &host; }

  std::span<const ConfigKey> config_keys() const override { return pop_keys(); }

  void configure(const ConfigSection& section, Diagnostics&) override {
    settings_ = read_settings(section);
    parts_.settings = &settings_;
  }

  void wire(Services& services) override {
    parts_.store = parts_.whole_log = &services.require<MessageStore>();
    if (auto* readable = services.find<ReadableEnd>()) parts_.whole_log = &readable->whole_log();
    parts_.delivery = &services.require<MessageDelivery>();
    parts_.scheduler = &services.require<DeliveryScheduler>();
    parts_.offsets = &services.require<ConsumerOffsets>();
    parts_.resets = &services.require<ConsumerOffsetResets>();
    parts_.topics = &services.require<Topics>();
    parts_.groups = &services.require<Groups>();
    parts_.identity = &services.require<BrokerIdentity>();
    parts_.filters = services.find_all<FilterCompiler>();
    parts_.revive_topic = text(kReviveTopicPrefix, parts_.identity->cluster());
    role_ = services.find<BrokerRole>();
    service_.emplace(parts_);
    services.provide<PopConsumption>(*service_);
    services.provide<AppendListener>(*service_, parts_.host->instance_name());
    services.provide<SystemTopic>(revive_topic_, parts_.revive_topic);
  }

  void start() override {
    service_->open();
    if (role_ == nullptr) return service_->begin();
    role_->when_master([this] { service_->begin(); });
  }

  void drain(std::chrono::steady_clock::time_point) override { service_->end(); }

  void stop() noexcept override {
    if (service_) service_->stop();
  }

 private:
  Settings settings_;
  Parts parts_;
  BrokerRole* role_ = nullptr;
  ReviveTopic revive_topic_;
  std::optional<PopService> service_;
};

}  // namespace
}  // namespace tenon::pop

TENON_PLUGIN(tenon::pop::PopPlugin, "tenon.pop", TENON_SDK_VERSION,
             "tenon.pop-consumption/1; tenon.append-listener/1; tenon.system-topic/1",
             "tenon.message-store/2; tenon.readable-end/1?; tenon.message-delivery/1; tenon.delivery-scheduler/1; "
             "tenon.consumer-offsets/2; tenon.consumer-offset-resets/1; tenon.topics/1; tenon.groups/1; "
             "tenon.filter-compiler/1?; tenon.broker-identity/1; tenon.broker-role/2?")
