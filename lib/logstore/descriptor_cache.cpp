// SPDX-License-Identifier: Apache-2.0
#include "logstore/descriptor_cache.hpp"

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
  std::shared_ptr<File> file = std::move(*opened);
  const std::lock_guard lock(mutex_);
  if (!by_path_.contains(path)) insert(path, file);  // or another thread was faster; both descriptors are good
  return file;
}

Status DescriptorCache::create(const std::string& path, const FileSystem::Fill& fill) {
  auto created = file_system_.create(path, fill);
  if (!created) return created.error();
  std::shared_ptr<File> file = std::move(*created);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    found->second->file = file;
  } else {
    insert(path, file);
  }
  return {};
}

void DescriptorCache::insert(const std::string& path, const std::shared_ptr<File>& file) {
  order_.push_front({path, file});
  by_path_.emplace(path, order_.begin());
  if (order_.size() > capacity_) {
    by_path_.erase(order_.back().path);
    order_.pop_back();
  }
}

void DescriptorCache::forget(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return;
  order_.erase(found->second);
  by_path_.erase(found);
}

void DescriptorCache::forget_below(const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  for (auto at = order_.begin(); at != order_.end();) {
    if (at->path.starts_with(prefix)) {
      by_path_.erase(at->path);
      at = order_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace tenon::logstore
