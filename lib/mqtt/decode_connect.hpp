// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mqtt/packet.hpp"
#include "mqtt/wire.hpp"

namespace tenon::mqtt {

/// Reads the body of CONNECT; what is wrong is in the reader.
Connect decode_connect(Reader& reader);

}  // namespace tenon::mqtt
