// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "protocol-mqtt/hub.hpp"
#include "protocol-mqtt/transport/listener.hpp"

namespace tenon::protocol_mqtt {

/// The MQTT server: hub and listeners. Threads: one at a time, of `ctl` or of a
/// promotion; the hub's thread runs meanwhile.
class Server {
 public:
  struct Setup {
    std::vector<ListenerSettings> listeners;
    HubSettings hub;
  };

  Server(Setup setup, std::shared_ptr<Hub> hub);
  ~Server();

  /// Binds the listeners; throws Failure. Nothing is accepted yet.
  void open();
  const std::vector<std::unique_ptr<Listener>>& listeners() const noexcept { return listeners_; }
  void serve();
  /// Accepts nothing more, waits until what clients have sent is stored and answered.
  void drain(std::chrono::steady_clock::time_point deadline);
  void stop() noexcept;
  /// Takes certificates over that have changed; those that cannot be read stay as they were. Returns what went wrong.
  std::vector<Error> read_certificates_again();
  /// Runs `work` on the hub's thread and waits for it. Throws what it throws.
  void run_on_hub(const std::function<void()>& work);

 private:
  const Setup setup_;
  const std::shared_ptr<Hub> hub_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  bool serving_ = false;
};

}  // namespace tenon::protocol_mqtt
