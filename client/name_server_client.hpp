// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "client/remoting_client.hpp"
#include "client/topic_route.hpp"

namespace tenon::client {

/// Asks name servers. Stays with one while it answers and goes on to the next when it does not.
/// Threads: any, but not callbacks of the RemotingClient; the calls wait.
/// Errors: those of RemotingClient when no name server answers; topic_not_exist; internal with the server's remark.
class NameServerClient {
 public:
  /// `addresses`: "host:port;host:port". `remoting` must outlive this.
  NameServerClient(RemotingClient& remoting, std::string_view addresses, Milliseconds timeout = Milliseconds{3000});

  Result<TopicRoute> route_of(std::string_view topic);
  Result<std::vector<std::string>> topics();
  /// Every broker of every cluster.
  Result<std::vector<BrokerData>> brokers();
  /// Makes every name server forget the topic. Error: the first failure, after all were asked.
  Status delete_topic(std::string_view topic);

  const std::vector<std::string>& addresses() const noexcept { return addresses_; }
  /// One request to whichever name server answers.
  Result<Reply> call(const Request& request);

 private:
  RemotingClient& remoting_;
  std::vector<std::string> addresses_;
  Milliseconds timeout_;
  std::mutex mutex_;
  std::size_t chosen_ = 0;  ///< Guarded by mutex_.
};

}  // namespace tenon::client
