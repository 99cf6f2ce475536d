// SPDX-License-Identifier: Apache-2.0
#include "routing/config_file.hpp"

#include <optional>

#include "state_file/state_file.hpp"

namespace tenon::kernel {
namespace {

/// Keeps what could not be read under another name; best effort, because reading goes on with the other copy.
void keep_damaged(const std::filesystem::path& path, const Logger& log) {
  const std::filesystem::path kept = path.native() + ".damaged";
  std::error_code error;
  std::filesystem::copy_file(path, kept, std::filesystem::copy_options::overwrite_existing, error);
  if (error) {
    log.error("cannot keep a copy of ", path.native(), " as ", kept.native(), ": ", error.message());
  } else {
    log.error("kept a copy of ", path.native(), " as ", kept.native());
  }
}

}  // namespace

Status ConfigFile::write(std::string_view content) const { return state_file::replace(path_, content); }

Result<bool> ConfigFile::read(const Decode& decode, const Logger& log) const {
  std::string complaint;
  for (const std::filesystem::path& candidate : {path_, state_file::backup_of(path_)}) {
    Result<std::optional<std::string>> content = state_file::read_whole(candidate);
    if (!content) return content.error();
    if (!*content || state_file::is_blank(**content)) continue;
    const Status decoded = decode(**content);
    if (decoded) {
      if (!complaint.empty()) log.error("using ", candidate.native(), " instead of ", path_.native());
      return true;
    }
    log.error("cannot decode ", candidate.native(), ": ", decoded.error().message());
    keep_damaged(candidate, log);
    if (complaint.empty()) complaint = text("cannot decode ", candidate.native(), ": ", decoded.error().message());
  }
  if (!complaint.empty()) return Error(Errc::corrupt, complaint);
  return false;
}

}  // namespace tenon::kernel
