// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "logstore/file_system.hpp"
#include "tenon/error.hpp"

namespace tenon::storetools {

/// A new file of `bytes`, with the directories above it. On disk when it returns. Error: io.
Status write_file(logstore::FileSystem& files, const std::filesystem::path& path, std::span<const std::byte> bytes);

/// A second name for a file, or a copy where there can be none, which is on disk when it returns. Error: io.
Status link_or_copy(logstore::FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& to);

/// Moves a file or a directory, also to another file system: then the copy is on disk before the original goes, and
/// there is none of `to` before it is whole. Error: io.
Status move_to(logstore::FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace tenon::storetools
