// SPDX-License-Identifier: Apache-2.0
// The socket half that the throw-away servers of this directory share: one thread, epoll, one send per connection and
// wake.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::bench {

inline std::uint32_t read_u32(const char* at) noexcept {
  std::uint32_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}
template <class Number>
void put(char*& to, Number value) noexcept {
  if constexpr (sizeof value == 8) value = static_cast<Number>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  if constexpr (sizeof value == 4) value = static_cast<Number>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof value == 2) value = static_cast<Number>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  __builtin_memcpy(to, &value, sizeof value);
  to += sizeof value;
}

struct Connection {
  explicit Connection(int fd) : descriptor(fd) {}
  int descriptor;
  bool queued = false;  ///< In the list of connections to write at the end of this wake.
  std::string tail;     ///< The unparsed half frame of the last read.
  std::string out;
  std::size_t out_begin = 0;
};

/// Calls `on_frame(server, connection, frame)` for each frame, `frame` without its length field; what it appends to
/// some connection's `out` after calling answer_later() is sent at the end of the wake. `on_close(connection)` before a
/// close.
template <class OnFrame, class OnClose>
class FrameServer {
 public:
  FrameServer(OnFrame on_frame, OnClose on_close)
      : on_frame_(on_frame), on_close_(on_close), buffer_(256 * 1024, '\0') {}

  std::function<void()> before_answers;  ///< Of one wake; none if empty.

  void answer_later(Connection& connection) {
    if (connection.queued) return;
    connection.queued = true;
    dirty_.push_back(connection.descriptor);
  }

  /// Listens on 127.0.0.1:port (0: any), prints the address, serves for ever.
  [[noreturn]] void run(std::uint16_t port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    epoll_ = epoll_create1(0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, any, size) != 0 || listen(listener_, 1024) != 0 || getsockname(listener_, any, &size) != 0) {
      std::perror("listen");
      std::exit(1);
    }
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    epoll_event events[256];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 256, -1);
      for (int i = 0; i < count; ++i) serve(events[i].data.fd, events[i].events);
      if (!dirty_.empty() && before_answers) before_answers();
      for (std::size_t i = 0; i < dirty_.size(); ++i) write(dirty_[i]);
      dirty_.clear();
    }
  }

 private:
  void watch(int operation, int descriptor, std::uint32_t wanted) {
    epoll_event event{};
    event.events = wanted;
    event.data.fd = descriptor;
    epoll_ctl(epoll_, operation, descriptor, &event);
  }

  void serve(int descriptor, std::uint32_t events) {
    if (descriptor == listener_) return accept_one();
    if ((events & EPOLLOUT) != 0) write(descriptor);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || !connections_[static_cast<std::size_t>(descriptor)]) return;
    Connection& connection = *connections_[static_cast<std::size_t>(descriptor)];
    const ssize_t got = recv(descriptor, buffer_.data(), buffer_.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return close_one(connection);
    if (got < 0) return;
    std::string_view stream(buffer_.data(), static_cast<std::size_t>(got));
    if (!connection.tail.empty()) stream = connection.tail.append(stream);
    while (stream.size() >= 8) {
      const std::size_t length = read_u32(stream.data());
      if (length > 16 * 1024 * 1024 || length < 4 + (read_u32(stream.data() + 4) & 0xFFFFFF))
        return close_one(connection);
      if (stream.size() < 4 + length) break;
      on_frame_(*this, connection, stream.substr(4, length));
      stream.remove_prefix(4 + length);
    }
    connection.tail = std::string(stream);
  }

  void write(int descriptor) {
    if (!connections_[static_cast<std::size_t>(descriptor)]) return;
    Connection& connection = *connections_[static_cast<std::size_t>(descriptor)];
    const bool was_blocked = connection.out_begin > 0;
    connection.queued = false;
    const ssize_t sent = send(descriptor, connection.out.data() + connection.out_begin,
                              connection.out.size() - connection.out_begin, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return close_one(connection);
    if (sent > 0) connection.out_begin += static_cast<std::size_t>(sent);
    if (connection.out_begin < connection.out.size()) {
      watch(EPOLL_CTL_MOD, descriptor, EPOLLIN | EPOLLOUT);
      return;
    }
    connection.out.clear();
    connection.out_begin = 0;
    if (was_blocked) watch(EPOLL_CTL_MOD, descriptor, EPOLLIN);
  }

  void accept_one() {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (descriptor < 0) return;
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connections_.size() <= static_cast<std::size_t>(descriptor))
      connections_.resize(static_cast<std::size_t>(descriptor) + 1);
    connections_[static_cast<std::size_t>(descriptor)] = std::make_unique<Connection>(descriptor);
    watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
  }

  void close_one(Connection& connection) {
    on_close_(connection);
    const int descriptor = connection.descriptor;
    close(descriptor);
    connections_[static_cast<std::size_t>(descriptor)].reset();
  }

  OnFrame on_frame_;
  OnClose on_close_;
  std::string buffer_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::vector<int> dirty_;
  int listener_ = -1;
  int epoll_ = -1;
};

}  // namespace tenon::bench
