// SPDX-License-Identifier: Apache-2.0
#include "logstore/descriptor_cache.hpp"

#include <utility>

namespace tenon::logstore {

Result<std::shared_ptr<File>> DescriptorCache::open(const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_path_.find(path); found != by_path_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return found->second->file;
    }
  }
  auto opened = file_system_.open(path, FileSystem::OpenMode::existing);
  if (!opened) return opened.error();
  std::shared_ptr<File> file = std::move(*opened), dropped;
  file->read_as_told();
  const std::lock_guard lock(mutex_);
  if (!by_path_.contains(path)) dropped = insert(path, file);  // or another thread was faster; both are good
  return file;
}

Status DescriptorCache::create(const std::string& path, const FileSystem::Fill& fill) {
  auto created = file_system_.create(path, fill);
  if (!created) return created.error();
  std::shared_ptr<File> file = std::move(*created), dropped;
  file->read_as_told();
  const std::lock_guard lock(mutex_);
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    dropped = std::exchange(found->second->file, file);
  } else {
    dropped = insert(path, file);
  }
  return {};
}

/// Returns what has to go for it.
std::shared_ptr<File> DescriptorCache::insert(const std::string& path, const std::shared_ptr<File>& file) {
  order_.push_front({path, file});
  by_path_.emplace(path, order_.begin());
  if (order_.size() <= capacity_) return nullptr;
  std::shared_ptr<File> dropped = std::move(order_.back().file);
  by_path_.erase(order_.back().path);
  order_.pop_back();
  return dropped;
}

void DescriptorCache::forget(const std::string& path) {
  Order dropped;
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return;
  dropped.splice(dropped.end(), order_, found->second);
  by_path_.erase(found);
}

void DescriptorCache::forget_below(const std::string& prefix) {
  Order dropped;
  const std::lock_guard lock(mutex_);
  for (auto at = order_.begin(); at != order_.end();) {
    const auto entry = at++;
    if (!entry->path.starts_with(prefix)) continue;
    by_path_.erase(entry->path);
    dropped.splice(dropped.end(), order_, entry);
  }
}

}  // namespace tenon::logstore
