// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "routing/broker_config.hpp"
#include "routing/broker_statistics.hpp"
#include "routing/cold_read_pace.hpp"
#include "routing/connected_clients.hpp"
#include "routing/consumer_filters.hpp"
#include "routing/consumption.hpp"
#include "routing/deadline_timer.hpp"
#include "routing/offset_table.hpp"
#include "routing/plugin_faults.hpp"
#include "routing/pull_waiters.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_table.hpp"
#include "tenon/groups.hpp"
#include "tenon/message_store.hpp"
#include "tenon/pulling.hpp"

namespace tenon::kernel {

/// The pull path: checks, subscription, read, and long polling when there is nothing yet.
/// Source: RocketMQ PullMessageProcessor, PullRequestHoldService; broker-semantics.md section 4.
///
/// A held pull is evaluated once more, without being held again: in the same turn as the append that wakes it when both
/// connections live on one thread, else posted to its own. Threads: any.
class Puller final : public Pulling {
 public:
  struct Parts {
    const BrokerConfig& config;
    Groups& groups;
    TopicTable& topics;
    ConnectedClients& clients;
    OffsetTable& offsets;
    const FilterCompilers& compilers;
    const ConsumerFilters& filters;
    BrokerStatistics& statistics;
    PluginFaults& faults;
    const RoleKeeper& role;
  };
  explicit Puller(const Parts& parts);
  ~Puller() override;

  void wire(const Keyed<MessageStore>& store) {
    store_ = store.service;
    store_name_ = store.provider;
  }
  /// From now on reads that would wait for the disk run on this executor instead of the caller's thread.
  void read_cold_on(boost::asio::any_io_executor disk) { disk_ = std::move(disk); }
  /// From now on a timer on this executor keeps the deadlines of held pulls.
  void start_timer(const boost::asio::any_io_executor& sched);
  /// Answers all held pulls; from now on no pull is held.
  void drain();

  void pull(const PullRequest& request, const std::shared_ptr<PullCompletion>& completion,
            std::uint64_t token) override;

  /// False: no pull waits, and message_arrived() need not be called. Costs one atomic read.
  bool anybody_waits() const noexcept { return waiters_.any(); }
  /// Answers the held pulls that wait for this message; called right after its append.
  void message_arrived(const Arrival& arrival);
  /// Answers the held pulls of a queue that can be read further now, and returns how far.
  QueueOffset became_readable(std::string_view topic, std::int32_t queue_id);
  /// Looks at the queues of all held pulls, and answers those that have something now. For a slave: its messages come
  /// as bytes of the log, so message_arrived() is not called for them.
  void look_again();
  /// Answers the held pulls whose deadline has passed.
  void answer_expired(std::chrono::steady_clock::time_point now);
  std::int64_t pulls_waiting() const noexcept { return waiters_.count(); }

 private:
  /// A checked pull. Borrows from the request or from a WaitingPull.
  struct Plan {
    std::string_view group, topic;
    std::int32_t queue_id;
    QueueOffset offset;
    std::int32_t max_messages;
    std::int32_t topic_sys_flag;
    std::int32_t group_sys_flag;
    const CompiledFilter* filter;
    Consumption* consumption;
    ReadForm form;
    std::int64_t group_broker_id, slow_broker_id;
  };

  Result<FilterPtr> filter_for(const PullRequest& request, const SubscriptionGroupConfig& group,
                               Consumption& consumption);
  Result<FilterPtr> registered_filter(const PullRequest& request, const SubscriptionGroupConfig& group);
  Result<FilterPtr> filter_of(const RegisteredSubscription& registered, std::string_view group) const;
  Result<std::shared_ptr<const SubscriptionGroupConfig>> consuming_group(std::string_view name) const;
  Status check_queue(const PullRequest& request, const TopicConfig* topic) const;
  /// The path of a pull; ends in the one call of pulled() or in a held pull.
  void check_and_read(const PullRequest& request, const std::shared_ptr<PullCompletion>& completion,
                      std::uint64_t token);
  Result<PullOutcome> evaluate(const Plan& plan, ReadWait wait);
  /// On an I/O thread, if there is another one for what takes long.
  ReadWait wait_here() const { return disk_ ? ReadWait::never : ReadWait::allowed; }
  Plan plan_of(const WaitingPull& pull) const;
  void read_cold(WaitingPull pull);
  bool must_be_paid(const Plan& plan) const;
  void read_when_paid(WaitingPull pull);
  PullOutcome read(const Plan& plan, ReadWait wait);
  Status check_serves_reads() const;
  std::chrono::milliseconds holding_time(const PullRequest& request) const;
  std::int64_t suggested_broker(const Plan& plan, const ReadResult& read) const;
  Result<bool> has_something(const QueueKey& queue, QueueOffset offset) const;
  void hold(WaitingPull pull);
  void arm_timer();
  void answer(WaitingPull pull);
  void evaluate_again(const WaitingPull& pull, PullCompletion& completion);

  const Parts parts_;
  MessageStore* store_ = nullptr;
  std::string store_name_;
  ConsumptionTable consumptions_;
  PullWaiters waiters_;
  ColdReadPace cold_pace_;
  std::shared_ptr<DeadlineTimer> timer_;
  boost::asio::any_io_executor disk_;  ///< Empty: every read may wait where it is asked for.
  std::atomic<bool> draining_{false};
};

}  // namespace tenon::kernel
