// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/request.hpp"
#include "remoting/send_fields.hpp"
#include "tenon/publishing.hpp"

namespace tenon::protocol_native {

/// What a send asks of the publish path. Views borrow the request.
PublishRequest publish_request_of(const Request& request, const remoting::SendFields& fields);

}  // namespace tenon::protocol_native
