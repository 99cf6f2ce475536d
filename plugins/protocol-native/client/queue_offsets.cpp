// SPDX-License-Identifier: Apache-2.0
// SEARCH_OFFSET_BY_TIMESTAMP, GET_MAX_OFFSET, GET_MIN_OFFSET, GET_EARLIEST_MSG_STORETIME.
#include <cctype>

#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

void succeed_with_offset(Request& request, QueueOffset offset) { request.succeed({{"offset", offset.to_string()}}); }

TimeBoundary boundary_of(const Request& request) {
  const auto word = request.text("boundaryType");
  const bool upper = !word.empty() && std::toupper(static_cast<unsigned char>(word.front())) == 'U';
  return upper ? TimeBoundary::upper : TimeBoundary::lower;
}

void search_offset_by_timestamp(Request& request) {
  const auto topic = request.require_text("topic");
  const auto queue_id = request.require_int32("queueId");
  const auto timestamp = request.require_int64("timestamp");
  const MessageStore& store = *request.services().store;
  succeed_with_offset(request, store.offset_at_time(topic, queue_id, timestamp, boundary_of(request)));
}

void get_max_offset(Request& request) {
  const auto topic = request.require_text("topic");
  succeed_with_offset(request, request.services().store->bounds(topic, request.require_int32("queueId")).max);
}

void get_min_offset(Request& request) {
  const auto topic = request.require_text("topic");
  succeed_with_offset(request, request.services().store->bounds(topic, request.require_int32("queueId")).min);
}

void get_earliest_msg_storetime(Request& request) {
  const auto topic = request.require_text("topic");
  const auto queue_id = request.require_int32("queueId");
  const MessageStore& store = *request.services().store;
  const auto earliest = store.store_time_at(topic, queue_id, store.bounds(topic, queue_id).min);
  request.succeed({{"timestamp", std::to_string(earliest ? *earliest : -1)}});
}

}  // namespace

void register_queue_offset_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.store == nullptr) return;
  table.add(RequestCode::search_offset_by_timestamp, search_offset_by_timestamp);
  table.add(RequestCode::get_max_offset, get_max_offset);
  table.add(RequestCode::get_min_offset, get_min_offset);
  table.add(RequestCode::get_earliest_msg_storetime, get_earliest_msg_storetime);
}

}  // namespace tenon::protocol_native
