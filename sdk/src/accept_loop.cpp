// SPDX-License-Identifier: Apache-2.0
#include "tenon/accept_loop.hpp"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "tenon/listening.hpp"
#include "tenon/thread_check.hpp"

namespace tenon {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kPause{100};

}  // namespace

/// What pending accepts hold: it outlives the AcceptLoop until they have been told of its end.
class AcceptLoop::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(std::string_view listen, const boost::asio::any_io_executor& executor, Receiver& receiver, const Logger& log)
      : receiver_(&receiver),
        log_(log),
        acceptor_(listen_on(listen, executor)),
        pause_(executor),
        address_(host_address_of(acceptor_.local_endpoint())) {}

  const HostAddress& address() const noexcept { return address_; }
  boost::asio::any_io_executor executor() { return acceptor_.get_executor(); }
  bool stopped() const noexcept { return receiver_ == nullptr; }

  void next() {
    if (!receiver_->has_room()) return later();
    acceptor_.async_accept(receiver_->next_executor(),
                           [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
                             if (self->stopped()) return;
                             if (error) return self->later();
                             self->take(std::move(socket));
                             if (!self->stopped()) self->next();
                           });
  }

  void stop() noexcept {
    receiver_ = nullptr;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void later() {
    pause_.expires_after(kPause);
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
      if (!self->stopped()) self->next();
    });
  }

  void take(tcp::socket socket) {
    boost::system::error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // gone already
    socket.set_option(tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    try {
      receiver_->accepted(std::move(socket), host_address_of(remote));
    } catch (const std::exception& problem) {
      log_.warn("a connection from ", host_address_of(remote), " was not taken: ", problem.what());
    }
  }

  Receiver* receiver_;
  const Logger log_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  const HostAddress address_;
};

AcceptLoop::Receiver::~Receiver() = default;

AcceptLoop::AcceptLoop(std::string_view address, const boost::asio::any_io_executor& executor, Receiver& receiver,
                       const Logger& log)
    : loop_(std::make_shared<Loop>(address, executor, receiver, log)) {}

AcceptLoop::~AcceptLoop() {
  if (!loop_->stopped()) loop_->stop();
}

const HostAddress& AcceptLoop::address() const noexcept { return loop_->address(); }

void AcceptLoop::start() {
  TENON_ASSERT_ON(loop_->executor());
  loop_->next();
}

void AcceptLoop::stop() noexcept {
  TENON_ASSERT_ON(loop_->executor());
  if (!loop_->stopped()) loop_->stop();
}

}  // namespace tenon
