// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker_process.hpp"
#include "mqtt_client.hpp"
#include "protocol-mqtt/transport/testing/certificates.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {

/// Certificates of a test, in a directory that goes with it.
class TestCertificates {
 public:
  TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;
  ~TestCertificates();

  std::filesystem::path directory;
  std::unique_ptr<protocol_mqtt::TestAuthority> authority;
  protocol_mqtt::CertificateFiles server;
};

enum class Way { tcp, tls, certificate, ws, wss };
inline constexpr Way kWays[] = {Way::tcp, Way::tls, Way::certificate, Way::ws, Way::wss};

/// A broker with a listener of each kind: `certificate` is TLS that asks for the client's and takes its name.
class ManyListeners {
 public:
  /// `keys` go to [plugins.mqtt].
  explicit ManyListeners(std::string_view keys = {});

  HostAddress address(Way way) const { return addresses_[static_cast<std::size_t>(way)]; }
  std::unique_ptr<Stream> open(Way way, std::size_t frame_size = SIZE_MAX);

  TestCertificates certificates;

 private:
  static BrokerSetup setup(const std::vector<HostAddress>& addresses, const TestCertificates& certificates,
                           std::string_view keys);
  std::vector<HostAddress> addresses_;

 public:
  BrokerProcess broker;
};

}  // namespace tenon::e2e
