// SPDX-License-Identifier: Apache-2.0
#include "client/peer_address.hpp"

#include <charconv>
#include <cstdint>

#include "tenon/text.hpp"

namespace tenon::client {

std::string complaint_about_address(std::string_view address) {
  if (address.find("://") != std::string_view::npos) {
    return text("'", address, "' is a URL; what is needed is HOST:PORT (an HTTP address server is not asked)");
  }
  const std::size_t colon = address.rfind(':');
  const std::string_view digits = address.substr(colon == std::string_view::npos ? address.size() : colon + 1);
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool good = failed == std::errc{} && end == digits.data() + digits.size() && port != 0;
  return good ? std::string() : text("'", address, "' is not HOST:PORT");
}

}  // namespace tenon::client
