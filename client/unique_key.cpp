// SPDX-License-Identifier: Apache-2.0
#include "client/unique_key.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <random>

#include "tenon/text.hpp"

namespace tenon::client {
namespace {

std::uint32_t local_ip_number() {
  ifaddrs* list = nullptr;
  std::uint32_t found = INADDR_LOOPBACK;
  if (getifaddrs(&list) != 0) return found;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    if ((entry->ifa_flags & IFF_LOOPBACK) != 0 || (entry->ifa_flags & IFF_UP) == 0) continue;
    found = ntohl(reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr.s_addr);
    break;
  }
  freeifaddrs(list);
  return found;
}

std::uint32_t program_start_number() {
  static const std::uint32_t number = std::random_device{}();
  return number;
}

/// Milliseconds since 00:00 of the first day of this month, local time, as Java's MessageClientIDSetter.
std::uint32_t ms_of_month() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  std::tm local{};
  localtime_r(&seconds, &local);
  local.tm_mday = 1;
  local.tm_hour = local.tm_min = local.tm_sec = 0;
  local.tm_isdst = -1;
  return static_cast<std::uint32_t>(
      duration_cast<milliseconds>(now - system_clock::from_time_t(std::mktime(&local))).count());
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.push_back("0123456789ABCDEF"[(value >> shift) & 15]);
}

}  // namespace

std::string make_unique_key() {
  static const std::uint32_t ip = local_ip_number();
  static std::atomic<std::uint64_t> count{0};
  // The counter has 16 bits and wraps; within one millisecond it cannot.
  const std::uint64_t number = count.fetch_add(1, std::memory_order_relaxed);
  std::string key;
  key.reserve(32);
  append_hex(key, ip, 8);
  append_hex(key, static_cast<std::uint32_t>(getpid()) & 0xFFFF, 4);
  append_hex(key, program_start_number(), 8);
  append_hex(key, ms_of_month(), 8);
  append_hex(key, static_cast<std::uint32_t>(number & 0xFFFF), 4);
  return key;
}

std::string local_ip() {
  const in_addr address{htonl(local_ip_number())};
  char digits[INET_ADDRSTRLEN];
  return inet_ntop(AF_INET, &address, digits, sizeof digits);
}

std::string make_client_id() { return text(local_ip(), "@", getpid(), "#", program_start_number()); }

}  // namespace tenon::client
