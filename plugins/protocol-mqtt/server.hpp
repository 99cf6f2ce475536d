// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocol-mqtt/hub.hpp"
#include "protocol-mqtt/transport/listener.hpp"

namespace tenon::protocol_mqtt {

/// Whether clients without a name may come in.
enum class Anonymous { by_loopback, always, never };

/// The MQTT server: hub and listeners. Threads: all members on one (`ctl`); the hub's thread runs meanwhile.
class Server {
 public:
  struct Setup {
    std::vector<std::string> listen;
    Anonymous anonymous = Anonymous::by_loopback;
    HubSettings hub;
  };

  Server(Setup setup, std::shared_ptr<Hub> hub);
  ~Server();

  /// Binds the listeners; throws Failure. Nothing is accepted yet.
  void open();
  std::vector<HostAddress> addresses() const;
  void serve();
  /// Accepts nothing more, waits until what clients have sent is stored and answered.
  void drain(std::chrono::steady_clock::time_point deadline);
  void stop() noexcept;

 private:
  void run_on_hub(const std::function<void()>& work);
  bool anonymous_allowed_at(const HostAddress& address) const;

  const Setup setup_;
  const std::shared_ptr<Hub> hub_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  bool serving_ = false;
};

}  // namespace tenon::protocol_mqtt
