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
  if (count > 0) return received({buffer.data(), static_cast<std::size_t>(count)});
  if (count == 0) return broken("the client closed it");
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return received({});
  broken(std::strerror(errno));
}

Connection::Sent TcpConnection::send_some(std::string& output) {
  std::size_t done = 0;
  while (done < output.size()) {
    const ssize_t count =
        ::send(socket_.native_handle(), output.data() + done, output.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Sent::failed;
    output.erase(0, done);
    socket_.async_wait(Socket::wait_write, [self = shared_from_this(), this](const boost::system::error_code& error) {
      if (!error && !closed()) writable();
    });
    return Sent::later;
  }
  output.clear();
  return Sent::all;
}

void TcpConnection::close_stream() noexcept {
  boost::system::error_code ignored;  // the descriptor is gone either way
  socket_.shutdown(Socket::shutdown_send, ignored);
  socket_.close(ignored);
}

}  // namespace tenon::protocol_mqtt
