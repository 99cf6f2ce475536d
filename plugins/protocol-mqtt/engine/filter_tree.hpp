// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mqtt/topic.hpp"

namespace tenon::protocol_mqtt {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Values by topic filter, found by topic name.
///
/// Filters without wildcards lie in one hash map, so they cost one look-up together; those with wildcards in a tree of
/// levels. A match visits a node of that tree at most once, so its cost depends on the depth of the name and on what
/// matches, not on how many filters there are. Depth is bounded by mqtt::kLevelsMax. Values keep their address.
/// `Value` is default constructible, says with empty() that it is not needed any more, and has a member `filter` of
/// type string_view, which the tree sets: the filter's text, as long as the value lives. Threads: one.
template <class Value>
class FilterTree {
 public:
  /// The value of a valid filter, made if need be.
  Value& at(std::string_view filter) {
    if (!mqtt::has_wildcard(filter)) {
      const auto found = exact_.find(filter);
      if (found != exact_.end()) return found->second;
      const auto made = exact_.try_emplace(std::string(filter)).first;
      made->second.filter = made->first;
      return made->second;
    }
    Node* node = &root_;
    std::string_view rest = filter;
    bool more = true;
    while (more) {
      const std::string_view level = mqtt::take_level(rest, more);
      if (level == "#") return made(node->below, filter);
      node = &child(*node, level);
    }
    return made(node->here, filter);
  }

  /// Forgets the filter if its value is empty. `filter` may be the value's own.
  void tidy(std::string_view filter) {
    if (mqtt::has_wildcard(filter)) {
      tidy(root_, std::string(filter), true);
    } else if (const auto found = exact_.find(filter); found != exact_.end() && found->second.empty()) {
      exact_.erase(found);
    }
  }

  /// Calls `visit(value)` for every filter that matches the name: exact ones first.
  template <class Visit>
  void match(std::string_view name, Visit&& visit) {
    if (const auto found = exact_.find(name); found != exact_.end()) visit(found->second);
    if (root_.is_leaf()) return;
    match(root_, name, true, name.starts_with('$'), visit);
  }

  bool empty() const noexcept { return exact_.empty() && root_.is_leaf(); }

 private:
  /// A filter with wildcards, and its value.
  struct Ending {
    std::string filter;
    Value value;
  };
  struct Node {
    TextMap<std::unique_ptr<Node>> children;
    std::unique_ptr<Node> plus;
    std::unique_ptr<Ending> here;   ///< The filter that ends at this level.
    std::unique_ptr<Ending> below;  ///< "#" at this level: this level and everything under it.

    bool is_leaf() const noexcept { return children.empty() && !plus && !below; }
    bool unused() const noexcept { return is_leaf() && !here; }
  };

  static Value& made(std::unique_ptr<Ending>& ending, std::string_view filter) {
    if (!ending) {
      ending = std::make_unique<Ending>();
      ending->filter = filter;
      ending->value.filter = ending->filter;
    }
    return ending->value;
  }

  static Node& child(Node& node, std::string_view level) {
    std::unique_ptr<Node>& slot = level == "+" ? node.plus : node.children[std::string(level)];
    if (!slot) slot = std::make_unique<Node>();
    return *slot;
  }

  template <class Visit>
  static void match(Node& node, std::string_view rest, bool more, bool hidden, Visit& visit) {
    if (node.below && !hidden) visit(node.below->value);
    if (!more) {
      if (node.here) visit(node.here->value);
      return;
    }
    const std::string_view level = mqtt::take_level(rest, more);
    if (node.plus && !hidden) match(*node.plus, rest, more, false, visit);
    if (const auto found = node.children.find(level); found != node.children.end()) {
      match(*found->second, rest, more, false, visit);
    }
  }

  static void drop_if_empty(std::unique_ptr<Ending>& ending) {
    if (ending && ending->value.empty()) ending.reset();
  }

  static void tidy(Node& node, std::string_view rest, bool more) {
    if (!more) return drop_if_empty(node.here);
    const std::string_view level = mqtt::take_level(rest, more);
    if (level == "#") return drop_if_empty(node.below);
    if (level == "+") {
      if (!node.plus) return;
      tidy(*node.plus, rest, more);
      if (node.plus->unused()) node.plus.reset();
      return;
    }
    const auto found = node.children.find(level);
    if (found == node.children.end()) return;
    tidy(*found->second, rest, more);
    if (found->second->unused()) node.children.erase(found);
  }

  TextMap<Value> exact_;
  Node root_;
};

}  // namespace tenon::protocol_mqtt
