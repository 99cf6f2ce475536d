// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "logstore/file_system.hpp"

namespace tenon::storetools {

/// A repair that was interrupted leaves a mark in the directory where it keeps what it moved away: the next one finds
/// there what the store cannot tell any more, such as the lengths of its files and times of delivery.

/// The directories of such repairs below a store's root, while the store was not closed cleanly: a start makes
/// everything that they had moved away. Only a repair that ends takes the marks away, so that after another crash an
/// old one counts again, which costs one more repair. An unreadable root has none.
std::vector<std::filesystem::path> unfinished_repairs(const std::filesystem::path& root);
/// On disk when it returns. Error: io.
Status mark_unfinished(logstore::FileSystem& files, const std::filesystem::path& saved);
/// Takes the marks of all repairs of a store away. Error: io.
Status mark_finished(logstore::FileSystem& files, const std::filesystem::path& root);

}  // namespace tenon::storetools
