// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "tenon/error.hpp"

namespace tenon::storetools {

/// A new file of `bytes`, with the directories above it. On disk when it returns. Error: io.
Status write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Moves a file or a directory, also to another file system: then the copy is on disk before the original goes, and
/// there is none of `to` before it is whole. Error: io.
Status move_to(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace tenon::storetools
