// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_instance.hpp"

namespace tenon::client {

struct TopicSettings {
  std::string name;
  std::int32_t read_queue_nums = 8;
  std::int32_t write_queue_nums = 8;
  std::int32_t perm = perm::read | perm::write;
  bool order = false;
  std::string attributes;  ///< "+message.type=FIFO"
};

/// Which brokers an admin call goes to: of one cluster, or one broker; all when both are empty.
struct BrokerSelection {
  std::string cluster;
  std::string broker_address;  ///< "host:port"; the name server is then not asked.
};

/// What mqadmin does with topics. Stateless but for `client`, which must outlive it.
/// Threads: any; calls wait. Errors: those of RemotingClient, the broker's refusal, query_not_found for an empty
/// selection.
class AdminClient {
 public:
  explicit AdminClient(ClientInstance& client) : client_(client) {}

  /// Creates or changes the topic on every selected master. Returns the addresses. Stops at the first failure.
  Result<std::vector<std::string>> create_topic(const TopicSettings& topic, const BrokerSelection& where = {});
  /// Deletes it on every selected broker, then at the name servers (unless a broker was given by address).
  Result<std::vector<std::string>> delete_topic(const std::string& topic, const BrokerSelection& where = {});
  Result<std::vector<std::string>> topics() { return client_.name_servers().topics(); }
  Result<TopicRoute> route_of(std::string_view topic) { return client_.name_servers().route_of(topic); }

 private:
  Result<std::vector<std::string>> masters(const BrokerSelection& where);

  ClientInstance& client_;
};

}  // namespace tenon::client
