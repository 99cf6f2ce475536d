// SPDX-License-Identifier: Apache-2.0
// QUERY_CONSUMER_OFFSET and UPDATE_CONSUMER_OFFSET.
#include <unistd.h>

#include <string>
#include <variant>

#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"
#include "record/record_view.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

/// Share of the machine's memory in which RocketMQ believes the newest part of the log to be cached.
constexpr double kCachedRatio = 0.4;

bool is_cached(const MessageStore& store, PhysicalOffset offset) {
  static const double memory_bytes =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  return static_cast<double>(store.status().max_physical_offset - offset) <= memory_bytes * kCachedRatio;
}

/// A queue is young while it still has its first message, near the end of the log: a new group then reads all of it.
bool is_young(const MessageStore& store, std::string_view topic, std::int32_t queue_id) {
  const QueueBounds bounds = store.bounds(topic, queue_id);
  if (bounds.min.value > 0 || bounds.max.value == 0) return false;
  if (is_cached(store, store.status().min_physical_offset)) return true;
  ReadRequest first;
  first.topic = topic;
  first.queue_id = queue_id;
  first.max_messages = 1;
  const ReadResult read = store.read(first);
  if (read.records.empty()) return false;
  const auto* const slice = std::get_if<MemorySlice>(&read.records.front());
  if (slice == nullptr) return false;
  const auto record = record::RecordView::decode(slice->bytes);
  return record && is_cached(store, record->physical_offset());
}

void succeed_with_offset(Request& request, QueueOffset offset) { request.succeed({{"offset", offset.to_string()}}); }

void query_consumer_offset(Request& request) {
  const auto group = request.require_text("consumerGroup");
  const auto topic = request.require_text("topic");
  const auto queue_id = request.require_int32("queueId");
  const auto offset = request.services().offsets->find(group, topic, queue_id);
  if (offset && offset->value >= 0) return succeed_with_offset(request, *offset);
  const MessageStore* const store = request.services().store;
  if (request.boolean_or("setZeroIfNotFound", true) && store != nullptr && is_young(*store, topic, queue_id)) {
    return succeed_with_offset(request, {});
  }
  request.fail(ResponseCode::query_not_found, "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
}

void update_consumer_offset(Request& request) {
  const auto group = request.require_text("consumerGroup");
  const auto topic = request.require_text("topic");
  const auto queue_id = request.require_int32("queueId");
  const auto offset = request.require_int64("commitOffset");
  const BrokerServices& services = request.services();
  if (services.groups != nullptr && !services.groups->find_or_create(group)) {
    return request.fail(ResponseCode::subscription_group_not_exist, text("Group ", group, " not exist!"));
  }
  if (services.topics != nullptr && !services.topics->find(topic)) {
    return request.fail(ResponseCode::topic_not_exist, text("Topic ", topic, " not exist!"));
  }
  services.offsets->commit(group, topic, queue_id, {offset});
  request.succeed();
}

}  // namespace

void register_consumer_offset_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.offsets == nullptr) return;
  table.add(RequestCode::query_consumer_offset, query_consumer_offset);
  table.add(RequestCode::update_consumer_offset, update_consumer_offset);
}

}  // namespace tenon::protocol_native
