// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "protocol-mqtt/engine/message.hpp"

namespace tenon::protocol_mqtt {

/// The retained message of each topic, found by filter. Source: MQTT 5.0 section 3.3.1.3.
/// Bounded in number and bytes; what does not fit is refused, never something else dropped for it. Threads: one.
class RetainedMessages {
 public:
  RetainedMessages(std::size_t count_max, std::size_t bytes_max) : count_max_(count_max), bytes_max_(bytes_max) {}

  /// Replaces the topic's message; an empty payload deletes it. False when it does not fit: the old one is gone then,
  /// too, since it is no longer true.
  bool apply(const Message& message);
  void put(OwnedMessagePtr message);
  /// False when there was none.
  bool remove(std::string_view topic);

  /// Calls `visit` for every retained message that matches the filter, expired ones left out. `visit` must not change
  /// this object.
  void match(std::string_view filter, std::int64_t now_ms,
             const std::function<void(const OwnedMessagePtr&)>& visit) const;
  void for_each(const std::function<void(const OwnedMessagePtr&)>& visit) const { visit_all(root_, INT64_MIN, visit); }
  /// Calls `visit` for each whose topic comes behind `after` in the order of this object, until it returns false: then
  /// so does this.
  bool for_each_after(std::string_view after, const std::function<bool(const OwnedMessage&)>& visit) const;
  /// Removes those whose time is over; looks at everything, so for a slow timer.
  void remove_expired(std::int64_t now_ms);

  /// From now on changes are remembered for take_changes(); those of $SYS are not.
  void track_changes() noexcept { tracking_ = true; }
  /// Calls `visit(topic, message)` for each topic that changed since the last call; nullptr: nothing is retained there.
  void take_changes(const std::function<void(const std::string&, const OwnedMessagePtr&)>& visit);

  std::size_t count() const noexcept { return count_; }
  /// The messages and the levels of their names.
  std::size_t bytes() const noexcept { return bytes_ + nodes_ * kNodeBytes; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    OwnedMessagePtr message;
  };
  /// With its entry in the level above.
  static constexpr std::size_t kNodeBytes = sizeof(Node) + 96;
  using Visit = std::function<void(const OwnedMessagePtr&)>;

  using VisitUntil = std::function<bool(const OwnedMessage&)>;
  static bool visit_until(const Node& node, const VisitUntil& visit);
  static bool visit_after(const Node& node, std::string_view after, const VisitUntil& visit);
  static void visit_all(const Node& node, std::int64_t now_ms, const Visit& visit);
  static void match(const Node& node, std::string_view rest, bool more, bool top, std::int64_t now_ms,
                    const Visit& visit);
  OwnedMessagePtr find(std::string_view topic) const;
  void changed(std::string_view topic);
  bool remove(Node& node, std::string_view rest, bool more);

  const std::size_t count_max_, bytes_max_;
  std::size_t count_ = 0, bytes_ = 0, nodes_ = 0;
  Node root_;
  bool tracking_ = false;
  std::set<std::string, std::less<>> changes_;
};

}  // namespace tenon::protocol_mqtt
