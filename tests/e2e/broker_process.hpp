// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tenon/host_address.hpp"

namespace tenon::e2e {

/// `tenon serve` as a child process in a directory of its own: name server and broker on one free port.
/// The constructor returns when it listens. Throws std::runtime_error with its output if it does not come up.
class BrokerProcess {
 public:
  /// `settings` are `--set` arguments.
  explicit BrokerProcess(std::vector<std::string> settings = {});
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;
  ~BrokerProcess();

  const HostAddress& address() const noexcept { return address_; }
  pid_t pid() const noexcept { return child_; }
  /// Sends the signal and waits for the end: the exit code, or 128 + the signal that ended it.
  int end(int signal);
  /// Starts again over the same data.
  void start_again();

 private:
  void start();
  void write_config() const;

  std::vector<std::string> settings_;
  std::filesystem::path directory_;
  pid_t child_ = -1;
  std::FILE* output_ = nullptr;
  HostAddress address_;
};

}  // namespace tenon::e2e
