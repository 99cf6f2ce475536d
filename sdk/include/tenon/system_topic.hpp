// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/message.hpp"
#include "tenon/properties.hpp"

namespace tenon {

/// A topic that a plug-in keeps for messages of its own: SCHEDULE_TOPIC_XXXX, rmq_sys_wheel_timer, the half topic.
/// Offered by the plug-in under the topic's name as key; gathered by the kernel, which creates the topic at its start
/// if `topics.json` does not know it.
class TENON_EXPORT SystemTopic : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.system-topic", 1};

  virtual std::int32_t queue_nums() const noexcept = 0;
  /// A message was appended to the topic and can be read. Calls from several threads may come in another order than the
  /// queue offsets. Threads: those that publish (any that serves sockets or calls deliver()), several at once: do not
  /// block, post the work. May be called before start() of the plug-in has returned.
  virtual void appended(const Message& message, const AppendReceipt& receipt) noexcept;
};

/// Computes the tags code in the index entries of a topic where it is not the hash of the tags: on SCHEDULE_TOPIC_XXXX
/// it is the time of delivery. Offered under the topic's name as key; gathered by the kernel.
class TENON_EXPORT TagsCodeRule : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.tags-code-rule", 1};

  /// Called by the store under its append lock and in its recovery: compute only. The same record must give the same
  /// number as long as the configuration is the same.
  virtual std::int64_t tags_code(const PropertiesView& properties, std::int64_t store_timestamp_ms) const noexcept = 0;
};

/// Takes rules for index entries. Offered by a store that has such entries; the kernel hands the rules over before any
/// plug-in starts, so before the store recovers. Threads: `ctl`.
class TENON_EXPORT TagsCodeRules : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.tags-code-rules", 1};

  /// `topic` and `rule` live as long as the store.
  virtual void set_rule(std::string_view topic, const TagsCodeRule& rule) = 0;
};

}  // namespace tenon
