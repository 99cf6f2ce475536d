// SPDX-License-Identifier: Apache-2.0
#include "routing/topic_rules.hpp"

#include <algorithm>
#include <string>

#include "routing/system_names.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::int32_t kQueuesMax = 65'536;
constexpr std::int32_t kPermMax = 7;

}  // namespace

Status validate_topic(const TopicConfig& topic) {
  if (Status named = validate_topic_name(topic.name); !named) return named;
  if (topic.perm < 0 || topic.perm > kPermMax) {
    return Error(Errc::invalid_parameter,
                 text("topic[", topic.name, "]: perm ", topic.perm, " is not in 0..", kPermMax));
  }
  for (const std::int32_t queues : {topic.read_queue_nums, topic.write_queue_nums}) {
    if (queues >= 0 && queues <= kQueuesMax) continue;
    return Error(Errc::invalid_parameter,
                 text("topic[", topic.name, "]: ", queues, " queues, allowed are 0..", kQueuesMax));
  }
  return {};
}

bool is_batch_topic(const TopicConfig& topic) {
  const auto type = topic.attributes.find(std::string(kQueueTypeAttribute));
  return type != topic.attributes.end() && type->second == kBatchQueueType;
}

std::optional<TopicConfig> created_by_send(std::string_view topic, const TopicConfig* model,
                                           const TopicCreationHint& hint) {
  TopicConfig created;
  created.name = topic;
  created.sys_flag = hint.topic_sys_flag;
  if (model != nullptr && (model->perm & permission::inherit) != 0) {
    created.read_queue_nums = std::max(0, std::min(hint.default_queue_nums, model->write_queue_nums));
    created.perm = model->perm & ~permission::inherit;
    created.filter_type = model->filter_type;
  } else if (topic.starts_with(kRetryPrefix)) {
    created.read_queue_nums = 1;
  } else {
    return std::nullopt;
  }
  created.write_queue_nums = created.read_queue_nums;
  return created;
}

}  // namespace tenon::kernel
