// SPDX-License-Identifier: Apache-2.0
#include "logstore/segment.hpp"

#include <algorithm>

#include "logstore/options.hpp"

namespace tenon::logstore {

Result<std::shared_ptr<Segment>> Segment::mapped(std::filesystem::path path, std::int64_t base, std::int64_t size,
                                                 std::unique_ptr<File> file) {
  auto mapping = file->map(static_cast<std::size_t>(size));
  if (!mapping) return mapping.error();
  return std::shared_ptr<Segment>(new Segment(base, size, std::move(path), std::move(file), std::move(*mapping)));
}

void Segment::fetch_alone(PhysicalOffset at, std::int64_t length, PhysicalOffset cold_end) const {
  const auto begin = static_cast<std::size_t>(at.value - base_);
  const auto wanted = static_cast<std::size_t>(std::min(length, end() - at.value));
  // The kernel begins a later read where a page is touched that an earlier one brought: the thread that copies records
  // to a socket would do it. Whoever tells twice does no harm.
  const std::int64_t cold = std::min(cold_end.value, end()) - base_, told = told_until_.load();
  if (told < cold && at.value + length - base_ > told) {
    mapping_->read_as_told(0, static_cast<std::size_t>(cold));
    told_until_.store(cold);
  }
  mapping_->will_need(begin, wanted);
  mapping_->fetch(begin, wanted);
}

Result<std::shared_ptr<Segment>> Segment::open(FileSystem& file_system, const std::filesystem::path& directory,
                                               std::int64_t base, std::int64_t size) {
  std::filesystem::path path = directory / offset_file_name(base);
  auto file = file_system.open(path, FileSystem::OpenMode::existing);
  if (!file) return file.error();
  return mapped(std::move(path), base, size, std::move(*file));
}

Result<std::shared_ptr<Segment>> Segment::create(FileSystem& file_system, const std::filesystem::path& directory,
                                                 std::int64_t base, std::int64_t size,
                                                 std::span<const std::byte> begin) {
  std::filesystem::path path = directory / offset_file_name(base);
  auto file = file_system.create(path, [&](File& made) -> Status {
    if (Status allocated = made.allocate(0, size); !allocated || begin.empty()) return allocated;
    if (Status written = made.write_at(0, begin); !written) return written;
    return made.sync();
  });
  if (!file) return file.error();
  auto segment = mapped(path, base, size, std::move(*file));
  if (!segment) (void)file_system.remove(path);
  return segment;
}

}  // namespace tenon::logstore
