// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/set.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "routing/background_file.hpp"
#include "routing/clock.hpp"
#include "routing/name_map.hpp"
#include "tenon/consumer_offset_changes.hpp"
#include "tenon/consumer_offset_resets.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// The offsets of all groups, in memory and in `config/consumerOffset.json` (with light queues
/// `lmqConsumerOffset.json`, which begins as what the other says), and the server-side resets that wait for their
/// queue's next pull (memory only). Source: broker-semantics.md sections 4.6, 4.7 and 6. Threads: any; one short lock.
class OffsetTable final : public ConsumerOffsets, public ConsumerOffsetChanges, public ConsumerOffsetResets {
 public:
  OffsetTable(WallClock now, Logger log);
  ~OffsetTable() override;

  /// Tells whether message 0 of a queue still lies in memory, so that a new group starts there.
  using IsYoung = std::function<bool(std::string_view topic, std::int32_t queue_id)>;
  void set_young_queue_rule(IsYoung is_young) { is_young_ = std::move(is_young); }

  /// Commits name groups, topics and queues freely, so their number must end somewhere.
  struct Limits {
    std::int64_t entries_max = 1'000'000;  ///< Queues with an offset, of all groups together.
    /// How many queues a topic has (the larger of read and write), < 0 if there is no such topic. Called without a lock
    /// of this table. Empty: not checked.
    std::function<std::int32_t(std::string_view topic)> queues_of;
    std::function<void()> count_refusal;
    bool light_queues = false;  ///< Light queues are topics, too, of whatever letters; see light_queues.hpp.
  };
  void set_limits(Limits limits) { limits_ = std::move(limits); }

  /// Reads the file and writes to it from now on. Error: io, corrupt.
  Status load(const std::filesystem::path& directory, boost::asio::any_io_executor disk);
  /// Asks for a write if anything has changed since the last one. Called by a timer.
  void persist_if_changed();
  void stop() noexcept;

  /// Takes over offsets of another broker, in place of those of the same queues.
  Status take(const std::vector<GroupOffsets>& offsets);
  Status commit(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override;
  std::optional<QueueOffset> find(std::string_view group, std::string_view topic, std::int32_t queue_id) const override;
  Result<QueueOffset> starting_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                                      bool zero_for_young_queue) const override;
  Status reset(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override;
  ByQueue of_topic(std::string_view group, std::string_view topic) const override;
  std::vector<std::string> topics_of(std::string_view group) const override;
  std::vector<std::string> groups_of(std::string_view topic) const override;
  std::vector<GroupOffsets> all() const override;
  void remove_group(std::string_view group) override;
  void remove_topic(std::string_view topic) override;

  std::optional<QueueOffset> take_reset(std::string_view group, std::string_view topic, std::int32_t queue_id) override;

  std::int64_t origin() const noexcept override { return origin_; }
  OffsetChanges changes_since(std::int64_t origin, std::int64_t position, std::size_t bytes_max) const override;

 private:
  /// The offsets of a group in a topic, in a row by when they changed last. Lives in its table and is never moved.
  struct Consumed : boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    const GroupTopic* key = nullptr;
    ByQueue queues;
    std::int64_t changed_at = 0;  ///< A value of changes_.
  };
  struct ChangedAt {
    using type = std::int64_t;
    const type& operator()(const Consumed& consumed) const noexcept { return consumed.changed_at; }
  };
  using ByChange = boost::intrusive::set<Consumed, boost::intrusive::key_of_value<ChangedAt>,
                                         boost::intrusive::constant_time_size<false>>;

  /// Whether a queue of which nothing is known may get an offset.
  Status admit(std::string_view group, std::string_view topic, std::int32_t queue_id) const;
  bool knows(std::string_view group, std::string_view topic, std::int32_t queue_id) const;
  /// The lock is held.
  Status store(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset);
  /// That pair, made if it is not there; the lock is held.
  Consumed& at(const GroupTopicView& key);
  /// Makes it the one that changed last; the lock is held.
  void touch(Consumed& consumed);
  Status refused(Error error) const;
  void changed();
  template <class Matches>
  void remove_matching(Matches matches);
  std::string encode() const;

  const WallClock now_;
  const Logger log_;
  IsYoung is_young_;
  Limits limits_;
  std::shared_ptr<BackgroundFile> file_;

  mutable std::mutex mutex_;
  ByChange by_change_;  ///< The oldest change first. Outlives what is in it.
  GroupTopicMap<Consumed> offsets_;
  GroupTopicMap<ByQueue> resets_;
  DataVersion version_;
  std::int64_t count_ = 0;  ///< Queues in offsets_.
  std::int64_t commits_ = 0;
  const std::int64_t origin_;  ///< Another number in each process.
  std::int64_t changes_ = 0;
  std::atomic<std::int64_t> resets_pending_{0};  ///< So that pulls need not look while there is none.
  std::atomic<bool> dirty_{false};
};

}  // namespace tenon::kernel
