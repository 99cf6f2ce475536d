// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/socket_poll.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tenon::protocol_mqtt {
namespace {

int make_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw boost::system::system_error(errno, boost::system::system_category(), "epoll_create1");
  return set;
}

}  // namespace

SocketPoll::SocketPoll(boost::asio::any_io_executor executor) : set_(executor, make_set()) {}

void SocketPoll::stop() noexcept {
  boost::system::error_code ignored;  // the descriptor is gone either way
  set_.close(ignored);
}

bool SocketPoll::add(int descriptor, Watched& watched) noexcept {
  watched.descriptor_ = descriptor;
  arm(watched, EPOLLIN);
  return watched.in_set_;
}

void SocketPoll::leave_set(Watched& watched) noexcept {
  if (!std::exchange(watched.in_set_, false)) return;
  watched.armed_ = 0;
  if (set_.is_open()) ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, watched.descriptor_, nullptr);
}

void SocketPoll::remove(Watched& watched) noexcept {
  leave_set(watched);
  watched.wanted_ = 0;
  watched.descriptor_ = -1;
  std::ranges::replace(batch_, &watched, nullptr);
}

void SocketPoll::arm(Watched& watched, std::uint32_t events) noexcept {
  if ((watched.in_set_ && watched.armed_ == events) || watched.descriptor_ < 0 || !set_.is_open()) return;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watched;
  const int what = watched.in_set_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  watched.in_set_ = ::epoll_ctl(set_.native_handle(), what, watched.descriptor_, &event) == 0;
  watched.armed_ = events;
}

void SocketPoll::want_readable(Watched& watched) noexcept {
  watched.wanted_ |= EPOLLIN;
  arm(watched, watched.armed_ | EPOLLIN);
}

void SocketPoll::want_writable(Watched& watched) noexcept {
  watched.wanted_ |= EPOLLOUT;
  arm(watched, watched.armed_ | EPOLLOUT);
}

void SocketPoll::tell() {
  epoll_event events[kBatch];
  const int count = ::epoll_wait(set_.native_handle(), events, kBatch, 0);
  for (int i = 0; i < count; ++i) batch_[i] = static_cast<Watched*>(events[i].data.ptr);
  for (int i = 0; i < count; ++i) {
    Watched* const watched = std::exchange(batch_[i], nullptr);
    if (watched != nullptr) tell(*watched, events[i].events);
  }
}

/// What nobody wants to know now is not looked for until somebody does, since it would be told again and again; that a
/// connection is broken is told even then, so such a one leaves the set.
void SocketPoll::tell(Watched& watched, std::uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const std::uint32_t ready = broken ? EPOLLIN | EPOLLOUT : events;
  const std::uint32_t told = ready & watched.wanted_;
  watched.wanted_ &= ~told;
  if (broken && told == 0) return leave_set(watched);
  const std::uint32_t unwanted = ready & ~told;
  arm(watched, watched.armed_ & ~unwanted & ~(told & EPOLLOUT));
  const int descriptor = watched.descriptor_;
  if ((told & EPOLLOUT) != 0) watched.writable_now();
  // The first call may have closed it; the caller keeps the object itself until the turn ends.
  if ((told & EPOLLIN) != 0 && watched.descriptor_ == descriptor) watched.readable();
}

}  // namespace tenon::protocol_mqtt
