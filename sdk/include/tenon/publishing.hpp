// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"
#include "tenon/topics.hpp"

namespace tenon {

struct PublishReceipt {
  AppendReceipt append;
  std::int32_t queue_id = 0;  ///< The queue used, for a request that left the choice to the broker.
  HostAddress store_host;     ///< With append.physical_offset it makes the offset message id.
  /// The client's UNIQ_KEY, found on the way; borrows the request, so empty in an outcome that comes after publish().
  std::string_view unique_key;
  /// For a batch of several records: the physical offset of each. Empty for a single message, and for a batch in one.
  std::vector<PhysicalOffset> batch_physical_offsets;
  /// Not ok: stored, but a gate did not confirm in time (flush_disk_timeout, slave_not_available, flush_slave_timeout).
  std::error_code degraded;
  /// With it the message can be taken back before its time, see DeliveryScheduler; nullptr for most.
  std::shared_ptr<const std::string> recall_handle;
};

/// Gets the outcome of publishes. Implemented by a protocol plug-in's connection.
class TENON_EXPORT PublishCompletion {
 public:
  virtual ~PublishCompletion();
  /// `token` is what publish() was called with. Runs inline in publish() in the usual case, else later on executor().
  virtual void published(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept = 0;
  virtual boost::asio::any_io_executor executor() const = 0;
};

/// A message from a producer. Ownership: all views borrow until publish() returns, also if the outcome comes later.
struct PublishRequest {
  /// message.queue_id < 0: the broker picks a write queue. message.store_host is filled in by the kernel.
  Message message;
  TopicCreationHint creation;
  std::string_view producer_group;
  std::int32_t max_reconsume_times = -1;  ///< Of a message sent to a retry topic; -1: the group's own limit.
  bool add_broker_properties = true;      ///< CLUSTER, MSG_REGION, TRACE_ON and a missing UNIQ_KEY, as RocketMQ 5 does.
};

/// A batch: several messages of one topic and queue. `request.message` carries topic, queue, born data and sysFlag.
struct BatchEntry {
  std::int32_t flag = 0;
  std::string_view properties;
  std::span<const std::byte> body;
};

/// A consumer gives a message back to be tried again later (CONSUMER_SEND_MSG_BACK).
struct SendBackRequest {
  PhysicalOffset physical_offset;
  std::string_view group;
  std::string_view origin_message_id;
  std::int32_t delay_level = 0;           ///< 0: the broker chooses; < 0: straight to the dead letters.
  std::int32_t max_reconsume_times = -1;  ///< -1: the group's own limit.
  bool unit_mode = false;
};

/// Takes messages in. Offered by the kernel.
///
/// A message passes the checks of topic, permissions and limits (the topic is created if that is allowed), then the
/// interceptors in their order, the store and the commit gates; then its outcome is reported. Waiting pulls of the
/// queue are woken as soon as it is appended. Threads: any; a connection calls it from its own executor. Does not
/// block. Errors: topic_not_exist, no_permission, invalid_parameter, message_illegal, not_supported (a delay or a
/// transaction, and no plug-in loaded for it), service_not_available, busy, subscription_group_not_exist, and whatever
/// an interceptor refuses with.
class TENON_EXPORT Publishing : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.publishing", 1};

  /// Publishes one message. `completion` gets the outcome exactly once, together with `token`, which means nothing to
  /// the kernel.
  virtual void publish(const PublishRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                       std::uint64_t token) = 0;
  /// Publishes several messages of one topic and queue at consecutive offsets, all or none: as one record each, or as
  /// one record together where the topic says so (BatchQueues).
  virtual void publish_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                             const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) = 0;
  /// Stores a message again in the retry topic of its group, or in the dead-letter topic when its tries are used up.
  /// Other errors: internal (no message lies at that offset).
  virtual void send_back(const SendBackRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                         std::uint64_t token) = 0;
};

}  // namespace tenon
