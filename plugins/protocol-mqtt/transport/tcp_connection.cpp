// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/tcp_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tenon::protocol_mqtt {
namespace {

constexpr std::size_t kReceiveBytes = 64 * 1024;

}  // namespace

TcpConnection::TcpConnection(Hub& hub, Socket socket, std::string remote_address, bool anonymous_allowed)
    : Connection(hub, std::move(remote_address), anonymous_allowed), socket_(std::move(socket)) {}

void TcpConnection::start_receive() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this(), this](const boost::system::error_code& error) {
    if (!error && !closed()) read_now();
  });
}

void TcpConnection::read_now() {
  thread_local std::array<char, kReceiveBytes> buffer;
  const ssize_t count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) return arrived({buffer.data(), static_cast<std::size_t>(count)});
  if (count == 0) return broken("the client closed it");
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return arrived({});
  broken(std::strerror(errno));
}

Connection::Sent TcpConnection::transmit_what_fits(std::string& bytes) noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::send(socket_.native_handle(), bytes.data() + done, bytes.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
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
  socket_.async_wait(Socket::wait_write, [self = shared_from_this(), this](const boost::system::error_code& error) {
    if (!error && !closed()) room();
  });
  return sent;
}

void TcpConnection::close_stream() noexcept {
  boost::system::error_code ignored;  // the descriptor is gone either way
  socket_.shutdown(Socket::shutdown_send, ignored);
  socket_.close(ignored);
}

}  // namespace tenon::protocol_mqtt
