// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "logstore/file_system.hpp"
#include "tenon/offsets.hpp"

namespace tenon::logstore {

/// One file of the commit log, open and mapped. Lives as long as a reader pins it, also after its file was deleted.
class Segment {
 public:
  static Result<std::shared_ptr<Segment>> open(FileSystem& file_system, const std::filesystem::path& directory,
                                               std::int64_t base, std::int64_t size);
  /// Makes a file that begins with `begin`, on disk, and goes on with zeros. It gets its whole disk space at once: then
  /// appends to it cannot fail for lack of space. A file of that name is replaced.
  static Result<std::shared_ptr<Segment>> create(FileSystem& file_system, const std::filesystem::path& directory,
                                                 std::int64_t base, std::int64_t size,
                                                 std::span<const std::byte> begin = {});

  std::int64_t base() const noexcept { return base_; }
  std::int64_t size() const noexcept { return size_; }
  std::int64_t end() const noexcept { return base_ + size_; }
  const std::filesystem::path& path() const noexcept { return path_; }
  File& file() const noexcept { return *file_; }
  const Mapping& mapping() const noexcept { return *mapping_; }
  std::byte* at(PhysicalOffset offset) const noexcept { return mapping_->data() + (offset.value - base_); }
  /// From `offset` to the end of the file.
  std::span<const std::byte> bytes_from(PhysicalOffset offset) const noexcept {
    return mapping_->bytes().subspan(static_cast<std::size_t>(offset.value - base_));
  }
  /// Brings a range to memory, waiting for the disk, and nothing beyond it, as far as it ends below `cold_end`: what
  /// has been written lately lies behind that.
  void fetch_alone(PhysicalOffset at, std::int64_t length, PhysicalOffset cold_end) const;

 private:
  static Result<std::shared_ptr<Segment>> mapped(std::filesystem::path path, std::int64_t base, std::int64_t size,
                                                 std::unique_ptr<File> file);
  Segment(std::int64_t base, std::int64_t size, std::filesystem::path path, std::unique_ptr<File> file,
          std::unique_ptr<Mapping> mapping)
      : base_(base), size_(size), path_(std::move(path)), file_(std::move(file)), mapping_(std::move(mapping)) {}

  std::int64_t base_;
  std::int64_t size_;
  std::filesystem::path path_;
  std::unique_ptr<File> file_;
  std::unique_ptr<Mapping> mapping_;
  mutable std::atomic<std::int64_t> told_until_{0};  ///< Below this place of the file it is read as told.
};

/// All segments, contiguous and in order. Immutable: a change makes a new list. Holding one pins every segment in it.
class SegmentList {
 public:
  SegmentList() = default;
  explicit SegmentList(std::vector<std::shared_ptr<Segment>> segments) : segments_(std::move(segments)) {}

  const std::vector<std::shared_ptr<Segment>>& all() const noexcept { return segments_; }
  bool empty() const noexcept { return segments_.empty(); }
  /// nullptr if no segment holds `offset`.
  Segment* find(PhysicalOffset offset) const noexcept {
    if (segments_.empty() || offset.value < segments_.front()->base()) return nullptr;
    const auto index = static_cast<std::size_t>((offset.value - segments_.front()->base()) / segments_.front()->size());
    return index < segments_.size() ? segments_[index].get() : nullptr;
  }

 private:
  std::vector<std::shared_ptr<Segment>> segments_;
};
using SegmentListPtr = std::shared_ptr<const SegmentList>;

}  // namespace tenon::logstore
