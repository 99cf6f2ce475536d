// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "client/request.hpp"
#include "tenon/error.hpp"

namespace tenon::client {

/// A refusal as an error: the Errc that stands for the response code, and a text with code, name and the server's
/// remark.
Error error_of(const Reply& reply, std::string_view doing);

}  // namespace tenon::client
