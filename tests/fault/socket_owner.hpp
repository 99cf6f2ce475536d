// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tenon::fault {

/// Whether `process` holds the end of a connection on 127.0.0.1 that has `port`, towards `remote_port`. Asks /proc.
bool owns_connection(pid_t process, std::uint16_t port, std::uint16_t remote_port);

}  // namespace tenon::fault
