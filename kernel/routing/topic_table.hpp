// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <vector>

#include "routing/background_file.hpp"
#include "routing/broker_config.hpp"
#include "routing/broker_statistics.hpp"
#include "routing/clock.hpp"
#include "routing/name_map.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_announcer.hpp"
#include "routing/topic_entry.hpp"
#include "routing/unsettled_topics.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/services.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// The broker's topics, in memory and in `config/topics.json`.
///
/// A change is visible at once; it has *settled* when it is on disk and announced to the name servers. A topic cannot
/// be made again, nobody's message for it is taken, until the store has deleted its queues.
/// Threads: any. find() and lookup() take a shared lock for one hash look-up, but none for the topic that the same
/// thread asked for before.
class TopicTable final : public Topics {
 public:
  TopicTable(const BrokerConfig& config, const RoleKeeper& role, WallClock now, BrokerStatistics& statistics,
             Logger log);
  ~TopicTable() override;

  /// What the table needs from others; before load().
  void set_announcer(TopicAnnouncer* announcer) { announcer_ = announcer; }
  /// The topics that plug-ins keep for themselves, by name; before load().
  void set_owners(std::vector<Keyed<SystemTopic>> owners);
  /// Runs on the disk executor when a topic is deleted, before the deletion is persisted. `below`: as in
  /// MessageStore::delete_topic().
  using Removed = std::function<Status(std::string_view topic, PhysicalOffset below)>;
  void on_removed(Removed removed) { removed_ = std::move(removed); }

  /// Prepares the store for a topic with batch queues, before it can be sent to; may wait for the disk. Without it
  /// there are none: such topics are not made, and those of the file take no messages.
  using BatchTopic = std::function<Status(std::string_view topic)>;
  void on_batch_topic(BatchTopic prepare) { prepare_batch_topic_ = std::move(prepare); }
  /// After load(), once the store has started: prepares it for the topics of the file. Error: io.
  Status prepare_batch_topics() const;

  /// Creates the built-in topics, reads the file over them and keeps it up to date from now on. Error: io, corrupt.
  Status load(const std::filesystem::path& directory, boost::asio::any_io_executor disk);
  /// Writes the file for the last time, on the calling thread.
  void stop() noexcept;

  /// nullptr for a topic that is not there. Light queues are, as soon as they are asked for.
  TopicEntryPtr lookup(std::string_view topic) const;
  /// The larger of its read and write queues; -1 if there is no such topic.
  std::int32_t queue_count(std::string_view topic) const;
  /// The topic, created by the rules of automatic creation (broker-semantics.md 2.3) if it is not there; nullptr if the
  /// rules create none. Error: invalid_parameter for an impossible name.
  Result<TopicEntryPtr> find_or_create(std::string_view topic, const TopicCreationHint& hint);
  /// The topic, created like `config` if it is not there: retry topics, dead letters. Error: invalid_parameter.
  Result<TopicEntryPtr> ensure(TopicConfig config);
  /// Becomes the table of another broker in one step, but for the topics that this broker itself needs. Returns when
  /// it is on disk. Runs on_removed() for topics that are gone; `covered` as in MetadataCopy. What the store could not
  /// delete is in the log, and is tried again with the next call, unless the topic has been made again.
  Status take(std::vector<TopicConfig> topics, const DataVersion& version, const CoveredLog& covered);
  /// As in MetadataCopy.
  std::optional<CoveredLog> covered_log() const;
  void set_log_end(std::function<CoveredLog()> log_end);
  /// Writes the file again where it covers much less of the log than the table: who begins as the master in another
  /// process looks at what the file does not cover. To be called from time to time.
  void persist_if_it_covers_more();
  /// Calls `done` as soon as the entry has settled; inline if it has.
  void when_settled(const TopicEntryPtr& entry, std::function<void()> done);

  std::shared_ptr<const TopicConfig> find(std::string_view topic) const override;
  std::vector<std::shared_ptr<const TopicConfig>> list() const override;
  DataVersion version() const override;
  bool is_system(std::string_view topic) const override;
  std::size_t room() const override;
  void put(TopicConfig config, Done done) override;
  void put_all(std::vector<TopicConfig> configs, Done done) override;
  void remove(std::string_view topic, Done done) override;

 private:
  void make_owned_topics();
  TopicEntryPtr make_light_entry(std::string_view topic) const;
  TopicEntryPtr make_entry(std::shared_ptr<const TopicConfig> config) const;
  /// Puts a topic into the table; the lock is held.
  TopicEntryPtr insert(TopicConfig config);
  /// For its batch queues, if it has any and the store can.
  Status prepare(const TopicConfig& config) const;
  using Changed = std::vector<std::shared_ptr<const TopicConfig>>;
  Result<Changed> prepare_and_insert(std::vector<TopicConfig> configs);
  Result<Changed> insert_all(std::vector<TopicConfig> configs);
  void finish_put(Result<Changed> changed, Done done);
  Status become(std::vector<TopicConfig> topics, const DataVersion& version, const CoveredLog& covered);
  void forget_gone();
  Status forget_queues(const std::string& topic);
  Result<TopicEntryPtr> create(TopicConfig config);
  std::optional<TopicConfig> from_template(std::string_view topic, const TopicCreationHint& hint) const;
  void settle(const TopicEntryPtr& entry);
  void persist(BackgroundFile::Done done);
  void persist_and_announce(std::vector<std::shared_ptr<const TopicConfig>> topics, Done done);
  Status check_put(const TopicConfig& config) const;
  Status check_gone(const std::string& topic) const;
  bool is_own(const std::string& topic) const;
  Status room_for(const std::vector<TopicConfig>& configs) const;
  Status check_room(const std::vector<TopicConfig>& configs) const;
  std::string encode();
  std::optional<CoveredLog> covered_now();
  /// After each change of topics_, under the lock.
  void begin_edition() noexcept;

  const BrokerConfig& config_;
  const RoleKeeper& role_;
  const WallClock now_;
  BrokerStatistics& statistics_;
  const std::shared_ptr<TrafficCounters> light_puts_ = std::make_shared<TrafficCounters>();  ///< Of all light queues.
  const Logger log_;
  TopicAnnouncer* announcer_ = nullptr;
  std::vector<Keyed<SystemTopic>> owners_;
  Removed removed_;
  BatchTopic prepare_batch_topic_;
  std::shared_ptr<BackgroundFile> file_;
  boost::asio::any_io_executor disk_;

  std::mutex store_mutex_;  ///< The store makes or deletes queues of one topic at a time; outside mutex_.
  /// store_mutex_: topics that take() has taken away, and up to where they reach; until the store has deleted them.
  NameMap<PhysicalOffset> gone_;
  mutable std::shared_mutex mutex_;
  NameMap<TopicEntryPtr> topics_;
  std::multiset<std::string> removing_;  ///< Deleted, and what the store has of them is not yet.
  /// Another number, never used before by any table, with each change of topics_.
  std::atomic<std::uint64_t> edition_{0};
  DataVersion version_;
  std::optional<DataVersion> taken_;  ///< By take().
  mutable std::mutex covered_mutex_;  ///< Held while log_end_ is asked; inside of the others.
  std::function<CoveredLog()> log_end_;
  std::optional<CoveredLog> covered_;
  std::optional<CoveredLog> covered_in_file_;  ///< That, or less.
  UnsettledTopics unsettled_;
};

}  // namespace tenon::kernel
