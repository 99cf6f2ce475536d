// SPDX-License-Identifier: Apache-2.0
#include "storetools/unfinished_repair.hpp"

#include <span>

#include "storetools/kept_files.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "unfinished";

std::vector<fs::path> marked(const fs::path& root) {
  std::vector<fs::path> all;
  const auto entries = logstore::posix_file_system().list(root);
  if (!entries) return all;
  for (const auto& entry : *entries) {
    if (entry.is_directory && logstore::posix_file_system().exists(root / entry.name / kMark))
      all.push_back(root / entry.name);
  }
  return all;
}

}  // namespace

std::vector<fs::path> unfinished_repairs(const fs::path& root) {
  return logstore::posix_file_system().exists(root / "abort") ? marked(root) : std::vector<fs::path>();
}

Status mark_unfinished(logstore::FileSystem& files, const fs::path& saved) {
  return write_file(files, saved / kMark, std::as_bytes(std::span("1", 1)));
}

Status mark_finished(logstore::FileSystem& files, const fs::path& root) {
  for (const fs::path& saved : marked(root)) {
    if (Status removed = files.remove(saved / kMark); !removed) return removed;
  }
  return {};
}

}  // namespace tenon::storetools
