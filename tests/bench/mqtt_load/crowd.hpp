// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "packets.hpp"

namespace mqtt_load {

/// What a client of the crowd does with a message that came; the packet's acknowledgements are the client's own matter.
class Listener {
 public:
  virtual ~Listener() = default;
  /// A client has its CONNACK, and its SUBACK if it subscribes.
  virtual void ready(std::size_t client) = 0;
  virtual void message(std::size_t client, std::string_view payload) = 0;
};

/// Many MQTT clients in one thread, over epoll. Answers QoS 1 and 2 as a client must. Ends the process on any fault:
/// a bench without its clients has no result.
class Crowd {
 public:
  Crowd(std::uint16_t port, Listener& listener);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Begins to connect; an empty filter subscribes to nothing.
  std::size_t add(const std::string& client_id, const std::string& filter, int qos);
  void publish(std::size_t client, std::string_view topic, std::string_view payload, int qos);
  void leave(std::size_t client);
  std::size_t ready_count() const noexcept { return ready_; }
  /// Serves what the sockets have, waiting at most `timeout_ms`; then sends what has gathered.
  void turn(int timeout_ms);

 private:
  struct Client {
    int socket = -1;
    std::string filter, input, output;
    int qos = 0;
    std::uint16_t last_id = 0;
    bool listed = false;   ///< In `to_send_`.
    bool blocked = false;  ///< Waits for room in the socket.
  };

  void read(std::size_t index);
  void serve(std::size_t index, const Packet& packet);
  void send(std::size_t index);
  void list(std::size_t index);
  void watch(std::size_t index, bool for_room, bool is_new);

  const std::uint16_t port_;
  Listener& listener_;
  const int epoll_;
  std::vector<Client> clients_;
  std::vector<std::size_t> to_send_;
  std::size_t ready_ = 0;
};

}  // namespace mqtt_load
