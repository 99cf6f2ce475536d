// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tenon::kernel {

/// Tells systemd (or whoever speaks its protocol) how the service is. Without NOTIFY_SOCKET in the environment every
/// call does nothing. Protocol: sd_notify(3). Threads: any; each call is one datagram, never waits, and a failure to
/// send is nobody's problem but the service manager's.
class ServiceManager {
 public:
  /// `socket_path` as in NOTIFY_SOCKET: a path, or "@name" for an abstract one; empty for none.
  explicit ServiceManager(std::string socket_path);
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;
  ~ServiceManager();

  void ready(std::string_view status) const { send("READY=1\nSTATUS=", status); }
  void status(std::string_view status) const { send("STATUS=", status); }
  void stopping(std::string_view status) const { send("STOPPING=1\nSTATUS=", status); }
  void reloading() const;
  void alive() const { send("WATCHDOG=1", {}); }

 private:
  void send(std::string_view assignment, std::string_view value) const;

  std::string socket_path_;
  int descriptor_ = -1;
};

/// How often the service manager wants to hear alive(): half of WATCHDOG_USEC; zero if it does not.
std::chrono::microseconds watchdog_interval(const char* watchdog_usec, const char* watchdog_pid, long own_pid);

}  // namespace tenon::kernel
