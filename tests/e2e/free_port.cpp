// SPDX-License-Identifier: Apache-2.0
#include "free_port.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <stdexcept>

namespace tenon::e2e {
namespace {

bool can_be_bound(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return bound;
}

}  // namespace

std::uint16_t free_port() {
  constexpr int kAttempts = 100;
  std::random_device random;
  std::uniform_int_distribution<int> ports(13'000, 32'000);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto port = static_cast<std::uint16_t>(ports(random));
    if (can_be_bound(port)) return port;
  }
  throw std::runtime_error("no free port");
}

}  // namespace tenon::e2e
