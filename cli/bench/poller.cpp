// SPDX-License-Identifier: Apache-2.0
#include "bench/poller.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tenon::bench {

Poller::Poller() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() { close(descriptor_); }

void Poller::control(int operation, int descriptor, std::uint32_t index, bool writing) {
  epoll_event event{};
  event.events = EPOLLIN | (writing ? std::uint32_t{EPOLLOUT} : 0U);
  event.data.u32 = index;
  if (epoll_ctl(descriptor_, operation, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

std::span<const epoll_event> Poller::wait(std::int64_t timeout_ns) {
  const std::int64_t bounded = std::max<std::int64_t>(timeout_ns, 0);
  const timespec timeout{bounded / 1'000'000'000, bounded % 1'000'000'000};
  const int count = epoll_pwait2(descriptor_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  return {events_.data(), count > 0 ? static_cast<std::size_t>(count) : 0U};
}

}  // namespace tenon::bench
