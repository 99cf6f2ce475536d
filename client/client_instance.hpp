// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "client/name_server_client.hpp"
#include "client/remoting_client.hpp"
#include "client/unique_key.hpp"

namespace tenon::client {

struct ClientOptions {
  std::string name_servers = "127.0.0.1:9876";  ///< "host:port;host:port"
  std::string client_id = make_client_id();     ///< What brokers call us; unique among the members of a group.
  Milliseconds timeout{3000};                   ///< Of calls to name servers and of admin calls to brokers.
  Milliseconds route_refresh{30'000};
};

/// What producers, consumers and admin tools of one program share: connections, name servers, the client id.
/// (RocketMQ's MQClientInstance.) Outlives everything that uses it.
/// Threads: any, but not callbacks of the RemotingClient where a call waits.
class ClientInstance {
 public:
  explicit ClientInstance(ClientOptions options = {});

  RemotingClient& remoting() noexcept { return remoting_; }
  NameServerClient& name_servers() noexcept { return name_servers_; }
  const ClientOptions& options() const noexcept { return options_; }

  /// The route of a topic, asked anew when older than `route_refresh`. When no name server answers, the old one stays
  /// good; a topic that has vanished is forgotten.
  Result<TopicRoute> route_of(const std::string& topic);
  /// The next route_of() asks again.
  void forget_route(const std::string& topic);

  /// Who wants to hear that the members of a consumer group changed (code 40). `on_change` runs on the I/O thread.
  void watch_group(const std::string& group, std::function<void()> on_change);
  void unwatch_group(const std::string& group);

 private:
  struct CachedRoute {
    TopicRoute route;
    std::chrono::steady_clock::time_point asked;
  };
  std::optional<Reply> take_push(const Reply& push);

  ClientOptions options_;
  std::mutex mutex_;
  std::map<std::string, CachedRoute> routes_;                    ///< Guarded by mutex_.
  std::map<std::string, std::function<void()>> group_watchers_;  ///< Guarded by mutex_.
  RemotingClient remoting_;                                      ///< After what its callbacks use.
  NameServerClient name_servers_;
};

}  // namespace tenon::client
