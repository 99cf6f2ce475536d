// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "lifecycle/executors.hpp"
#include "lifecycle/health.hpp"
#include "tenon/host.hpp"

namespace tenon::kernel {

/// A line of the banner.
struct Listener {
  std::string what, address;
};

/// What all plug-ins of a process share. Owned by the composition root; outlives the plug-ins.
struct HostContext {
  using FatalFault = std::function<void(const std::string& reason)>;

  HostContext(Executors& with_executors, Health& with_health, FatalFault on_fatal_fault,
              std::filesystem::path with_data_dir)
      : executors(with_executors),
        health(with_health),
        fatal_fault(std::move(on_fatal_fault)),
        data_dir(std::move(with_data_dir)) {}

  void add_listener(Listener listener);
  std::vector<Listener> listeners() const;

  Executors& executors;
  Health& health;
  FatalFault fatal_fault;          ///< Called on any thread.
  std::filesystem::path data_dir;  ///< Absolute.

 private:
  mutable std::mutex mutex_;
  std::vector<Listener> listeners_;
};

/// The Host of one plug-in.
class PluginHost final : public Host {
 public:
  PluginHost(std::string instance_name, HostContext& context);

  std::string_view instance_name() const override { return instance_name_; }
  const Logger& log() const override { return log_; }
  const std::filesystem::path& data_dir() const override { return context_.data_dir; }
  boost::asio::any_io_executor executor(ExecutorRole role) override { return context_.executors.executor(role); }
  const std::vector<boost::asio::any_io_executor>& net_executors() override;
  const std::vector<boost::asio::any_io_executor>& catch_up_executors() override;
  void run_loop(boost::asio::io_context& context) override { context_.executors.run_loop(context); }
  std::int64_t now_ms() const override;
  void report_fault(std::string_view reason, bool fatal) override;
  void report_degraded(std::string_view what, std::string_view reason) override;
  void clear_degraded(std::string_view what) override;
  std::string health() const override;
  void report_progress(std::string_view what) override;
  void announce_listener(std::string_view what, std::string_view address) override;

 private:
  std::string instance_name_;
  HostContext& context_;
  Logger log_;
};

}  // namespace tenon::kernel
