// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/tcp_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tenon::protocol_mqtt {
namespace {

constexpr std::size_t kReceiveBytes = 64 * 1024;

}  // namespace

TcpConnection::TcpConnection(Hub& hub, Socket socket, const HostAddress& remote_address, bool anonymous_allowed)
    : Connection(hub, remote_address, anonymous_allowed), descriptor_(socket.release()) {
  if (hub.poll().add(descriptor_, *this)) return;
  const boost::system::error_code error(errno, boost::system::system_category());
  close_descriptor();
  throw boost::system::system_error(error, "epoll_ctl");
}

TcpConnection::~TcpConnection() { close_descriptor(); }

void TcpConnection::close_descriptor() noexcept {
  hub().poll().remove(*this);
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void TcpConnection::start_receive() { hub().poll().want_readable(*this); }

void TcpConnection::writable_now() {
  if (!closed()) guarded([this] { room(); });
}

void TcpConnection::readable() {
  if (!closed()) guarded([this] { receive(); });
}

void TcpConnection::receive() {
  thread_local std::array<char, kReceiveBytes> buffer;
  const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) return arrived({buffer.data(), static_cast<std::size_t>(count)});
  if (count == 0) return broken("the client closed it");
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return arrived({});
  broken(std::strerror(errno));
}

Connection::Sent TcpConnection::transmit_what_fits(std::string& bytes) noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::send(descriptor_, bytes.data() + done, bytes.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Sent::failed;
    bytes.erase(0, done);
    return Sent::later;
  }
  bytes.clear();
  return Sent::all;
}

Connection::Sent TcpConnection::transmit(std::string& bytes) {
  const Sent sent = transmit_what_fits(bytes);
  if (sent != Sent::later) return sent;
  hub().poll().want_writable(*this);
  return sent;
}

void TcpConnection::end_output() noexcept { ::shutdown(descriptor_, SHUT_WR); }

void TcpConnection::close_stream() noexcept {
  if (!lingering()) ::shutdown(descriptor_, SHUT_WR);
  close_descriptor();
}

}  // namespace tenon::protocol_mqtt
