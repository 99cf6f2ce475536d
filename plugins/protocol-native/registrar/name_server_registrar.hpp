// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "protocol-native/registrar/name_server_client.hpp"
#include "tenon/route_registrar.hpp"
#include "tenon/route_table.hpp"

namespace tenon::protocol_native {

/// Speaks REGISTER_BROKER (103), UNREGISTER_BROKER (104), GET_ROUTEINFO_BY_TOPIC (105), GET_BROKER_CLUSTER_INFO (106)
/// and QUERY_DATA_VERSION (322) to any number of name servers, Java's or ours, with one connection each. The body of a
/// registration is that of a Java 5 broker; one of more than 1 MiB is compressed. Threads: requests from any thread,
/// they encode there; `done` runs on the executor.
class NameServerRegistrar final : public RouteRegistrar {
 public:
  /// Before start() every call ends with disconnected. `executor` must be run by one thread only.
  void start(boost::asio::any_io_executor executor, const HostAddress& advertised,
             NameServerClient::LeadsNowhere leads_nowhere = {});
  /// Closes all connections; calls under way end with disconnected.
  void stop();

  HostAddress advertised_address() const override;
  void register_broker(std::string_view name_server, const BrokerRegistration& registration,
                       std::chrono::milliseconds timeout, Registered done) override;
  void unregister_broker(std::string_view name_server, const BrokerRegistration& registration,
                         std::chrono::milliseconds timeout, Done done) override;
  void check_registration(std::string_view name_server, const BrokerRegistration& registration,
                          std::chrono::milliseconds timeout, Checked done) override;
  void find_master(std::string_view name_server, std::string_view broker_name, std::chrono::milliseconds timeout,
                   Found done) override;

  using QueuesFound = std::function<void(Result<std::vector<QueueRoute>>)>;
  /// The queues of a topic on all brokers, from the first that answers of the name servers that were spoken to before.
  /// `timeout` is that of each. Errors: topic_not_exist; disconnected when none answers, or none is known.
  void find_queues(std::string_view topic, std::chrono::milliseconds timeout, QueuesFound found);

 private:
  void ask_in_turn(std::vector<std::string> name_servers, std::string topic, std::chrono::milliseconds timeout,
                   QueuesFound found);
  void send(std::string_view name_server, std::int32_t opaque, remoting::OutputBuffer frame,
            std::chrono::milliseconds timeout, NameServerClient::Answered done);

  mutable std::mutex mutex_;
  bool started_ = false;
  boost::asio::any_io_executor executor_;
  HostAddress advertised_;
  NameServerClient::LeadsNowhere leads_nowhere_;
  std::map<std::string, std::shared_ptr<NameServerClient>, std::less<>> clients_;
  std::atomic<std::int32_t> opaque_ = 0;
};

/// The two requests as frames, for the registrar and its tests.
void write_register_broker(remoting::OutputBuffer& out, std::int32_t opaque, const BrokerRegistration& registration);
void write_unregister_broker(remoting::OutputBuffer& out, std::int32_t opaque, const BrokerRegistration& registration);

}  // namespace tenon::protocol_native
