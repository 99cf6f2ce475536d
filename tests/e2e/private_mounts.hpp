// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace tenon::e2e {

/// File systems that only this process and its children see, from now on and until it ends.
/// Needs the right to make a mount namespace, as root or in a user namespace; only while the process has one thread.
class PrivateMounts {
 public:
  /// The process enters a mount namespace of its own; why not, if it may not.
  static std::string enter();
  /// A new file system in memory of `megabytes`, mounted at `directory`.
  static bool mount_small_disk(const std::filesystem::path& directory, int megabytes);
  /// Makes what is mounted at `directory` read-only, for root as well.
  static bool make_read_only(const std::filesystem::path& directory);
  static void unmount(const std::filesystem::path& directory);
};

}  // namespace tenon::e2e
