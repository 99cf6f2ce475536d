// SPDX-License-Identifier: Apache-2.0
#include "logstore/segment.hpp"

#include "logstore/options.hpp"

namespace tenon::logstore {

Result<std::shared_ptr<Segment>> Segment::open(FileSystem& file_system, const std::filesystem::path& directory,
                                               std::int64_t base, std::int64_t size, Origin origin) {
  const std::filesystem::path path = directory / offset_file_name(base);
  auto file =
      file_system.open(path, origin == Origin::fresh ? FileSystem::OpenMode::create : FileSystem::OpenMode::existing);
  if (!file) return file.error();
  if (origin == Origin::fresh) {
    if (Status allocated = (*file)->allocate(0, size); !allocated) {
      // A file of another length than the configured one would keep the directory from loading.
      (void)file_system.remove(path);
      return allocated.error();
    }
  }
  auto mapping = (*file)->map(static_cast<std::size_t>(size));
  if (!mapping) {
    if (origin == Origin::fresh) (void)file_system.remove(path);
    return mapping.error();
  }
  return std::shared_ptr<Segment>(new Segment(base, size, path, std::move(*file), std::move(*mapping)));
}

}  // namespace tenon::logstore
