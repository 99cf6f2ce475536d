// SPDX-License-Identifier: Apache-2.0
// What a plug-in stands on, for tests: a host whose clock and threads are the test's, services in a list, a fixed
// identity.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/broker_identity.hpp"
#include "tenon/host.hpp"
#include "tenon/services.hpp"

namespace tenon::testing {

/// All executors are one io_context, which runs when the test says so. Threads: one.
class ManualHost final : public Host {
 public:
  explicit ManualHost(std::filesystem::path data_dir = {}) : data_dir_(std::move(data_dir)) {}

  std::string_view instance_name() const override { return "test"; }
  const Logger& log() const override { return log_; }
  const std::filesystem::path& data_dir() const override { return data_dir_; }
  boost::asio::any_io_executor executor(ExecutorRole) override { return context.get_executor(); }
  const std::vector<boost::asio::any_io_executor>& net_executors() override { return net_; }
  std::int64_t now_ms() const override { return clock_ms; }
  void report_fault(std::string_view, bool) override {}
  void report_progress(std::string_view) override {}
  void report_degraded(std::string_view what, std::string_view reason) override {
    degraded[std::string(what)] = reason;
  }
  void clear_degraded(std::string_view what) override { degraded.erase(std::string(what)); }

  /// Runs what is ready.
  void run() {
    context.restart();
    context.poll();
  }

  boost::asio::io_context context;
  std::int64_t clock_ms = 1'795'000'000'000;
  std::map<std::string, std::string> degraded;

 private:
  const std::filesystem::path data_dir_;
  const Logger log_{"test"};
  std::vector<boost::asio::any_io_executor> net_{context.get_executor()};
};

/// What was provided is found again, in that order; the provider of key K is called "by-K".
class ListedServices final : public Services {
 public:
  void clear() { provided_.clear(); }

 protected:
  void provide_raw(CapabilityId id, std::string_view key, Capability*, void* typed) override {
    provided_.push_back({id.to_string(), std::string(key), typed});
  }
  void* require_raw(CapabilityId id, std::string_view key) override {
    if (void* found = find_raw(id, key)) return found;
    throw Failure(Error(Errc::internal, id.to_string() + " is not provided by the test"));
  }
  void* find_raw(CapabilityId id, std::string_view key) override {
    for (const Provided& provided : provided_) {
      if (provided.id == id.to_string() && (key.empty() || provided.key == key)) return provided.typed;
    }
    return nullptr;
  }
  std::vector<Found> find_all_raw(CapabilityId id) override {
    std::vector<Found> all;
    for (const Provided& provided : provided_) {
      if (provided.id == id.to_string()) all.push_back({provided.key, provided.typed, "by-" + provided.key});
    }
    return all;
  }

 private:
  struct Provided {
    std::string id, key;
    void* typed;
  };
  std::vector<Provided> provided_;
};

/// broker-a of DefaultCluster at 127.0.0.1:10911.
class FixedIdentity final : public BrokerIdentity {
 public:
  std::string_view cluster() const noexcept override { return "DefaultCluster"; }
  std::string_view broker_name() const noexcept override { return "broker-a"; }
  std::int64_t broker_id() const noexcept override { return 0; }
  HostAddress advertised_address() const override { return HostAddress::v4({127, 0, 0, 1}, 10'911); }
  std::int64_t boot_timestamp_ms() const noexcept override { return 0; }
};

}  // namespace tenon::testing
