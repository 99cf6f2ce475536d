// SPDX-License-Identifier: Apache-2.0
#include "address_check.hpp"

#include <sstream>

#include "client/peer_address.hpp"

namespace tenon::cli {

CLI::Validator is_address() {
  const auto complaint = [](const std::string& given) {
    std::istringstream addresses(given);
    for (std::string address; std::getline(addresses, address, ';');) {
      if (address.empty()) continue;
      if (std::string wrong = client::complaint_about_address(address); !wrong.empty()) return wrong;
    }
    return std::string();
  };
  return CLI::Validator(complaint, "");
}

}  // namespace tenon::cli
