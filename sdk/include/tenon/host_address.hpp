// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/export.hpp"

namespace tenon {

/// An IP address and port, as stored in records and told to clients. Plain value, no allocation.
class TENON_EXPORT HostAddress {
 public:
  HostAddress() = default;  ///< 0.0.0.0:0
  static HostAddress v4(std::array<std::uint8_t, 4> bytes, std::uint16_t port);
  static HostAddress v6(std::array<std::uint8_t, 16> bytes, std::uint16_t port);
  /// Reads "127.0.0.1:10911" or "[::1]:10911". No names are resolved. Error: invalid_parameter.
  static Result<HostAddress> parse(std::string_view text);

  bool is_v6() const noexcept { return v6_; }
  bool is_loopback() const noexcept;
  bool is_unspecified() const noexcept;
  std::uint16_t port() const noexcept { return port_; }
  /// 4 or 16 bytes in network order.
  std::span<const std::uint8_t> bytes() const noexcept {
    return {bytes_.data(), v6_ ? std::size_t{16} : std::size_t{4}};
  }
  /// "127.0.0.1:10911" or "[::1]:10911".
  std::string to_string() const;

  friend bool operator==(const HostAddress&, const HostAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint16_t port_ = 0;
  bool v6_ = false;
};

}  // namespace tenon
