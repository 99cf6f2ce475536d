// SPDX-License-Identifier: Apache-2.0
#include "storetools/kept_files.hpp"

#include "tenon/text.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;

/// The copy gets its name when all of it is on disk.
Status copy_to(logstore::FileSystem& files, const fs::path& from, const fs::path& to) {
  const auto disk = files.open_sync(to.parent_path());
  if (!disk) return disk.error();
  fs::path part = to;
  part += ".part";
  std::error_code code, ignored;
  fs::copy(from, part, fs::copy_options::recursive, code);
  Status synced = code ? Status{} : (*disk)->sync();
  if (!code && synced) fs::rename(part, to, code);
  if (!code && synced) return files.sync_directory(to.parent_path());
  fs::remove_all(part, ignored);
  if (!synced) return synced;
  return Error(code, text("copy ", from.string(), " to ", to.string(), ": ", code.message()));
}

}  // namespace

Status write_file(logstore::FileSystem& files, const fs::path& path, std::span<const std::byte> bytes) {
  if (Status made = files.create_directories(path.parent_path()); !made) return made;
  const auto file = files.create(path, [&](logstore::File& empty) { return empty.write_at(0, bytes); });
  if (!file) return file.error();
  if (Status synced = (*file)->sync(); !synced) return synced;
  return files.sync_directory(path.parent_path());
}

Status link_or_copy(logstore::FileSystem& files, const fs::path& from, const fs::path& to) {
  if (Status made = files.create_directories(to.parent_path()); !made) return made;
  if (files.link(from, to)) return {};
  return copy_to(files, from, to);
}

Status move_to(logstore::FileSystem& files, const fs::path& from, const fs::path& to) {
  if (Status made = files.create_directories(to.parent_path()); !made) return made;
  Status moved = files.rename(from, to);
  if (moved || moved.error().code() != std::errc::cross_device_link) return moved;
  // The commit log's directory is a mount point.
  if (Status copied = copy_to(files, from, to); !copied) return copied;
  return files.remove_tree(from);
}

}  // namespace tenon::storetools
