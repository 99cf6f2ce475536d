// SPDX-License-Identifier: Apache-2.0
#include "remoting/pull_fields.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "remoting/hot_fields.hpp"

namespace tenon::remoting {
namespace {

enum FieldIndex : std::uint32_t {
  kConsumerGroup,
  kTopic,
  kQueueId,
  kQueueOffset,
  kMaxMsgNums,
  kSysFlag,
  kCommitOffset,
  kSuspendTimeout,
  kSubVersion,
  kSubscription,
  kExpressionType,
  kMaxMsgBytes,
  kUnknown,
};
/// In the order of FieldIndex; the required ones first.
constexpr std::array<std::string_view, 12> kPullNames = {
    "consumerGroup",        "topic",      "queueId",      "queueOffset",    "maxMsgNums", "sysFlag", "commitOffset",
    "suspendTimeoutMillis", "subVersion", "subscription", "expressionType", "maxMsgBytes"};
constexpr std::uint32_t kPullRequired = (1U << (kSubVersion + 1)) - 1;

FieldIndex index_of(std::string_view name) noexcept {
  const auto found = std::find(kPullNames.begin(), kPullNames.end(), name);
  return static_cast<FieldIndex>(std::distance(kPullNames.begin(), found));
}

void read_pull_field(OnePass& pass, const Field& field, PullFields& into) {
  const std::string_view name = field.name;
  const std::string_view value = field.value;
  const FieldIndex index = index_of(name);
  const std::uint32_t bit = 1U << index;
  switch (index) {
    case kConsumerGroup:
      return pass.text(value, into.consumer_group, bit);
    case kTopic:
      return pass.text(value, into.topic, bit);
    case kQueueId:
      return pass.number(name, value, into.queue_id, bit);
    case kQueueOffset:
      return pass.number(name, value, into.queue_offset, bit);
    case kMaxMsgNums:
      return pass.number(name, value, into.max_msg_nums, bit);
    case kSysFlag:
      return pass.number(name, value, into.sys_flag, bit);
    case kCommitOffset:
      return pass.number(name, value, into.commit_offset, bit);
    case kSuspendTimeout:
      return pass.number(name, value, into.suspend_timeout_ms, bit);
    case kSubVersion:
      return pass.number(name, value, into.sub_version, bit);
    case kSubscription:
      return pass.text(value, into.subscription, 0);
    case kExpressionType:
      return pass.text(value, into.expression_type, 0);
    case kMaxMsgBytes:
      return pass.number(name, value, into.max_msg_bytes, 0);
    case kUnknown:
      return;
  }
}

}  // namespace

Result<PullFields> decode_pull_fields(const Command& command) {
  PullFields fields;
  OnePass pass;
  for (const Field& field : command.fields) {
    if (!field.value.empty()) read_pull_field(pass, field, fields);
  }
  if (pass.complete(kPullRequired)) return fields;
  return pass.error(kPullRequired, kPullNames.data());
}

void write_pull_fields(CommandWriter& writer, const PullFields& fields) {
  writer.field("consumerGroup", fields.consumer_group).field("topic", fields.topic).field("queueId", fields.queue_id);
  writer.field("queueOffset", fields.queue_offset).field("maxMsgNums", fields.max_msg_nums);
  writer.field("sysFlag", fields.sys_flag).field("commitOffset", fields.commit_offset);
  writer.field("suspendTimeoutMillis", fields.suspend_timeout_ms);
  if (!fields.subscription.empty()) writer.field("subscription", fields.subscription);
  writer.field("subVersion", fields.sub_version).field("expressionType", fields.expression_type);
  if (fields.max_msg_bytes > 0) writer.field("maxMsgBytes", fields.max_msg_bytes);
}

}  // namespace tenon::remoting
