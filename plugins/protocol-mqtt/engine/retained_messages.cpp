// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/retained_messages.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "mqtt/topic.hpp"

namespace tenon::protocol_mqtt {
namespace {

bool is_alive(const OwnedMessage& message, std::int64_t now_ms) {
  return message.expires_at_ms == 0 || message.expires_at_ms > now_ms;
}

}  // namespace

bool RetainedMessages::apply(const Message& message) {
  changed(message.topic);
  remove(message.topic);
  if (message.payload.empty()) return true;
  auto owned = std::make_shared<const OwnedMessage>(message);
  const auto levels = static_cast<std::size_t>(std::ranges::count(message.topic, '/')) + 1;
  if (count_ >= count_max_ || bytes() + owned->bytes() + levels * kNodeBytes > bytes_max_) return false;
  put(std::move(owned));
  return true;
}

void RetainedMessages::put(OwnedMessagePtr message) {
  Node* node = &root_;
  std::string_view rest = message->topic;
  bool more = true;
  while (more) {
    std::unique_ptr<Node>& slot = node->children[std::string(mqtt::take_level(rest, more))];
    if (!slot) {
      slot = std::make_unique<Node>();
      ++nodes_;
    }
    node = slot.get();
  }
  if (node->message) {
    --count_;
    bytes_ -= node->message->bytes();
  }
  ++count_;
  bytes_ += message->bytes();
  node->message = std::move(message);
}

void RetainedMessages::changed(std::string_view topic) {
  if (tracking_ && !topic.starts_with("$SYS")) changes_.emplace(topic);
}

OwnedMessagePtr RetainedMessages::find(std::string_view topic) const {
  const Node* node = &root_;
  bool more = true;
  while (more) {
    const auto found = node->children.find(mqtt::take_level(topic, more));
    if (found == node->children.end()) return nullptr;
    node = found->second.get();
  }
  return node->message;
}

void RetainedMessages::take_changes(const std::function<void(const std::string&, const OwnedMessagePtr&)>& visit) {
  for (const std::string& topic : std::exchange(changes_, {})) visit(topic, find(topic));
}

bool RetainedMessages::remove(std::string_view topic) { return remove(root_, topic, true); }

bool RetainedMessages::remove(Node& node, std::string_view rest, bool more) {
  if (!more) {
    if (!node.message) return false;
    --count_;
    bytes_ -= node.message->bytes();
    node.message.reset();
    return true;
  }
  const auto found = node.children.find(mqtt::take_level(rest, more));
  if (found == node.children.end() || !remove(*found->second, rest, more)) return false;
  if (found->second->children.empty() && !found->second->message) {
    node.children.erase(found);
    --nodes_;
  }
  return true;
}

void RetainedMessages::visit_all(const Node& node, std::int64_t now_ms, const Visit& visit) {
  if (node.message && is_alive(*node.message, now_ms)) visit(node.message);
  for (const auto& [level, child] : node.children) visit_all(*child, now_ms, visit);
}

bool RetainedMessages::visit_until(const Node& node, const VisitUntil& visit) {
  if (node.message && !visit(*node.message)) return false;
  return std::ranges::all_of(node.children, [&](const auto& child) { return visit_until(*child.second, visit); });
}

bool RetainedMessages::visit_after(const Node& node, std::string_view after, const VisitUntil& visit) {
  bool more = false;
  const std::string_view level = mqtt::take_level(after, more);
  auto child = node.children.lower_bound(level);
  if (child != node.children.end() && child->first == level) {
    const Node& passed = *child->second;
    const auto rest = [&](const auto& below) { return visit_until(*below.second, visit); };
    if (more ? !visit_after(passed, after, visit) : !std::ranges::all_of(passed.children, rest)) return false;
    ++child;
  }
  return std::all_of(child, node.children.end(), [&](const auto& it) { return visit_until(*it.second, visit); });
}

bool RetainedMessages::for_each_after(std::string_view after, const VisitUntil& visit) const {
  return after.empty() ? visit_until(root_, visit) : visit_after(root_, after, visit);
}

void RetainedMessages::match(const Node& node, std::string_view rest, bool more, bool top, std::int64_t now_ms,
                             const Visit& visit) {
  if (!more) {
    if (node.message && is_alive(*node.message, now_ms)) visit(node.message);
    return;
  }
  const std::string_view level = mqtt::take_level(rest, more);
  const auto hidden = [top](const std::string& name) { return top && name.starts_with('$'); };
  if (level == "#") {
    if (node.message && !top && is_alive(*node.message, now_ms)) visit(node.message);
    for (const auto& [name, child] : node.children) {
      if (!hidden(name)) visit_all(*child, now_ms, visit);
    }
    return;
  }
  if (level == "+") {
    for (const auto& [name, child] : node.children) {
      if (!hidden(name)) match(*child, rest, more, false, now_ms, visit);
    }
    return;
  }
  const auto found = node.children.find(level);
  if (found != node.children.end()) match(*found->second, rest, more, false, now_ms, visit);
}

void RetainedMessages::match(std::string_view filter, std::int64_t now_ms, const Visit& visit) const {
  match(root_, filter, true, true, now_ms, visit);
}

void RetainedMessages::remove_expired(std::int64_t now_ms) {
  std::vector<std::string> expired;
  for_each([&](const OwnedMessagePtr& message) {
    if (!is_alive(*message, now_ms)) expired.push_back(message->topic);
  });
  for (const std::string& topic : expired) {
    changed(topic);
    remove(topic);
  }
}

}  // namespace tenon::protocol_mqtt
