// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>

#include "protocol-native/handler.hpp"
#include "protocol-native/receive_tail.hpp"
#include "protocol-native/services.hpp"
#include "protocol-native/settings.hpp"
#include "tenon/log.hpp"

namespace tenon::protocol_native {

/// What all connections of one plug-in instance share. The first four are constant once the listeners are open.
/// Threads: any. Outlives every loop and connection.
struct ServerState {
  ServerState(Settings chosen, const BrokerServices& offered, const Logger& category)
      : settings(std::move(chosen)),
        services(offered),
        log(category),
        partial_frames(settings.partial_frames_bytes_max) {}

  Settings settings;
  BrokerServices services;
  HandlerTable handlers;
  Logger log;
  PartialFrameBudget partial_frames;
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::atomic<std::int32_t> connections{0};
  std::atomic<std::uint32_t> next_opaque{1};  ///< Of requests to clients.
  /// Nothing new is accepted; clients that understand it are told to go away.
  std::atomic<bool> draining{false};

  /// Shown to operators by GET_BROKER_RUNTIME_INFO; a name server alone counts nothing.
  void count_refusal(std::string_view name) {
    if (services.statistics != nullptr) services.statistics->count_incident(name);
  }
};

}  // namespace tenon::protocol_native
