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

std::optional<HostAddress> first_host_address(std::uint16_t port) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const bool usable = entry->ifa_addr != nullptr && (entry->ifa_flags & IFF_UP) != 0 &&
                        (entry->ifa_flags & IFF_LOOPBACK) == 0 && entry->ifa_addr->sa_family == AF_INET;
    if (!usable) continue;
    sockaddr_in address;
    std::memcpy(&address, entry->ifa_addr, sizeof address);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    return HostAddress::v4(bytes, port);
  }
  return std::nullopt;
}

}  // namespace

Result<HostAddress> advertised_address(const HostAddress& first_listener, std::string_view advertise) {
  if (!advertise.empty()) {
    const auto said = HostAddress::parse(advertise);
    if (said && said->port() != 0) return said;
    const auto host = said ? advertise.substr(0, advertise.rfind(':')) : advertise;
    return HostAddress::parse(text(host, ":", first_listener.port()));
  }
  if (!first_listener.is_unspecified()) return first_listener;
  // A machine without a network still serves itself.
  return first_host_address(first_listener.port()).value_or(HostAddress::v4({127, 0, 0, 1}, first_listener.port()));
}

}  // namespace tenon::protocol_native
