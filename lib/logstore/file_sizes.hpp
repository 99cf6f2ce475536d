// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "logstore/file_system.hpp"
#include "logstore/index_file.hpp"
#include "logstore/options.hpp"

namespace tenon::logstore {

/// The sizes a store directory was made with, as far as its files tell: they are written down nowhere, and a broker
/// with other sizes refuses or misreads the directory. Empty where there is no file yet, or none that settles it.
struct FileSizes {
  std::optional<std::int64_t> commit_log_file;
  std::optional<std::int64_t> consume_queue_file_entries;
  std::optional<std::int64_t> consume_queue_extension_file;
  std::optional<std::int64_t> batch_consume_queue_file_units;
  std::optional<IndexShape> index;
};

/// Looks at one file of each kind and changes nothing. Error: io.
Result<FileSizes> find_file_sizes(FileSystem& file_system, const StoreLayout& layout);
/// Of the files of a commit log, in the order of their names, when there are two or more: the least distance between
/// names, or the length of the longest where it is a multiple of that, as where a file between two is missing.
std::optional<std::int64_t> log_file_size_of(std::span<const DirectoryEntry> entries);
/// The shape of an index file of `size` bytes: RocketMQ's default if the size fits it, else the one under which the
/// newest entries of the file hang from the slots of their hashes. Empty when no shape does, or several do.
std::optional<IndexShape> find_index_shape(const File& file, std::int64_t size);
/// Puts what the files tell into those sizes that `options.sizes_from_files` leaves to them.
Status take_sizes_from_files(FileSystem& file_system, StoreOptions& options);

}  // namespace tenon::logstore
