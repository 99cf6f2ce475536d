// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "settings.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/consumer_offset_resets.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/delivery_scheduler.hpp"
#include "tenon/filter.hpp"
#include "tenon/groups.hpp"
#include "tenon/host.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/message_store.hpp"
#include "tenon/services.hpp"
#include "tenon/topics.hpp"

namespace tenon::pop {

/// What the parts of the engine share. Constant after wire().
struct Parts {
  Host* host = nullptr;
  MessageStore* store = nullptr;      ///< What consumers may see.
  MessageStore* whole_log = nullptr;  ///< What there is: for the broker's own records.
  MessageDelivery* delivery = nullptr;
  DeliveryScheduler* scheduler = nullptr;
  ConsumerOffsets* offsets = nullptr;
  ConsumerOffsetResets* resets = nullptr;
  Topics* topics = nullptr;
  Groups* groups = nullptr;
  BrokerIdentity* identity = nullptr;
  std::vector<Keyed<FilterCompiler>> filters;
  const Settings* settings = nullptr;
  std::string revive_topic;
};

}  // namespace tenon::pop
