// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "tenon/error.hpp"
#include "tenon/log.hpp"
#include "tenon/replication.hpp"

/// What was cut off last, on disk: who looks after a crash must find what was saved.
namespace tenon::ha {

/// Error: io. Blocks on the disk.
Status keep_divergence(const std::filesystem::path& file, const Divergence& divergence);

/// Nothing where there is no such file, or what was saved is no longer where it names it: somebody has dealt with it.
/// A damaged file is named in `log` and followed by its backup. Error: io, or corrupt when neither can be read.
Result<std::optional<Divergence>> kept_divergence(const std::filesystem::path& file, const Logger& log);

}  // namespace tenon::ha
