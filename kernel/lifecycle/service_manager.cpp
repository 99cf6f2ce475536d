// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <ctime>

#include "tenon/text.hpp"

namespace tenon::kernel {

ServiceManager::ServiceManager(std::string socket_path) : socket_path_(std::move(socket_path)) {
  if (socket_path_.empty() || socket_path_.size() >= sizeof(sockaddr_un::sun_path)) return;
  descriptor_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

ServiceManager::~ServiceManager() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ServiceManager::send(std::string_view assignment, std::string_view value) const {
  if (descriptor_ < 0) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(socket_path_.begin(), socket_path_.end(), address.sun_path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_path_.size());
  std::string message = text(assignment, value);
  std::replace(message.begin() + static_cast<std::ptrdiff_t>(assignment.size()), message.end(), '\n', ' ');
  sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
         length);
}

void ServiceManager::reloading() const {
  // systemd 253 and later want the time of the reload along with it.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  send(text("RELOADING=1\nMONOTONIC_USEC=", now.tv_sec * 1'000'000 + now.tv_nsec / 1000), {});
}

std::chrono::microseconds watchdog_interval(const char* watchdog_usec, const char* watchdog_pid, long own_pid) {
  const auto number = [](const char* written) {
    long value = 0;
    if (written != nullptr) std::from_chars(written, written + std::strlen(written), value);
    return value;
  };
  if (watchdog_pid != nullptr && number(watchdog_pid) != own_pid) return std::chrono::microseconds(0);
  return std::chrono::microseconds(std::max(0L, number(watchdog_usec)) / 2);
}

}  // namespace tenon::kernel
