// SPDX-License-Identifier: Apache-2.0
#include "mqtt_listeners.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace tenon::e2e {
namespace {

std::filesystem::path new_directory() {
  std::string pattern = std::filesystem::temp_directory_path() / "tenon-certificates-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory for certificates");
  return pattern;
}

std::vector<HostAddress> free_addresses(std::size_t count) {
  std::vector<HostAddress> addresses;
  while (addresses.size() < count) addresses.push_back(HostAddress::v4({127, 0, 0, 1}, free_port()));
  return addresses;
}

}  // namespace

TestCertificates::TestCertificates()
    : directory(new_directory()),
      authority(std::make_unique<protocol_mqtt::TestAuthority>(directory, "authority")),
      server(authority->sign("server", "localhost")) {}

TestCertificates::~TestCertificates() { std::filesystem::remove_all(directory); }

BrokerSetup ManyListeners::setup(const std::vector<HostAddress>& addresses, const TestCertificates& certificates,
                                 std::string_view keys) {
  constexpr std::array kTransports{"tcp", "tls", "tls", "ws", "wss"};
  BrokerSetup setup;
  setup.config = text(kStandalone, "\n[plugins.mqtt]\ntype = \"protocol-mqtt\"\ndefault_topic_queues = 1\n", keys);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Way way = kWays[i];
    setup.config +=
        text("\n[[plugins.mqtt.listeners]]\naddress = \"", addresses[i], "\"\ntransport = \"", kTransports[i], "\"\n");
    if (way == Way::tcp || way == Way::ws) continue;
    setup.config += text("certificate_file = \"", certificates.server.certificate, "\"\nkey_file = \"",
                         certificates.server.key, "\"\n");
    if (way != Way::certificate) continue;
    setup.config += text("client_ca_file = \"", certificates.authority->certificate_file(),
                         "\"\nrequire_certificate = true\nuse_identity_as_username = true\n");
  }
  return setup;
}

ManyListeners::ManyListeners(std::string_view keys)
    : addresses_(free_addresses(std::size(kWays))), broker(setup(addresses_, certificates, keys)) {}

std::unique_ptr<Stream> ManyListeners::open(Way way, std::size_t frame_size) {
  TlsClientFiles files;
  files.authority = certificates.authority->certificate_file();
  if (way == Way::certificate) {
    const auto client = certificates.authority->sign("client", "meter-7");
    files.certificate = client.certificate;
    files.key = client.key;
  }
  switch (way) {
    case Way::tcp:
      return open_tcp(address(way));
    case Way::tls:
    case Way::certificate:
      return open_tls(address(way), files);
    case Way::ws:
      return open_websocket(open_tcp(address(way)), "/mqtt", frame_size);
    case Way::wss:
      return open_websocket(open_tls(address(way), files), "/mqtt", frame_size);
  }
  return nullptr;
}

}  // namespace tenon::e2e
