// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::namesrv {

/// Replaces `file` so that after a crash either the old or the new content is there: writes beside it, syncs, keeps the
/// old one as `.bak`, renames, syncs the directory. The directory must exist.
/// Error: io. Blocks on the disk.
Status replace_file(const std::filesystem::path& file, std::string_view content);

/// The content of `file`, or of its `.bak` when it is absent or empty. Empty when there is neither. Error: io.
Result<std::string> read_file_or_backup(const std::filesystem::path& file);

}  // namespace tenon::namesrv
