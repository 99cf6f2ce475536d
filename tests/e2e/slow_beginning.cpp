// SPDX-License-Identifier: Apache-2.0
// For tests: who begins at a promotion, and takes as long as a file is not there.
#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tenon/broker_role.hpp"
#include "tenon/plugin.hpp"

namespace tenon::e2e {
namespace {

constexpr std::array<ConfigKey, 1> kKeys{{{.name = "until", .meaning = "The file."}}};

class SlowBeginning final : public Plugin {
 public:
  explicit SlowBeginning(Host&) {}
  std::span<const ConfigKey> config_keys() const override { return kKeys; }
  void configure(const ConfigSection& section, Diagnostics&) override { until_ = section.string("until"); }
  void wire(Services& services) override { role_ = &services.require<BrokerRole>(); }
  void start() override {
    role_->when_master([this] {
      while (!std::filesystem::exists(until_)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
  }

 private:
  std::filesystem::path until_;
  BrokerRole* role_ = nullptr;
};

}  // namespace
}  // namespace tenon::e2e

TENON_PLUGIN(tenon::e2e::SlowBeginning, "tenon.slow-beginning", "1.0.0", "", "tenon.broker-role/2")
