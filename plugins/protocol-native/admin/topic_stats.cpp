// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/statistics_bodies.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

Answer stats_of(const BrokerServices& services, const std::string& name) {
  const auto topic = services.topics->find(name);
  if (!topic) throw Failure(Error(Errc::topic_not_exist, text("topic[", name, "] not exist")));
  std::map<MessageQueue, TopicOffset> queues;
  for (std::int32_t id = 0; id < topic->write_queue_nums; ++id) {
    const QueueBounds bounds = services.store->bounds(name, id);
    TopicOffset& offset = queues[{name, std::string(services.identity->broker_name()), id}];
    offset = {bounds.min.value, bounds.max.value, 0};
    if (bounds.max > bounds.min) {
      const auto newest_ms = services.store->store_time_at(name, id, bounds.max - 1);
      if (newest_ms) offset.last_update_timestamp_ms = *newest_ms;
    }
  }
  const auto put = services.statistics->find("TOPIC_PUT_NUMS", name);
  return answer_with_body(topic_stats_body(queues, put ? put->minute.per_second : 0));
}

void topic_stats_info(Request& request) {
  answer_from_disk(request, [topic = std::string(request.require_text("topic"))](const BrokerServices& services) {
    return stats_of(services, topic);
  });
}

}  // namespace

void add_topic_stats_handlers(HandlerTable& table) { table.add(RequestCode::get_topic_stats_info, topic_stats_info); }

}  // namespace tenon::protocol_native
