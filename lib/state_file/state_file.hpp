// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/log.hpp"

/// Small files that are replaced as a whole. Threads: any, one writer a file; all calls block on the disk.
/// Source of the names: store-format.md 9.2.
namespace tenon::state_file {

/// `f.bak`: what the file held before.
std::filesystem::path backup_of(const std::filesystem::path& file);

/// Replaces the content so that a crash leaves the old or the new one; the one before stays as the backup. Makes the
/// directory if need be. Error: io.
Status replace(const std::filesystem::path& file, std::string_view content);

/// What was made, renamed or deleted in the directory is so also after a power failure. Error: io.
Status sync_directory(const std::filesystem::path& directory);

/// Empty when there is no such file. Error: io.
Result<std::optional<std::string>> read_whole(const std::filesystem::path& file);

/// True for nothing but white space: RocketMQ takes such a file for one that is not there.
bool is_blank(std::string_view content) noexcept;

/// The file, or its backup when it is absent or blank; empty text when both are. Error: io.
Result<std::string> read_or_backup(const std::filesystem::path& file);

/// Tells whether a content could be taken over.
using Decode = std::function<Status(std::string_view content)>;

/// Gives `decode` the file, or its backup when the file is absent, blank or refused. True if one was taken over; false
/// when there is nothing to read. What was refused is kept beside as `f.damaged` (the backup as `f.bak.damaged`),
/// because the next replace() would lose it, and named in `log`. Error: io, or corrupt when something was refused and
/// nothing taken over.
Result<bool> read_decodable(const std::filesystem::path& file, const Decode& decode, const Logger& log);

}  // namespace tenon::state_file
