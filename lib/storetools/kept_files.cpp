// SPDX-License-Identifier: Apache-2.0
#include "storetools/kept_files.hpp"

#include "logstore/file_system.hpp"
#include "tenon/text.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;

/// The copy gets its name when all of it is on disk.
Status copy_to(const fs::path& from, const fs::path& to) {
  logstore::FileSystem& files = logstore::posix_file_system();
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

Status write_file(const fs::path& path, std::span<const std::byte> bytes) {
  logstore::FileSystem& files = logstore::posix_file_system();
  if (Status made = files.create_directories(path.parent_path()); !made) return made;
  const auto file = files.create(path, [&](logstore::File& empty) { return empty.write_at(0, bytes); });
  if (!file) return file.error();
  if (Status synced = (*file)->sync(); !synced) return synced;
  return files.sync_directory(path.parent_path());
}

Status move_to(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::create_directories(to.parent_path(), code);
  if (!code) fs::rename(from, to, code);
  if (code == std::errc::cross_device_link) {  // the commit log's directory is a mount point
    if (Status copied = copy_to(from, to); !copied) return copied;
    fs::remove_all(from, code);
  }
  if (code) return Error(code, text("move ", from.string(), " to ", to.string(), ": ", code.message()));
  return {};
}

}  // namespace tenon::storetools
