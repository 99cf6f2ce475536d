// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace tenon::protocol_mqtt {

/// A certificate and its key, as files.
struct CertificateFiles {
  std::string certificate, key;
};

/// An authority that lives as long as a test: signs certificates with elliptic-curve keys and writes them as PEM.
/// Throws std::runtime_error.
class TestAuthority {
 public:
  /// Writes `name`.pem into `directory`.
  TestAuthority(std::filesystem::path directory, const std::string& name);
  ~TestAuthority();

  const std::string& certificate_file() const noexcept { return files_.certificate; }
  /// Also for "localhost" and 127.0.0.1. An empty name: a subject without a common name.
  CertificateFiles sign(const std::string& file_name, const std::string& common_name);

 private:
  struct Keys;
  const std::filesystem::path directory_;
  std::unique_ptr<Keys> keys_;
  CertificateFiles files_;
};

}  // namespace tenon::protocol_mqtt
