// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "tenon/log.hpp"
#include "tenon/route_table.hpp"

namespace tenon::namesrv {

/// Key-value configuration in memory and in one file, RocketMQ's kvConfig.json:
/// `{"configTable":{"namespace":{"key":"value"}}}`. Source: KVConfigManager.java.
///
/// All of it together holds at most kBytesMax, because every change writes all of it; beyond that put() is refused
/// (busy). A change is on disk before it is visible and before put() or remove() returns; one that cannot be written
/// does not happen. Threads: any; changes block on the disk, reads do not.
class KeyValueStore final : public KeyValueConfig {
 public:
  static constexpr std::size_t kBytesMax = 4 * 1024 * 1024;

  /// Reads `file`, or its backup when the file is absent or damaged; nothing is written before the first change.
  /// Errors: io, corrupt.
  Status open(std::filesystem::path file, const Logger& log);

  Status put(std::string_view name_space, std::string_view key, std::string_view value) override;
  Status remove(std::string_view name_space, std::string_view key) override;
  std::optional<std::string> find(std::string_view name_space, std::string_view key) const override;
  std::optional<Table> table(std::string_view name_space) const override;

 private:
  using Namespaces = std::map<std::string, Table, std::less<>>;

  Status persist(const Namespaces& changed);

  std::filesystem::path file_;
  std::mutex writing_;  ///< Held by a change from its copy to its publication; taken before mutex_.
  mutable std::shared_mutex mutex_;
  Namespaces namespaces_;
};

}  // namespace tenon::namesrv
