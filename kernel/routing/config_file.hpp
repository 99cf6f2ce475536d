// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/log.hpp"

namespace tenon::kernel {

/// One of the small files under `<data_dir>/config`, with its `.bak`, so that a Java broker can take the directory over
/// and the other way round (../shared/reference/store-format.md 9.2).
///
/// Writing: see lib/state_file. Reading: an absent, empty or undecodable `f` is followed by `f.bak`. An undecodable
/// file is kept beside as `f.damaged` (the backup as `f.bak.damaged`), never deleted: the next write would have
/// replaced it. Threads: one at a time.
class ConfigFile {
 public:
  explicit ConfigFile(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Error: io, with call, file and reason.
  Status write(std::string_view content) const;

  /// Tells whether a text could be taken over.
  using Decode = std::function<Status(std::string_view content)>;
  /// Gives the content to `decode`; true if it took one. False when there is nothing to read.
  /// Error: io, or corrupt when neither file can be decoded.
  Result<bool> read(const Decode& decode, const Logger& log) const;

 private:
  std::filesystem::path path_;
};

}  // namespace tenon::kernel
