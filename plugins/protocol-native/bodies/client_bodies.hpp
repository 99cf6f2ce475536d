// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fastjson/writer.hpp"
#include "tenon/client_registry.hpp"

namespace tenon::protocol_native {

/// Bodies that show connected clients: 203, 204, 328, 345. remoting-protocol.md 3.6.
void write_subscription(fastjson::Writer& json, const Subscription& subscription);
std::string consumer_connection_body(const ConsumerGroupState& group);
std::string producer_connection_body(const std::vector<ClientConnection>& connections);
std::string producer_table_body(const std::map<std::string, std::vector<ClientConnection>>& groups);
/// `subscription` may be nullptr: the group is not online or does not read the topic.
std::string subscription_by_consumer_body(const std::string& group, const std::string& topic,
                                          const Subscription* subscription);
/// `{"groupList":[...]}`.
std::string group_list_body(const std::vector<std::string>& groups);

/// Names of enumerators as Java writes them.
std::string_view consume_type_name(ConsumeType type) noexcept;
std::string_view message_model_name(MessageModel model) noexcept;
std::string_view consume_from_where_name(ConsumeFromWhere where) noexcept;

}  // namespace tenon::protocol_native
