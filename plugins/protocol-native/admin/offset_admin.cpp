// SPDX-License-Identifier: Apache-2.0
#include "broker_json/data_version.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/message_queue_body.hpp"
#include "protocol-native/bodies/offset_tables.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

constexpr std::int64_t kByTimestamp = -1;

struct Reset {
  std::string topic;
  std::string group;
  std::int64_t timestamp_ms = 0;  ///< < 0: to the end.
  std::int32_t queue_id = -1;     ///< < 0: every read queue.
  std::int64_t offset = kByTimestamp;
};

QueueOffset target_of(const BrokerServices& services, const Reset& reset, std::int32_t queue_id) {
  const QueueBounds bounds = services.store->bounds(reset.topic, queue_id);
  if (reset.queue_id >= 0 && reset.offset != kByTimestamp) {
    if (reset.offset < bounds.min.value || reset.offset > bounds.max.value + 1) {
      throw Failure(Error(Errc::internal, text("Target offset ", reset.offset, " is out of the range [", bounds.min,
                                               ", ", bounds.max + 1, "] of ", reset.topic, '/', queue_id)));
    }
    return QueueOffset{reset.offset};
  }
  if (reset.timestamp_ms < 0) return bounds.max;
  return services.store->offset_at_time(reset.topic, queue_id, reset.timestamp_ms, TimeBoundary::lower);
}

/// Takes effect at the next pull of each queue, whether the group is online or not. broker-semantics.md 6.4.
Answer reset_offsets(const BrokerServices& services, const Reset& reset) {
  const auto topic = services.topics->find(reset.topic);
  if (!topic) throw Failure(Error(Errc::topic_not_exist, text("Topic ", reset.topic, " does not exist")));
  if (!services.groups->find(reset.group)) {
    throw Failure(Error(Errc::subscription_group_not_exist, text("Group ", reset.group, " does not exist")));
  }
  std::vector<std::int32_t> queue_ids;
  if (reset.queue_id >= 0) {
    queue_ids.push_back(reset.queue_id);
  } else {
    for (std::int32_t id = 0; id < topic->read_queue_nums; ++id) queue_ids.push_back(id);
  }
  OffsetsByQueue targets;
  for (const std::int32_t id : queue_ids) {
    targets[{reset.topic, std::string(services.identity->broker_name()), id}] = target_of(services, reset, id);
  }
  for (const auto& [queue, offset] : targets) {
    const Status done = services.offsets->reset(reset.group, reset.topic, queue.queue_id, offset);
    if (!done) throw Failure(done.error());
  }
  return answer_with_body(reset_offset_body(targets));
}

void invoke_broker_to_reset_offset(Request& request) {
  if (request.services().identity->broker_id() != 0) {
    return request.fail(ResponseCode::system_error, "Can not reset offset in slave broker");
  }
  Reset reset{std::string(request.require_text("topic")), std::string(request.require_text("group")),
              request.require_int64("timestamp"), request.int32_or("queueId", -1),
              request.int64_or("offset", kByTimestamp)};
  answer_from_disk(
      request, [reset = std::move(reset)](const BrokerServices& services) { return reset_offsets(services, reset); });
}

void clone_group_offset(Request& request) {
  ConsumerOffsets& offsets = *request.services().offsets;
  const std::string_view source = request.require_text("srcGroup");
  const std::string_view destination = request.require_text("destGroup");
  const std::string_view only = request.text("topic");
  for (const std::string& topic : offsets.topics_of(source)) {
    if (!only.empty() && topic != only) continue;
    for (const auto& [queue_id, offset] : offsets.of_topic(source, topic)) {
      const Status cloned = offsets.commit(destination, topic, queue_id, offset);
      if (!cloned) return request.fail(cloned.error());
    }
  }
  request.succeed();
}

/// For slaves: every offset of every group. There may be a million, so no connection waits meanwhile.
Answer all_offsets(const BrokerServices& services) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, {});
  json.key("groupTopicMap").begin_object().end_object();
  write_offset_tables(json, services.offsets->all());
  json.end_object();
  return answer_with_body(std::move(body));
}

void all_consumer_offsets(Request& request) { answer_from_disk(request, all_offsets); }

}  // namespace

void add_offset_admin_handlers(HandlerTable& table) {
  table.add(RequestCode::get_all_consumer_offset, all_consumer_offsets);
  table.add(RequestCode::invoke_broker_to_reset_offset, invoke_broker_to_reset_offset);
  table.add(RequestCode::clone_group_offset, clone_group_offset);
}

}  // namespace tenon::protocol_native
