// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenon::kernel {

/// Allows this process as many open descriptors as the system lets it have: shells and service managers start programs
/// with 1,024 and leave it to servers to ask for more (RLIMIT_NOFILE, soft to hard). One that stays low costs
/// connections, so a failure is nothing to end for.
void raise_descriptor_limit() noexcept;

}  // namespace tenon::kernel
