// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "routing/background_file.hpp"
#include "routing/clock.hpp"
#include "routing/consumer_filter.hpp"
#include "routing/name_map.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/filter_bit_maps.hpp"

namespace tenon::kernel {

/// The filters of consumer groups by topic, for expressions of any type but TAG, kept over restarts in
/// `config/consumerFilter.json`. Source: RocketMQ ConsumerFilterManager; broker-semantics.md 7.4.
///
/// A heartbeat with a newer version replaces a group's filter; an older or equal one is ignored. A newer one that does
/// not compile removes it; a newer empty one leaves it with its old version. When the last member leaves, or a
/// heartbeat does not list the topic any more, the filter is dead: kept for 24 hours, alive again with the version it
/// had.
/// Threads: any; a leaf lock, held while an expression compiles.
class ConsumerFilters final : public FilterBitMaps {
 public:
  static constexpr std::int64_t kKeptDeadMs = 24 * 3600 * 1000;
  /// Text of all expressions together, each counted with what its filter takes beside it; beyond it further ones are
  /// refused. The dead ones count as well, or clients that come and go with new names would fill the memory in a day.
  static constexpr std::size_t kExpressionBytesMax = std::size_t{64} << 20;
  static constexpr std::size_t kFilterBytes = 1'024;

  ConsumerFilters(const FilterCompilers& compilers, WallClock now, Logger log);
  ~ConsumerFilters() override;

  /// Reads the file and keeps it up to date. All that is in it is dead until a member comes. Error: io, corrupt.
  Status load(const std::filesystem::path& directory, boost::asio::any_io_executor disk);
  void stop() noexcept;
  /// Forgets what is dead too long and writes the file if anything has changed. Called by a timer every 10 s.
  void tick();

  /// A heartbeat of a member lists these subscriptions.
  void register_group(std::string_view group, const std::vector<Subscription>& subscriptions);
  /// The last member has left.
  void unregister_group(std::string_view group);

  /// The filter of the group on the topic. Errors: filter_data_not_exist, with what was wrong with the expression;
  /// not_supported when no plug-in compiles its type.
  Result<ConsumerFilterPtr> find(std::string_view group, std::string_view topic) const;

  std::size_t size_bytes() const noexcept override { return static_cast<std::size_t>(bloom_.map_bits()) / 8; }
  bool calculate(std::string_view topic, const PropertiesView& properties, std::span<std::byte> map) const override;

  std::string encode() const;

 private:
  struct Slot {
    ConsumerFilterPtr filter;       ///< Or nullptr,
    std::optional<Error> rejected;  ///< and why the last expression made none.
  };
  using SlotsByGroup = std::map<std::string, Slot, std::less<>>;

  void register_one(std::string_view group, const Subscription& subscription);
  Result<ConsumerFilterPtr> build(std::string_view group, const Subscription& subscription) const;
  void put(Slot& slot, ConsumerFilterPtr filter);
  void bury(std::string_view group, const std::set<std::string_view>& still_listed);
  void remove_long_dead();
  void forget_topic_of(std::string_view group, const std::string& topic);
  void take(ConsumerFilter loaded);
  std::string key_of(std::string_view group, std::string_view topic) const;

  const FilterCompilers& compilers_;
  const WallClock now_;
  const Logger log_;
  const BloomFilter bloom_;
  std::shared_ptr<BackgroundFile> file_;
  std::atomic<bool> dirty_{false};

  mutable std::shared_mutex mutex_;
  std::map<std::string, SlotsByGroup, std::less<>> by_topic_;
  NameMap<std::set<std::string, std::less<>>> topics_of_group_;
  std::size_t expression_bytes_ = 0;
};

}  // namespace tenon::kernel
