// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "routing/acknowledger.hpp"
#include "routing/append_listeners.hpp"
#include "routing/broker_drain.hpp"
#include "routing/broker_statistics.hpp"
#include "routing/clock.hpp"
#include "routing/held_appends.hpp"
#include "routing/interception.hpp"
#include "routing/plugin_faults.hpp"
#include "routing/publish_checks.hpp"
#include "routing/puller.hpp"
#include "routing/rerun_on_demand.hpp"
#include "routing/role_keeper.hpp"
#include "routing/unique_ids.hpp"
#include "tenon/append_hints.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/message_store.hpp"
#include "tenon/publish_interceptor.hpp"
#include "tenon/publishing.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// The publish path: checks, properties of the broker, interceptors, store, waiting pulls, commit gates, answer.
/// Source: RocketMQ SendMessageProcessor, AbstractSendMessageProcessor; broker-semantics.md section 3.
///
/// A plain message to a known topic is stored without an allocation and without a lock held over the store's append.
/// Threads: any.
class Publisher final : public Publishing, public MessageDelivery {
 public:
  struct Parts {
    const BrokerConfig& config;
    TopicTable& topics;
    Groups& groups;
    const QueueLocks& locks;
    Puller& puller;
    BrokerStatistics& statistics;
    const BrokerIdentity& identity;
    const RoleKeeper& role;
    const BrokerDrain& drain;
    PluginFaults& faults;
    WallClock now;
  };
  explicit Publisher(const Parts& parts);

  void wire(Keyed<MessageStore> store, std::vector<Keyed<PublishInterceptor>> interceptors,
            std::vector<Keyed<CommitGate>> gates, const AppendHints* hints = nullptr);
  /// Called for every append, however the message came.
  AppendListeners& listeners() noexcept { return listeners_; }
  /// From now on pulls and listeners that wait are told of a message only when `end` lets it be read; on `disk`, where
  /// that means looking at all queues. To be called before anything is published.
  void hold_back(ReadableEnd& end, const boost::asio::any_io_executor& disk);
  /// To be called when this broker becomes the master: pulls and listeners that wait are told of what is in the log
  /// already, as soon as it can be read. Does nothing where everything can be read.
  void inherit_log();
  /// From now on new messages are refused; deliver() goes on.
  void drain();

  void publish(const PublishRequest& request, const std::shared_ptr<PublishCompletion>& completion,
               std::uint64_t token) override;
  void publish_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                     const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) override;
  void send_back(const SendBackRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                 std::uint64_t token) override;

  Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions& options) override;
  bool is_safe(PhysicalOffset end) const noexcept override;

 private:
  struct Stored {
    AppendReceipt append;
    bool wait = true;
    std::shared_ptr<const std::string> recall_handle = nullptr;
  };
  /// A send-back on its way: what is stored, and where.
  struct Retry {
    StoredMessage original;
    TopicEntryPtr topic;
    std::int32_t queue_id = 0;
    std::string properties;
    std::string original_topic;
  };

  /// Runs `path`, which ends in the one call of published(); what anything on the way throws is its outcome instead.
  template <class Path>
  void answer_faults(const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token, const Path& path);
  void store_and_acknowledge(const PublishRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                             std::uint64_t token);
  void store_and_acknowledge_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                                   const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token);
  void store_and_acknowledge_retry(const SendBackRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                                   std::uint64_t token);
  Status check_open() const;
  /// The same for what a producer sends.
  Status check_open_for(std::string_view topic) const;
  Message addressed(const Message& sent, const Destination& destination) const;
  std::string_view broker_properties(const PublishRequest& request, const MessageTraits& traits, bool dead_letter);
  Result<Stored> store_one(const Message& message, const MessageTraits& traits, TopicEntry& topic);
  Result<Stored> intercept_and_append(const Message& message, std::uint32_t kinds, TopicEntry& topic);
  TopicEntryPtr entry_for_delivery(std::string_view topic);
  Result<AppendReceipt> append(const Message& message, TopicEntry& topic);
  Result<AppendReceipt> append_batch(std::span<const Message> messages, TopicEntry& topic,
                                     std::vector<PhysicalOffset>& offsets);
  void wake_pulls(const Message& message, const AppendReceipt& receipt);
  void wake_light_pulls(const IndexEntry& entry, const PropertiesView& properties);
  void tell_readable(std::string_view topic, std::int32_t queue_id);
  void tell_all_readable();
  void hold_light_queues(const Message& message, const AppendReceipt& receipt);

  static bool is_inner_batch(const PublishRequest& request, const Destination& destination);
  Result<PublishReceipt> store_inner_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                                           const Destination& destination, bool& wait);
  Status check_batch(const PublishRequest& request, std::span<const BatchEntry> entries) const;
  Result<PublishReceipt> store_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                                     const Destination& destination, bool& wait);

  bool is_readable(const Message& original) const;
  Result<std::optional<Retry>> prepare_retry(const SendBackRequest& request);
  void fill_retry_properties(const SendBackRequest& request, bool dead_letter, Retry& retry) const;

  const Parts parts_;
  const PublishChecks checks_;
  Acknowledger acknowledger_;
  /// MSG_REGION, TRACE_ON and CLUSTER, the same for every message.
  std::string common_properties_;
  UniqueIds unique_ids_;
  MessageStore* store_ = nullptr;
  const AppendHints* hints_ = nullptr;  ///< nullptr: nobody wants any.
  std::string store_name_;
  Interception interception_;
  /// Counts what is delivered to topics that do not exist.
  const TopicEntryPtr nowhere_ = std::make_shared<TopicEntry>();
  AppendListeners listeners_;
  HeldAppends held_;
  const MessageStore* whole_log_ = nullptr;     ///< Where appends are held back: what is there all the same.
  std::shared_ptr<RerunOnDemand> telling_all_;  ///< It takes some microseconds a queue.
  std::atomic<bool> draining_{false};
};

template <class Path>
void Publisher::answer_faults(const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token,
                              const Path& path) {
  try {
    path();
  } catch (...) {
    completion->published(token, parts_.faults.caught("kernel", "taking a message in"));
  }
}

}  // namespace tenon::kernel
