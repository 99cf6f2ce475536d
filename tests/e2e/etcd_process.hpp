// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tenon::e2e {

/// PEM files of an etcd server; clients must show a certificate of the same authority.
struct EtcdTls {
  std::string ca, certificate, key;
};

/// An etcd server of one member, on ports of its own, with its data in a directory that goes with the object.
/// The constructor returns when it answers; throws std::runtime_error when it does not within ten seconds.
class EtcdProcess {
 public:
  explicit EtcdProcess(const std::string& program, std::optional<EtcdTls> tls = {});
  EtcdProcess(const EtcdProcess&) = delete;
  EtcdProcess& operator=(const EtcdProcess&) = delete;
  ~EtcdProcess();

  void kill();
  /// Over the same data, at the same address; after kill().
  void start_again() { start(); }

  /// host:port for clients.
  const std::string& address() const noexcept { return address_; }
  pid_t pid() const noexcept { return child_; }

 private:
  void start();

  [[noreturn]] void become_etcd() const;

  const std::string program_;
  const std::optional<EtcdTls> tls_;
  std::filesystem::path directory_;
  std::string address_;
  std::uint16_t client_port_, peer_port_;
  pid_t child_ = -1;
};

}  // namespace tenon::e2e
