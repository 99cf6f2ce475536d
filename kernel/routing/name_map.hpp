// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::kernel {

/// Lets tables keyed by name be searched with a std::string_view, without making a string.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
};
template <class Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

/// A consumer group and a topic, as the key of what is kept per pair; and the same as views, for look-ups.
struct GroupTopicView {
  std::string_view group, topic;

  friend bool operator==(const GroupTopicView&, const GroupTopicView&) = default;
};
struct GroupTopic {
  std::string group, topic;

  explicit GroupTopic(const GroupTopicView& view) : group(view.group), topic(view.topic) {}
  operator GroupTopicView() const noexcept { return {group, topic}; }
};
struct GroupTopicHash {
  using is_transparent = void;
  std::size_t operator()(const GroupTopicView& pair) const noexcept {
    return std::hash<std::string_view>{}(pair.group) * 31 + std::hash<std::string_view>{}(pair.topic);
  }
};
struct GroupTopicEqual {
  using is_transparent = void;
  bool operator()(const GroupTopicView& a, const GroupTopicView& b) const noexcept { return a == b; }
};
template <class Value>
using GroupTopicMap = std::unordered_map<GroupTopic, Value, GroupTopicHash, GroupTopicEqual>;

/// A queue, and the same as a view.
struct QueueKeyView {
  std::string_view topic;
  std::int32_t queue_id = 0;

  friend bool operator==(const QueueKeyView&, const QueueKeyView&) = default;
};
struct QueueKey {
  std::string topic;
  std::int32_t queue_id = 0;

  explicit QueueKey(const QueueKeyView& view) : topic(view.topic), queue_id(view.queue_id) {}
  operator QueueKeyView() const noexcept { return {topic, queue_id}; }
};
struct QueueKeyHash {
  using is_transparent = void;
  std::size_t operator()(const QueueKeyView& queue) const noexcept {
    return std::hash<std::string_view>{}(queue.topic) * 31 + static_cast<std::size_t>(queue.queue_id);
  }
};
struct QueueKeyEqual {
  using is_transparent = void;
  bool operator()(const QueueKeyView& a, const QueueKeyView& b) const noexcept { return a == b; }
};
template <class Value>
using QueueMap = std::unordered_map<QueueKey, Value, QueueKeyHash, QueueKeyEqual>;

}  // namespace tenon::kernel
