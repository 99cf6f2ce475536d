// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/request.hpp"
#include "client/subscription.hpp"

namespace tenon::client {

enum class MessageModel { clustering, broadcasting };
/// Where a group without stored offset begins.
enum class ConsumeFromWhere { last_offset, first_offset };

/// What a client tells brokers about itself. Source: ../shared/reference/remoting-protocol.md 3.6.
struct Heartbeat {
  struct Consumer {
    std::string group;
    MessageModel model = MessageModel::clustering;
    ConsumeFromWhere from = ConsumeFromWhere::last_offset;
    std::vector<Subscription> subscriptions;
  };
  std::string client_id;
  std::vector<std::string> producer_groups;
  std::optional<Consumer> consumer;
};

Request heartbeat_request(const Heartbeat& heartbeat);
/// CHECK_CLIENT_CONFIG: whether the broker can filter by this subscription. Source: remoting-protocol.md 3.8.
Request check_client_request(std::string_view client_id, std::string_view group, const Subscription& subscription);
/// UNREGISTER_CLIENT; an empty group is left out.
Request unregister_request(std::string_view client_id, std::string_view producer_group,
                           std::string_view consumer_group);

}  // namespace tenon::client
