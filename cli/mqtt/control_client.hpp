// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fastjson/value.hpp"
#include "mqtt/control_stream.hpp"

namespace tenon::cli {

struct ControlOptions {
  std::string address = "127.0.0.1:1883";  ///< An MQTT listener on this machine.
  std::string user, password;              ///< Empty: come in without a name.
  ControlTls tls;
};

/// Asks a broker over MQTT: requests on $CONTROL/tenon/v1, answers on its response topic, as
/// plugins/protocol-mqtt/README.md says. Throws Failure: no connection, refused, no answer in ten seconds, or the
/// broker's own word. Threads: none.
class ControlClient {
 public:
  explicit ControlClient(const ControlOptions& options);
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;
  /// Says goodbye.
  ~ControlClient();

  /// One request, a JSON object; the answer likewise.
  fastjson::Value ask(std::string_view request);
  /// Rows of "clients", "sessions", "subscriptions" or "retained", page after page, `limit` at most.
  std::vector<fastjson::Value> rows(std::string_view command, std::size_t limit);
  /// False when the broker does not know the client.
  bool kick(std::string_view client);

 private:
  void log_in(const ControlOptions& options);
  /// The next packet of the broker.
  std::string receive();

  ControlStream stream_;
  std::string input_;
};

}  // namespace tenon::cli
