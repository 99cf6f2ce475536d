// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "broker_json/topic_counts.hpp"
#include "half_ledger.hpp"
#include "op_log.hpp"
#include "settings.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/host.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/message_store.hpp"

namespace tenon::transaction {

/// See TransactionTotals.
struct Counters {
  std::atomic<std::int64_t> committed{0}, rolled_back{0}, ended_again{0}, checks_sent{0}, checks_unheard{0},
      discarded{0}, rewritten{0};
};

/// What the parts of the engine share. Constant after wire().
struct Parts {
  Host* host = nullptr;
  MessageStore* store = nullptr;
  MessageDelivery* delivery = nullptr;
  ClientRegistry* clients = nullptr;
  ConsumerOffsets* offsets = nullptr;
  BrokerIdentity* identity = nullptr;
  const Settings* settings = nullptr;
  HalfLedger* ledger = nullptr;
  OpLog* ops = nullptr;
  Counters* counters = nullptr;
  broker_json::TopicCounts* waiting = nullptr;  ///< Half messages by the topic they are for.
};

}  // namespace tenon::transaction
