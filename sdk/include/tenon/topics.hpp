// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"

namespace tenon {

/// Permission bits of a topic. Source: RocketMQ PermName.java.
namespace permission {
inline constexpr std::int32_t inherit = 1;
inline constexpr std::int32_t write = 2;
inline constexpr std::int32_t read = 4;
inline constexpr std::int32_t priority = 8;
}  // namespace permission

enum class TopicFilterType { single_tag, multi_tag };

/// Configuration of a topic; the members are those of RocketMQ's TopicConfig, with its defaults.
struct TopicConfig {
  std::string name;
  std::int32_t read_queue_nums = 16;
  std::int32_t write_queue_nums = 16;
  std::int32_t perm = permission::read | permission::write;
  TopicFilterType filter_type = TopicFilterType::single_tag;
  std::int32_t sys_flag = 0;
  bool order = false;
  std::map<std::string, std::string> attributes;

  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

/// Version of a table: equal only if all three are equal. Every change adds 1 to the counter.
struct DataVersion {
  std::int64_t state_version = 0;
  std::int64_t timestamp_ms = 0;
  std::int64_t counter = 0;

  friend bool operator==(const DataVersion&, const DataVersion&) = default;
};

/// What a producer says about a topic that may have to be created for its message.
struct TopicCreationHint {
  std::string_view template_topic;  ///< "TBW102" usually.
  std::int32_t default_queue_nums = 4;
  std::int32_t topic_sys_flag = 0;
};

/// The broker's topics. Offered by the kernel.
///
/// Threads: any. `done` callbacks run when the change is on disk and announced to the name servers, or the announcement
/// has timed out (which is logged, not an error); inline or on a kernel thread; they must not block.
class TENON_EXPORT Topics : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.topics", 1};
  using Done = std::function<void(Status)>;

  /// nullptr if there is no such topic. The object is immutable; a change makes a new one.
  virtual std::shared_ptr<const TopicConfig> find(std::string_view topic) const = 0;
  /// All topics, by name.
  virtual std::vector<std::shared_ptr<const TopicConfig>> list() const = 0;
  /// Of the whole table; changes with every topic.
  virtual DataVersion version() const = 0;
  /// Whether the name is reserved: a topic that RocketMQ or this broker keeps for itself.
  virtual bool is_system(std::string_view topic) const = 0;
  /// How many more topics may be made now; beyond that put() answers busy. (The default: no limit.)
  virtual std::size_t room() const;

  /// Creates or replaces a topic. Errors: invalid_parameter (name, system topic, permissions), busy (no room, or a
  /// topic of this name is still being deleted), not_supported (batch queues, which the store does not have),
  /// service_not_available (not the master), io.
  virtual void put(TopicConfig config, Done done) = 0;
  /// put() of many, persisted and announced once; nothing is changed if one of them is refused. (The default, for
  /// tests, puts one after the other and stops at the first error.)
  virtual void put_all(std::vector<TopicConfig> configs, Done done);
  /// Deletes a topic, its queues and its consumer offsets; success if there is none. Errors: invalid_parameter (system
  /// topic), service_not_available (not the master), io.
  virtual void remove(std::string_view topic, Done done) = 0;
};

/// Checks a topic name as RocketMQ does: [%|a-zA-Z0-9_-], 1..127 bytes, 255 for %RETRY% and %DLQ%. Error:
/// invalid_parameter.
TENON_EXPORT Status validate_topic_name(std::string_view topic);
/// The same alphabet, 1..120 bytes.
TENON_EXPORT Status validate_group_name(std::string_view group);
/// What a group's retry and dead-letter topic begin with.
inline constexpr std::string_view kRetryTopicPrefix = "%RETRY%";
inline constexpr std::string_view kDeadLetterTopicPrefix = "%DLQ%";
/// The prefix and the group.
TENON_EXPORT std::string retry_topic_of(std::string_view group);
TENON_EXPORT std::string dead_letter_topic_of(std::string_view group);

}  // namespace tenon
