// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "client/fake_server.hpp"
#include "protocol-native/testing/raw_client.hpp"

namespace tenon::e2e {

/// What a slave sees of a RocketMQ master of the classic kind: it is registered as broker-a, sends its log to whoever
/// says on its HA port how far his own is, whatever that one is, and answers what a slave asks for: its tables (21,
/// 201, 43) and the record at an offset (33). Source: RocketMQ HAConnection, AdminBrokerProcessor,
/// QueryMessageProcessor.
class FakeClassicMaster {
 public:
  struct Disk {
    std::string log;
    std::set<std::string> topics;
  };

  FakeClassicMaster(const HostAddress& name_server, Disk disk);
  ~FakeClassicMaster();
  FakeClassicMaster(const FakeClassicMaster&) = delete;
  FakeClassicMaster& operator=(const FakeClassicMaster&) = delete;

  /// For clients, and for slaves.
  std::string address() const { return server_.address(); }
  const HostAddress& replication_address() const noexcept { return ha_address_; }
  /// It was started again: on this disk.
  void come_back_with(Disk disk);
  /// As long as nobody comes through to its port for clients.
  void answer_nobody(bool nobody) noexcept { answers_nobody_ = nobody; }

 private:
  void serve_log();
  void serve_slave(int slave);
  bool send_more(int slave, int start, std::size_t& next);
  std::optional<client::Reply> answer(const client::Reply& request);
  client::Reply record_at(std::int64_t offset) const;

  std::mutex mutex_;
  Disk disk_;        ///< Under mutex_.
  int version_ = 1;  ///< Of the topics; likewise.
  std::atomic<int> starts_{0};
  std::atomic<bool> ends_{false}, answers_nobody_{false};
  int listener_ = -1;
  HostAddress ha_address_;
  client::FakeServer server_;
  protocol_native::RawClient registration_;  ///< Name servers forget a broker with its connection.
  std::thread thread_;
};

}  // namespace tenon::e2e
