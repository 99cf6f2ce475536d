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

/// Listens on 127.0.0.1:port (0: any) and prints the address. `kind`: of the socket besides SOCK_STREAM.
inline int listen_on_loopback(std::uint16_t port, int kind = 0) {
  const int listener = socket(AF_INET, SOCK_STREAM | kind, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, size) != 0 || listen(listener, 1024) != 0 || getsockname(listener, any, &size) != 0)
    std::perror("listen"), std::exit(1);
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

struct Connection {
  explicit Connection(int fd) : descriptor(fd) {}
  int descriptor;
  bool queued = false;  ///< In the list of connections to write at the end of this wake.
  std::string tail;     ///< The unparsed half frame of the last read.
  std::string out;
  std::size_t out_begin = 0;
  std::uint64_t ticket = 0;  ///< What has to be released before `out` may leave.
};

/// Calls `on_frame(server, connection, frame)` for each frame, `frame` without its length field; what it appends to
/// some connection's `out` after calling answer_later() is sent at the end of the wake. `on_close(connection)` before a
/// close.
template <class OnFrame, class OnClose>
class FrameServer {
 public:
  FrameServer(OnFrame on_frame, OnClose on_close)
      : on_frame_(on_frame), on_close_(on_close), buffer_(256 * 1024, '\0') {}

  std::function<std::uint64_t()> before_answers;  ///< Of one wake, which leave once what it returns is released.

  /// Lets answers leave whose ticket is not above this, now or when they are there.
  void release(std::uint64_t ticket) { released_ = ticket; }

  /// Calls `on_readable` when there is something to read from `descriptor`. Before run().
  void watch_other(int descriptor, std::function<void()> on_readable) {
    other_ = descriptor;
    on_other_ = std::move(on_readable);
  }

  void answer_later(Connection& connection) {
    if (connection.queued) return;
    connection.queued = true;
    dirty_.push_back(connection.descriptor);
  }

  /// Listens, prints the address, serves for ever.
  [[noreturn]] void run(std::uint16_t port) {
    listener_ = listen_on_loopback(port, SOCK_NONBLOCK);
    epoll_ = epoll_create1(0);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    if (other_ >= 0) watch(EPOLL_CTL_ADD, other_, EPOLLIN);
    epoll_event events[256];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 256, -1);
      for (int i = 0; i < count; ++i) serve(events[i].data.fd, events[i].events);
      if (!dirty_.empty()) hold(before_answers ? before_answers() : 0);
      write_released();
    }
  }

 private:
  void watch(int operation, int descriptor, std::uint32_t wanted) {
    epoll_event event{};
    event.events = wanted;
    event.data.fd = descriptor;
    epoll_ctl(epoll_, operation, descriptor, &event);
  }

  void hold(std::uint64_t ticket) {
    for (const int descriptor : dirty_) {
      held_.push_back({ticket, descriptor});
      if (Connection* const connection = connections_[static_cast<std::size_t>(descriptor)].get()) {
        connection->queued = false;
        connection->ticket = ticket;
      }
    }
    dirty_.clear();
  }

  void write_released() {
    std::size_t written = 0;
    for (; written < held_.size() && held_[written].ticket <= released_; ++written) write(held_[written].descriptor);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(written));
  }

  void serve(int descriptor, std::uint32_t events) {
    if (descriptor == listener_) return accept_one();
    if (descriptor == other_) return on_other_();
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
    if (connection.ticket > released_) return;  // it has newer answers, too
    const bool was_blocked = connection.out_begin > 0;
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
  struct Held {
    std::uint64_t ticket;
    int descriptor;
  };
  std::vector<Held> held_;  // in the order of tickets
  std::uint64_t released_ = 0;
  std::function<void()> on_other_;
  int other_ = -1;
  int listener_ = -1;
  int epoll_ = -1;
};

}  // namespace tenon::bench
