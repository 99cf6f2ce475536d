// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <memory>
#include <optional>

#include "check_service.hpp"
#include "coordinator.hpp"
#include "recovery.hpp"
#include "tenon/broker_role.hpp"
#include "transaction_interceptor.hpp"

namespace tenon::transaction {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

constexpr ConfigKey kKeys[] = {
    {.name = "check_interval",
     .type = ConfigType::duration,
     .default_value = "30s",
     .meaning = "How often the broker looks for transactions to ask about (transactionCheckInterval).",
     .minimum = 1,
     .maximum = 365 * kDayMs},
    {.name = "timeout",
     .type = ConfigType::duration,
     .default_value = "6s",
     .meaning = "Age at which a transaction is first asked about (transactionTimeOut).",
     .minimum = 0,
     .maximum = 10'000 * kDayMs},
    {.name = "check_max",
     .type = ConfigType::integer,
     .default_value = "15",
     .meaning = "Questions about one transaction before it is given up (transactionCheckMax).",
     .minimum = 1,
     .maximum = 1'000'000},
    {.name = "age_max",
     .type = ConfigType::duration,
     .default_value = "72h",
     .meaning = "Age at which a transaction is given up, asked about or not; keep it below the store's retention.",
     .minimum = 1'000,
     .maximum = 10'000 * kDayMs},
    {.name = "op_message_max",
     .type = ConfigType::size,
     .default_value = "4KiB",
     .meaning = "Largest record that notes ended transactions (transactionOpMsgMaxSize).",
     .minimum = 32,
     .maximum = 4 * 1024 * 1024},
    {.name = "tracked_max",
     .type = ConfigType::integer,
     .default_value = "200000",
     .meaning = "Waiting transactions held in memory, some 200 bytes each; more are stored again instead.",
     .minimum = 16,
     .maximum = 100'000'000},
    {.name = "reject",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "Refuse transactional messages (rejectTransactionMessage); those that wait still end."},
};

class TransactionPlugin final : public Plugin {
 public:
  explicit TransactionPlugin(Host& host) { parts_.host = &host; }

  std::span<const ConfigKey> config_keys() const override { return kKeys; }

  void configure(const ConfigSection& section, Diagnostics&) override {
    settings_.check_interval = section.duration("check_interval");
    settings_.timeout = section.duration("timeout");
    settings_.check_max = static_cast<std::int32_t>(section.integer("check_max"));
    settings_.age_max = section.duration("age_max");
    settings_.op_message_bytes_max = static_cast<std::size_t>(section.size_bytes("op_message_max"));
    settings_.tracked_max = static_cast<std::size_t>(section.integer("tracked_max"));
    settings_.reject = section.boolean("reject");
    ledger_.emplace(settings_.tracked_max);
    ops_.emplace(*parts_.host, settings_.op_message_bytes_max);
    interceptor_.set_reject(settings_.reject);
    parts_.settings = &settings_;
    parts_.ledger = &*ledger_;
    parts_.ops = &*ops_;
    parts_.counters = &counters_;
  }

  void wire(Services& services) override {
    parts_.store = &services.require<MessageStore>();
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
  Parts parts_;
  std::optional<HalfLedger> ledger_;
  std::optional<OpLog> ops_;
  HalfActions actions_{parts_};
  Coordinator coordinator_{parts_, actions_};
  TransactionInterceptor interceptor_;
  std::optional<CheckService> checks_;
};

}  // namespace
}  // namespace tenon::transaction

TENON_PLUGIN(tenon::transaction::TransactionPlugin, "tenon.transaction", TENON_SDK_VERSION,
             "tenon.publish-interceptor/1; tenon.transaction-coordinator/1",
             "tenon.message-store/1; tenon.message-delivery/1; tenon.client-registry/1; tenon.consumer-offsets/1; "
             "tenon.broker-identity/1; tenon.broker-role/1?")
