// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tenon/host_address.hpp"

namespace tenon::e2e {

/// Name server and broker in one process, on a free port of 127.0.0.1.
extern const char* const kStandalone;
/// A name server alone, likewise.
extern const char* const kNameServer;

struct BrokerSetup {
  std::string config = kStandalone;        ///< The TOML file.
  std::vector<std::string> settings = {};  ///< `--set` arguments.
  std::vector<std::pair<std::string, std::string>> environment = {};
};

/// `tenon serve` as a child process in a directory of its own.
/// The constructor returns when it listens. Throws std::runtime_error with its output if it does not come up.
class BrokerProcess {
 public:
  explicit BrokerProcess(BrokerSetup setup = {});
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;
  ~BrokerProcess();

  const HostAddress& address() const noexcept { return address_; }
  /// Where it lets slaves in; port 0 without replication.
  const HostAddress& replication_address() const noexcept { return replication_address_; }
  pid_t pid() const noexcept { return child_; }
  /// Holds tenon.toml, the data directory `data`, and what is written to standard error, `log`.
  const std::filesystem::path& directory() const noexcept { return directory_; }
  void signal(int number) const;
  /// Sends the signal and waits for the end: the exit code, or 128 + the signal that ended it.
  int end(int signal);
  /// True when it has ended by itself; from then on it can only be started again.
  bool has_ended();
  /// How it ended last, as end() returns it; -1 before that.
  int ended_with() const noexcept { return ended_with_; }
  /// What it has written to standard error since its last start.
  std::string log_of_last_run() const;
  /// A further `--set` argument, which wins over earlier ones, from the next start on.
  void set(std::string setting) { setup_.settings.push_back(std::move(setting)); }
  /// Starts again over the same data; what still runs is killed.
  void start_again();
  /// Memory of the process that belongs to no file, in bytes.
  std::size_t anonymous_memory() const;

 private:
  void start();
  [[noreturn]] void become_tenon(int standard_output) const;
  void read_address(const std::string& line);
  void forget(int wait_status);

  BrokerSetup setup_;
  std::filesystem::path directory_;
  pid_t child_ = -1;
  int ended_with_ = -1;
  std::size_t log_begin_ = 0;  ///< Of the last run.
  std::FILE* output_ = nullptr;
  HostAddress address_, replication_address_;
  bool listens_ = false;
};

}  // namespace tenon::e2e
