// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "routing/background_file.hpp"
#include "routing/broker_config.hpp"
#include "routing/clock.hpp"
#include "routing/groups_json.hpp"
#include "routing/name_map.hpp"
#include "routing/role_keeper.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/groups.hpp"

namespace tenon::kernel {

/// The broker's consumer groups, in memory and in `config/subscriptionGroup.json`.
///
/// A change is visible at once. put() and remove() return when it is on disk; a group that find_or_create() makes is
/// written behind, and a process that is killed in those milliseconds forgets it, but no messages or offsets.
/// Threads: any.
class GroupTable final : public Groups {
 public:
  GroupTable(const BrokerConfig& config, const RoleKeeper& role, WallClock now, ConsumerOffsets& offsets, Logger log);
  ~GroupTable() override;

  /// Called for each group that groups_max keeps from being created.
  void on_refused(std::function<void()> refused) { refused_ = std::move(refused); }

  /// Creates the built-in groups, reads the file over them and keeps it up to date. Error: io, corrupt.
  Status load(const std::filesystem::path& directory, boost::asio::any_io_executor disk);
  void stop() noexcept;
  /// Becomes the table of another broker in one step, but for the groups that this broker itself needs. Returns
  /// when it is on disk. Error: io.
  Status take(std::vector<SubscriptionGroupConfig> groups, const DataVersion& version);

  std::shared_ptr<const SubscriptionGroupConfig> find(std::string_view group) const override;
  std::shared_ptr<const SubscriptionGroupConfig> find_or_create(std::string_view group) override;
  std::vector<std::shared_ptr<const SubscriptionGroupConfig>> list() const override;
  DataVersion version() const override;
  Status put(SubscriptionGroupConfig config) override;
  Status remove(std::string_view group, bool clean_offsets) override;

 private:
  bool may_create(std::string_view group) const;
  std::string encode() const;

  const BrokerConfig& config_;
  const RoleKeeper& role_;
  const WallClock now_;
  ConsumerOffsets& offsets_;
  std::function<void()> refused_;
  const Logger log_;
  std::shared_ptr<BackgroundFile> file_;

  mutable std::shared_mutex mutex_;
  NameMap<std::shared_ptr<const SubscriptionGroupConfig>> groups_;
  fastjson::Value forbidden_ = fastjson::Value::Object{};
  DataVersion version_;
  std::optional<DataVersion> taken_;  ///< By take().
};

}  // namespace tenon::kernel
