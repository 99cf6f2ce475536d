// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "routing/broker_config.hpp"
#include "routing/repeating_timer.hpp"
#include "tenon/host.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// Everything the kernel itself offers: topics, groups, offsets, clients, locks, publishing, pulling, statistics and
/// the broker's identity, assembled from parts that know each other only by interface, and the link to the name
/// servers.
///
/// The composition root calls the phases in this order, all on the `ctl` thread:
///
///  - provide, before the first plug-in is wired: offers the kernel's capabilities;
///  - wire, after the last plug-in is wired: takes store, filters, interceptors, gates, registrar;
///  - load, before the first plug-in starts: reads <data_dir>/config; throws Failure;
///  - start, after the last plug-in has started: refuses to be a second master of its name (throws Failure), lets those
///    begin who wait for a master, starts the timers;
///  - serve, after the last plug-in serves: registers with the name servers;
///  - drain, before the first plug-in drains: unregisters, refuses new sends, answers held pulls;
///  - stop, after the last plug-in has stopped: writes the tables; the executors may be stopped already.
///
/// Without a message store among the plug-ins the process is no broker (a name server only): load(), start()
/// and serve() do nothing then, and publishes and pulls are refused.
class Broker {
 public:
  /// `run_every` empty: real time, on the executor of timers.
  Broker(BrokerConfig config, Host& host, RunEvery run_every = {});
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Says that this process is to stop, also to a start that takes long: RoleKeeper::end_when().
  void end_start_when(std::function<bool()> stop_requested);
  void provide(Services& services);
  void wire(Services& services);
  void load();
  void start();
  void serve();
  void drain(std::chrono::steady_clock::time_point deadline);
  void stop() noexcept;

  /// True when a plug-in offers a message store.
  bool has_store() const noexcept;

 private:
  struct Parts;
  void tell_other_master(const std::string& address);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tenon::kernel
