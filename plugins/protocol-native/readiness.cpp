// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/readiness.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "protocol-native/connection.hpp"
#include "protocol-native/net_loop.hpp"

namespace tenon::protocol_native {
namespace {

constexpr int kEventsMax = 128;
constexpr int kFavoursMax = 16;

int new_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

}  // namespace

Readiness::Readiness(const boost::asio::any_io_executor& executor, NetLoop& loop)
    : set_(executor, new_set()), loop_(loop) {}

void Readiness::stop() noexcept {
  boost::system::error_code ignored;
  set_.close(ignored);
}

bool Readiness::watch(Connection& connection) noexcept {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &connection;
  return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, connection.descriptor(), &event) == 0;
}

void Readiness::change(Connection& connection, bool read, bool write) noexcept {
  epoll_event event{};
  event.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U);
  event.data.ptr = &connection;
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, connection.descriptor(), &event);
}

// Closing the socket takes it out of the set.
void Readiness::forget(const Connection& connection) noexcept {
  if (favourite_ == &connection) favourite_ = nullptr;
  if (last_alone_ == &connection) last_alone_ = nullptr;
}

void Readiness::release(const Connection& connection) noexcept {
  forget(connection);
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, connection.descriptor(), nullptr);
}

void Readiness::arm() {
  set_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;  // stopped
    // Also when serving throws: a loop that no more waits would leave all its connections unheard.
    struct Again {
      Readiness& self;
      ~Again() {
        if (self.set_.is_open()) self.arm();
      }
    } const again{*this};
    serve();
  });
}

void Readiness::serve() {
  const NetLoop::Turn turn(loop_);
  if (favourite_ != nullptr && ++favours_ <= kFavoursMax && favourite_->read_ahead()) return;
  favours_ = 0;
  epoll_event events[kEventsMax];
  const int count = ::epoll_wait(set_.native_handle(), events, kEventsMax, 0);
  Connection* const alone = count == 1 ? static_cast<Connection*>(events[0].data.ptr) : nullptr;
  favourite_ = alone == std::exchange(last_alone_, alone) ? alone : nullptr;
  for (int index = 0; index < count; ++index) {
    // One that an event before this one closed is kept until the turn ends.
    auto& connection = *static_cast<Connection*>(events[index].data.ptr);
    if (connection.is_open()) connection.on_ready(events[index].events);
  }
}

}  // namespace tenon::protocol_native
