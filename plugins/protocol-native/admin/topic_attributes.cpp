// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/topic_attributes.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tenon::protocol_native {
namespace {

struct Attribute {
  std::string_view name;
  bool changeable;
  std::span<const std::string_view> values;
};

constexpr std::array<std::string_view, 2> kQueueTypes{"SimpleCQ", "BatchCQ"};
constexpr std::array<std::string_view, 2> kCleanupPolicies{"DELETE", "COMPACTION"};
constexpr std::array<std::string_view, 7> kMessageTypes{"UNSPECIFIED", "NORMAL", "FIFO",    "DELAY",
                                                        "TRANSACTION", "MIXED",  "PRIORITY"};
/// RocketMQ knows them. It would not find the messages of a compacted topic where we put them; priorities are an
/// order in which its POP hands messages out, and ours does not.
constexpr std::array<std::string_view, 2> kNotSupported{"+cleanup.policy=COMPACTION", "+message.type=PRIORITY"};
constexpr std::string_view kMessageType = "message.type";
constexpr std::array<Attribute, 3> kAttributes{{
    {"queue.type", false, kQueueTypes},
    {"cleanup.policy", false, kCleanupPolicies},
    {kMessageType, true, kMessageTypes},
}};

Error refused(std::string_view why, std::string_view what) { return {Errc::internal, text(why, what)}; }

/// Applies one piece of the list: "+key=value" or "-key".
Status apply(Attributes& attributes, const Attributes& current, std::string_view piece, bool creating) {
  const std::size_t equals = piece.find('=');
  const char operation = piece.front();
  const std::string key(piece.substr(1, equals == std::string_view::npos ? equals : equals - 1));
  if ((operation == '+') != (equals != std::string_view::npos) || (operation != '+' && operation != '-') ||
      key.empty()) {
    return refused("attribute format is wrong: ", piece);
  }
  const auto known = std::ranges::find(kAttributes, key, &Attribute::name);
  if (known == kAttributes.end()) return refused("unsupported key: ", key);
  if (operation == '-' && creating) return refused("only add attribute is supported while creating topic. key: ", key);
  if (!known->changeable && !creating) return refused("attempt to update an unchangeable attribute. key: ", key);
  if (operation == '-') {
    if (!current.contains(key)) return refused("attempt to delete a nonexistent key: ", key);
    attributes.erase(key);
    return {};
  }
  const std::string_view value = piece.substr(equals + 1);
  if (std::ranges::find(known->values, value) == known->values.end()) return refused("value is not in set: ", piece);
  if (std::ranges::find(kNotSupported, piece) != kNotSupported.end())
    return Error(Errc::not_supported, text("not supported: ", piece.substr(1)));
  attributes[key] = value;
  return {};
}

}  // namespace

Result<Attributes> change_topic_attributes(const Attributes& current, std::string_view change, bool creating) {
  Attributes changed = current;
  while (!change.empty()) {
    const std::size_t comma = change.find(',');
    const std::string_view piece = change.substr(0, comma);
    change = comma == std::string_view::npos ? std::string_view() : change.substr(comma + 1);
    if (piece.empty()) continue;
    if (const Status applied = apply(changed, current, piece, creating); !applied) return applied.error();
  }
  return changed;
}

bool is_mixed_message_type(const Attributes& attributes) {
  const auto found = attributes.find(std::string(kMessageType));
  return found != attributes.end() && found->second == "MIXED";
}

}  // namespace tenon::protocol_native
