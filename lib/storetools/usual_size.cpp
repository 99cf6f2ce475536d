// SPDX-License-Identifier: Apache-2.0
#include "storetools/usual_size.hpp"

#include <string>

#include "logstore/file_system.hpp"
#include "logstore/options.hpp"
#include "logstore/queue_table.hpp"
#include "storetools/reading_file_system.hpp"

namespace tenon::storetools {

void UsualSize::add(std::int64_t base, std::int64_t size) {
  ++bases_[base];
  if (size > 0 && size % unit_ == 0) ++files_[size];
}

std::optional<std::int64_t> UsualSize::value() const {
  std::optional<std::int64_t> usual;
  std::int64_t most = 0;
  for (const auto& [size, files] : files_) {
    if (files < most || (files == most && names_that_fit(size) < names_that_fit(*usual))) continue;
    most = files;
    usual = size;
  }
  return usual;
}

std::int64_t UsualSize::names_that_fit(std::int64_t size) const {
  std::int64_t count = 0;
  for (const auto& [base, files] : bases_) count += base % size == 0 ? files : 0;
  return count;
}

Status for_each_queue_file(const std::filesystem::path& root,
                           const std::function<void(const std::filesystem::path&, std::int64_t)>& visit) {
  const auto directories = logstore::list_queues(reading_file_system(), root);
  if (!directories) return directories.error();
  for (const auto& [topic, queue_ids] : *directories) {
    for (const std::int32_t id : queue_ids) {
      const std::filesystem::path queue = root / topic / std::to_string(id);
      const auto entries = reading_file_system().list(queue);
      if (!entries) return entries.error();
      for (const auto& entry : *entries) {
        if (!entry.is_directory && logstore::parse_offset_file_name(entry.name)) visit(queue / entry.name, entry.size);
      }
    }
  }
  return {};
}

Result<std::optional<std::int64_t>> usual_queue_file_size(const std::filesystem::path& root, std::int64_t unit) {
  UsualSize usual(unit);
  const Status done = for_each_queue_file(root, [&](const std::filesystem::path& file, std::int64_t size) {
    usual.add(*logstore::parse_offset_file_name(file.filename().string()), size);
  });
  if (!done) return done.error();
  return usual.value();
}

}  // namespace tenon::storetools
