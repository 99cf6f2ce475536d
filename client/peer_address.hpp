// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::client {

/// What is wrong with an address that cannot even be tried, HOST:PORT being right; empty when nothing is.
std::string complaint_about_address(std::string_view address);

}  // namespace tenon::client
