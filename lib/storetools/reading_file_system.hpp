// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "logstore/file_system.hpp"

namespace tenon::storetools {

/// The real file system, of which nothing can be changed: for what only looks at a store, be it another user's or on a
/// read-only disk. Files are opened for reading. What a start tidies away, remove() passes over: it says it did. All
/// else that would change something fails with std::errc::read_only_file_system. Constant, shared.
logstore::FileSystem& reading_file_system();

/// How many of its files who walks through a queue has open.
inline constexpr std::size_t kQueueDescriptorsMax = 16;

}  // namespace tenon::storetools
