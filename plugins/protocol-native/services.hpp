// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "protocol-native/trace_fields.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/append_gathering.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/consumer_offset_changes.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/delivery_scheduler.hpp"
#include "tenon/filter.hpp"
#include "tenon/groups.hpp"
#include "tenon/host.hpp"
#include "tenon/message_store.hpp"
#include "tenon/pop_consumption.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"
#include "tenon/queue_locks.hpp"
#include "tenon/route_table.hpp"
#include "tenon/services.hpp"
#include "tenon/statistics.hpp"
#include "tenon/table_gate.hpp"
#include "tenon/topics.hpp"
#include "tenon/transaction_coordinator.hpp"

namespace tenon::protocol_native {

/// The queues of a topic on all brokers.
using QueuesFound = std::function<void(Result<std::vector<QueueRoute>>)>;

/// What this composition offers to the handlers. A pointer is null when nobody offers it: a name server without a store
/// has no Publishing, a plain broker no RouteTable. A family of handlers registers only what it can serve, so a request
/// without its capability is answered "not supported" like any unknown code.
/// Constant once connections are taken in. Threads: any.
struct BrokerServices {
  Host* host = nullptr;
  BrokerIdentity* identity = nullptr;
  Topics* topics = nullptr;
  Groups* groups = nullptr;
  ConsumerOffsets* offsets = nullptr;
  ConsumerOffsetChanges* offset_changes = nullptr;
  ClientRegistry* clients = nullptr;
  QueueLocks* locks = nullptr;
  Publishing* publishing = nullptr;
  Pulling* pulling = nullptr;
  PopConsumption* pop = nullptr;
  MessageStore* store = nullptr;
  AppendGathering* gathering = nullptr;
  Statistics* statistics = nullptr;
  TransactionCoordinator* transactions = nullptr;
  DeliveryScheduler* scheduler = nullptr;
  RouteTable* routes = nullptr;
  /// Asks a name server of this broker. `found` runs on any thread, or inline. Empty: nobody to ask.
  std::function<void(std::string_view topic, QueuesFound found)> ask_queues;
  KeyValueConfig* key_values = nullptr;
  std::vector<Keyed<FilterCompiler>> filters;
  AdminCommands* admin_commands = nullptr;
  TableGate* table_gate = nullptr;     ///< Of replication that waits for slaves.
  bool remote_admin_commands = false;  ///< Also from other hosts.
  TraceFields traces;

  /// nullptr when no plug-in compiles expressions of this type ("TAG", "SQL92").
  const FilterCompiler* filter_compiler(std::string_view expression_type) const {
    for (const auto& filter : filters) {
      if (filter.key == expression_type) return filter.service;
    }
    return nullptr;
  }
};

}  // namespace tenon::protocol_native
