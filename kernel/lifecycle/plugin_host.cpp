// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/plugin_host.hpp"

#include <chrono>

#include "tenon/text.hpp"

namespace tenon::kernel {

void HostContext::add_listener(Listener listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.push_back(std::move(listener));
}

std::vector<Listener> HostContext::listeners() const {
  const std::scoped_lock lock(mutex_);
  return listeners_;
}

PluginHost::PluginHost(std::string instance_name, HostContext& context)
    : instance_name_(std::move(instance_name)), context_(context), log_(instance_name_) {}

const std::vector<boost::asio::any_io_executor>& PluginHost::net_executors() {
  return context_.executors.net_executors();
}

const std::vector<boost::asio::any_io_executor>& PluginHost::catch_up_executors() {
  return context_.executors.catch_up_executors();
}

std::int64_t PluginHost::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void PluginHost::report_fault(std::string_view reason, bool fatal) {
  const std::string who_and_why = text(instance_name_, ": ", reason);
  log_.error(reason);
  context_.health.set(HealthState::failed, who_and_why);
  if (fatal) context_.fatal_fault(who_and_why);
}

void PluginHost::report_degraded(std::string_view what, std::string_view reason) {
  if (context_.health.degrade(instance_name_, what, reason)) log_.warn(what, ": ", reason);
}

void PluginHost::clear_degraded(std::string_view what) {
  if (context_.health.recover(instance_name_, what)) log_.info("over: ", what);
}

std::string PluginHost::health() const { return context_.health.description(); }

void PluginHost::report_progress(std::string_view what) { context_.health.progress(text(instance_name_, ": ", what)); }

void PluginHost::announce_listener(std::string_view what, std::string_view address) {
  context_.add_listener({std::string(what), std::string(address)});
}

}  // namespace tenon::kernel
