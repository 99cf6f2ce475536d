// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace tenon::e2e {

/// An etcd server of one member, on ports of its own, with its data in a directory that goes with the object.
/// The constructor returns when it answers; throws std::runtime_error when it does not within ten seconds.
class EtcdProcess {
 public:
  explicit EtcdProcess(const std::string& program);
  EtcdProcess(const EtcdProcess&) = delete;
  EtcdProcess& operator=(const EtcdProcess&) = delete;
  ~EtcdProcess();

  /// host:port for clients.
  const std::string& address() const noexcept { return address_; }
  pid_t pid() const noexcept { return child_; }

 private:
  std::filesystem::path directory_;
  std::string address_;
  pid_t child_ = -1;
};

}  // namespace tenon::e2e
