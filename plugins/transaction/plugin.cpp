// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <memory>
#include <optional>

#include "check_service.hpp"
#include "coordinator.hpp"
#include "recovery.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/readable_end.hpp"
#include "transaction_interceptor.hpp"

namespace tenon::transaction {
namespace {

class TransactionPlugin final : public Plugin {
 public:
  explicit TransactionPlugin(Host& host) { parts_.host = &host; }

  std::span<const ConfigKey> config_keys() const override { return transaction_keys(); }

  void configure(const ConfigSection& section, Diagnostics&) override {
    settings_ = read_settings(section);
    ledger_.emplace(settings_.tracked_max);
    ops_.emplace(*parts_.host, settings_.op_message_bytes_max);
    parts_.settings = &settings_;
    parts_.ledger = &*ledger_;
    parts_.ops = &*ops_;
    parts_.counters = &counters_;
    parts_.waiting = &waiting_;
  }

  void wire(Services& services) override {
    parts_.store = &services.require<MessageStore>();
    if (auto* readable = services.find<ReadableEnd>()) parts_.store = &readable->whole_log();
    parts_.delivery = &services.require<MessageDelivery>();
    parts_.clients = &services.require<ClientRegistry>();
    parts_.offsets = &services.require<ConsumerOffsets>();
    parts_.identity = &services.require<BrokerIdentity>();
    role_ = services.find<BrokerRole>();
    ops_->wire(*parts_.delivery, *parts_.identity);
    checks_.emplace(parts_, actions_);
    services.provide<PublishInterceptor>(interceptor_);
    services.provide<TransactionCoordinator>(coordinator_);
  }

  void start() override {
    if (role_ == nullptr) return begin();
    coordinator_.rest();
    role_->when_master([this] { begin(); });
  }

  void drain(std::chrono::steady_clock::time_point) override {
    coordinator_.drain();
    checks_->end();
  }

  void stop() noexcept override {
    if (checks_) checks_->stop();
  }

 private:
  void begin() {
    recover(parts_, actions_);
    coordinator_.wake();
    checks_->start();
  }

  Settings settings_;
  BrokerRole* role_ = nullptr;
  Counters counters_;
  broker_json::TopicCounts waiting_{"transactionCount"};
  Parts parts_;
  std::optional<HalfLedger> ledger_;
  std::optional<OpLog> ops_;
  HalfActions actions_{parts_};
  Coordinator coordinator_{parts_, actions_};
  TransactionInterceptor interceptor_{parts_};
  std::optional<CheckService> checks_;
};

}  // namespace
}  // namespace tenon::transaction

TENON_PLUGIN(tenon::transaction::TransactionPlugin, "tenon.transaction", TENON_SDK_VERSION,
             "tenon.publish-interceptor/1; tenon.transaction-coordinator/1",
             "tenon.message-store/2; tenon.readable-end/1?; tenon.message-delivery/1; tenon.client-registry/1; "
             "tenon.consumer-offsets/2; "
             "tenon.broker-identity/1; tenon.broker-role/2?")
