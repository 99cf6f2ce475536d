// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "namesrv/key_value_store.hpp"
#include "namesrv/route_table_engine.hpp"

namespace tenon::namesrv {
namespace {

constexpr ConfigKey kKeys[] = {
    {.name = "order_message_enable",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "Add orderTopicConf of the key-value configuration to routes."},
    {.name = "return_order_topic_config_to_broker",
     .type = ConfigType::boolean,
     .default_value = "true",
     .meaning = "Answer registrations with the ORDER_TOPIC_CONFIG table."},
    {.name = "delete_topic_with_broker_registration",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "Topics that a broker's complete registration no longer names leave the route."},
    {.name = "scan_not_active_broker_interval",
     .type = ConfigType::duration,
     .default_value = "5s",
     .meaning = "How often brokers that no longer register are looked for.",
     .minimum = 100,
     .maximum = 60'000},
};

/// Removes expired brokers every interval. Lives as long as its timer's handler does, so stop() need not wait for it.
class ExpiryScan : public std::enable_shared_from_this<ExpiryScan> {
 public:
  ExpiryScan(boost::asio::any_io_executor executor, std::chrono::milliseconds interval, RouteTableEngine& table,
             Logger log)
      : timer_(executor), interval_(interval), table_(table), log_(log) {}

  void schedule() {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    timer_.expires_after(interval_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
      if (!failure && self->scan()) self->schedule();
    });
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    timer_.cancel();
  }

 private:
  bool scan() {
    const std::lock_guard lock(mutex_);  // stop() waits for a scan under way: the table goes after it
    if (stopped_) return false;
    for (const auto& channel : table_.expire()) {
      log_.warn("broker ", channel->remote_address(), " has not registered in time, its connection is closed");
      channel->close();
    }
    return true;
  }

  std::mutex mutex_;
  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds interval_;
  RouteTableEngine& table_;
  const Logger log_;
  bool stopped_ = false;
};

class NamesrvPlugin final : public Plugin {
 public:
  explicit NamesrvPlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return kKeys; }

  void configure(const ConfigSection& section, Diagnostics&) override {
    RouteTableEngine::Settings settings;
    settings.order_message_enable = section.boolean("order_message_enable");
    settings.return_order_topic_config_to_broker = section.boolean("return_order_topic_config_to_broker");
    settings.registration.delete_topic_with_broker_registration =
        section.boolean("delete_topic_with_broker_registration");
    scan_interval_ = section.duration("scan_not_active_broker_interval");
    table_.emplace(settings, key_values_, [this] { return host_.now_ms(); });
    table_->on_two_masters([this](std::string_view name, const std::string& former, const std::string& now) {
      host_.log().warn("broker ", now, " has registered as the master of ", name, ", and the one at ", former,
                       " has not left: if both run, stop the one with the lower epoch (tenon ha status)");
    });
  }

  void wire(Services& services) override {
    services.provide<RouteTable>(*table_);
    services.provide<KeyValueConfig>(key_values_);
  }

  void start() override {
    const auto directory = host_.data_dir() / "namesrv";
    std::filesystem::create_directories(directory);
    key_values_.open(directory / "kvConfig.json", host_.log()).value();
    scan_ = std::make_shared<ExpiryScan>(host_.executor(ExecutorRole::sched), scan_interval_, *table_, host_.log());
    scan_->schedule();
  }

  void stop() noexcept override {
    if (scan_) scan_->stop();
    scan_.reset();
  }

 private:
  Host& host_;
  std::chrono::milliseconds scan_interval_{5000};
  KeyValueStore key_values_;
  std::optional<RouteTableEngine> table_;
  std::shared_ptr<ExpiryScan> scan_;
};

}  // namespace
}  // namespace tenon::namesrv

TENON_PLUGIN(tenon::namesrv::NamesrvPlugin, "tenon.namesrv", TENON_SDK_VERSION,
             "tenon.route-table/1; tenon.key-value-config/1", "")
