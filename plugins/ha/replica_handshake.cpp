// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_handshake.hpp"

#include <sys/socket.h>

#include <boost/asio/write.hpp>

namespace tenon::ha {

void ReplicaHandshake::read() {
  socket_.async_receive(boost::asio::buffer(input_),
                        [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
                          if (!self->socket_.is_open()) return;
                          if (error == boost::asio::error::eof)
                            return self->close(Error(Errc::disconnected, "the slave closed the connection"));
                          if (error) return self->close(Error(Errc::disconnected, error.message()));
                          self->take(count);
                        });
}

void ReplicaHandshake::take(std::size_t count) {
  silent_ = false;
  const auto now = std::chrono::steady_clock::now();
  if (const Status fine = session_.receive(std::span(input_).first(count), now); !fine) return close(fine.error());
  if (session_.transferring()) return events_.let_in(*this);
  auto next = session_.next({}, now);
  if (!next) return close(next.error());
  *next ? answer(std::move((*next)->head)) : read();
}

void ReplicaHandshake::answer(std::string bytes) {
  output_ = std::move(bytes);
  boost::asio::async_write(socket_, boost::asio::buffer(output_),
                           [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                             if (!self->socket_.is_open()) return;
                             if (error) return self->close(Error(Errc::disconnected, error.message()));
                             self->output_.clear();
                             self->read();
                           });
}

void ReplicaHandshake::tick(Time now) {
  if (const Status heard = session_.check_silence(now); !heard) close(heard.error());
}

ReplicaHandshake::Socket ReplicaHandshake::take_socket(const boost::asio::any_io_executor& executor) {
  const auto protocol = socket_.local_endpoint().protocol();
  return {executor, protocol, socket_.release()};
}

void ReplicaHandshake::close(const Error& why) {
  if (!socket_.is_open()) return;
  const auto self = shared_from_this();
  if (const std::string last = session_.farewell(why); !last.empty() && output_.empty()) {
    // One try: nobody waits for a slave that is refused.
    (void)::send(socket_.native_handle(), last.data(), last.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  boost::system::error_code ignored;  // the descriptor is gone either way
  socket_.shutdown(Socket::shutdown_send, ignored);
  socket_.close(ignored);
  events_.refused(*this, why);
}

}  // namespace tenon::ha
