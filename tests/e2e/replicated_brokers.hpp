// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker_process.hpp"
#include "fastjson/value.hpp"

namespace tenon::e2e {

/// A broker of the name broker-a that registers with `name_server` and replicates; the first listener is its own.
/// `id` is its broker id, `settings` are further `--set` arguments.
BrokerSetup replicated_broker(const HostAddress& name_server, int id, std::vector<std::string> settings = {});

/// Asks for an admin command. Throws std::runtime_error with the broker's words when it refuses.
fastjson::Value admin_command(const HostAddress& broker, std::string_view name, std::string_view arguments = {});

/// `ha.status` of the broker; null when it cannot be asked.
fastjson::Value ha_status(const HostAddress& broker);

/// True when the broker is a slave that has all bytes and all metadata of its master.
bool has_everything(const HostAddress& slave);
/// True when a master has a slave in sync with it.
bool has_a_slave_in_sync(const HostAddress& master);

/// True when this broker, which has ended, did so because its lease in etcd was over: with exit code 1 and the
/// election's reason as its last words. A crash, or another fault, is none.
bool lost_its_lease(const BrokerProcess& ended);

/// What is wrong with how this broker ended, which nobody asked it to: empty when it had lost its lease.
/// `may_fail_to_start`: nor is it wrong that it said why it cannot start, with exit code 1.
enum class MayFailToStart : bool { no, yes };
std::string wrong_end(const BrokerProcess& ended, MayFailToStart may_fail_to_start = MayFailToStart::no);

/// Calls `reached` again and again until it is true; false when it does not become true within a minute.
template <class Reached>
bool becomes_true(Reached reached);

}  // namespace tenon::e2e

#include <chrono>
#include <thread>

template <class Reached>
bool tenon::e2e::becomes_true(Reached reached) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!reached()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}
