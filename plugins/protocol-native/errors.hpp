// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <system_error>

#include "remoting/response_code.hpp"
#include "tenon/error.hpp"

namespace tenon::protocol_native {

/// The one place where errors of the domain become RocketMQ response codes. Anything unknown is 1 (SYSTEM_ERROR).
remoting::ResponseCode response_code_of(const std::error_code& code) noexcept;

}  // namespace tenon::protocol_native
