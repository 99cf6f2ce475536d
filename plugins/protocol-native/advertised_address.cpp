// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/advertised_address.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace tenon::protocol_native {
namespace {

using Interfaces = std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)>;

Interfaces interfaces() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) list = nullptr;
  return {list, ::freeifaddrs};
}

std::optional<HostAddress> address_of(const ifaddrs& entry, std::uint16_t port) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_UP) == 0) return std::nullopt;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    return HostAddress::v4(bytes, port);
  }
  if (entry.ifa_addr->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 address;
  std::memcpy(&address, entry.ifa_addr, sizeof address);
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
  return HostAddress::v6(bytes, port);
}

/// IPv4, because the C++ client knows nothing else.
std::optional<HostAddress> first_host_address(std::uint16_t port) {
  const Interfaces list = interfaces();
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    const auto address = address_of(*entry, port);
    if (address && !address->is_v6() && !address->is_loopback()) return address;
  }
  return std::nullopt;
}

}  // namespace

Result<HostAddress> advertised_address(const HostAddress& first_listener, std::string_view advertise) {
  if (!advertise.empty()) {
    auto said = HostAddress::parse(advertise);
    if (said && said->port() != 0) return said;
    const auto host = said ? advertise.substr(0, advertise.rfind(':')) : advertise;
    return HostAddress::parse(text(host, ":", first_listener.port()));
  }
  if (!first_listener.is_unspecified()) return first_listener;
  // A machine without a network still serves itself.
  return first_host_address(first_listener.port()).value_or(HostAddress::v4({127, 0, 0, 1}, first_listener.port()));
}

bool is_address_of_this_host(const HostAddress& address) {
  if (address.is_loopback()) return true;
  const Interfaces list = interfaces();
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (address_of(*entry, address.port()) == address) return true;
  }
  return false;
}

}  // namespace tenon::protocol_native
