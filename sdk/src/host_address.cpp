// SPDX-License-Identifier: Apache-2.0
#include "tenon/host_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace tenon {
namespace {

Error bad_address(std::string_view text) {
  return Error(Errc::invalid_parameter,
               tenon::text("'", text, "' is not an address such as 127.0.0.1:10911 or [::1]:10911"));
}

}  // namespace

HostAddress HostAddress::v4(std::array<std::uint8_t, 4> bytes, std::uint16_t port) {
  HostAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  address.port_ = port;
  return address;
}

HostAddress HostAddress::v6(std::array<std::uint8_t, 16> bytes, std::uint16_t port) {
  HostAddress address;
  address.bytes_ = bytes;
  address.port_ = port;
  address.v6_ = true;
  return address;
}

Result<HostAddress> HostAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return bad_address(text);
  boost::system::error_code failed;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    const auto address = boost::asio::ip::make_address_v6(std::string(host), failed);
    return failed ? Result<HostAddress>(bad_address(text)) : v6(address.to_bytes(), port);
  }
  const auto address = boost::asio::ip::make_address_v4(std::string(host), failed);
  return failed ? Result<HostAddress>(bad_address(text)) : v4(address.to_bytes(), port);
}

bool HostAddress::is_loopback() const noexcept {
  if (!v6_) return bytes_[0] == 127;
  return bytes_[15] == 1 && std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

bool HostAddress::is_unspecified() const noexcept {
  return std::ranges::all_of(bytes(), [](std::uint8_t byte) { return byte == 0; });
}

std::string HostAddress::to_string() const {
  if (v6_) return text('[', boost::asio::ip::address_v6(bytes_).to_string(), "]:", port_);
  return text(bytes_[0], '.', bytes_[1], '.', bytes_[2], '.', bytes_[3], ':', port_);
}

}  // namespace tenon
