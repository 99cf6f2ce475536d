// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace tenon::bench {

/// The master's end of a mini pair. What goes out is the bytes of the log and nothing else; what comes back is, eight
/// bytes each, the positions up to which the slave has it.
class ReplicaLink {
 public:
  /// `address`: HOST:PORT of a tenon_mini_slave, HOST in digits.
  explicit ReplicaLink(const std::string& address) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
    const int yes = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) != 1 ||
        connect(descriptor_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0)
      std::perror("slave"), std::exit(1);
  }

  int descriptor() const { return descriptor_; }

  void send(const char* bytes, std::size_t size) {
    while (size > 0) {
      const ssize_t sent = ::send(descriptor_, bytes, size, MSG_NOSIGNAL);
      if (sent < 0) std::perror("send to the slave"), std::exit(1);
      bytes += sent;
      size -= static_cast<std::size_t>(sent);
    }
  }

  /// Once there is something to read: the newest position that the slave has confirmed.
  std::uint64_t confirmed() {
    const ssize_t got = recv(descriptor_, positions_ + have_, sizeof positions_ - have_, MSG_DONTWAIT);
    if (got <= 0) std::fputs("the slave is gone\n", stderr), std::exit(1);
    have_ += static_cast<std::size_t>(got);
    const std::size_t whole = have_ / 8 * 8;
    if (whole > 0) std::memcpy(&confirmed_, positions_ + whole - 8, 8);
    std::memmove(positions_, positions_ + whole, have_ -= whole);
    return confirmed_;
  }

 private:
  int descriptor_;
  char positions_[4096];
  std::size_t have_ = 0;
  std::uint64_t confirmed_ = 0;
};

}  // namespace tenon::bench
