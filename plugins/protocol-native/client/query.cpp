// SPDX-License-Identifier: Apache-2.0
// QUERY_MESSAGE (by key, unique key or tag) and VIEW_MESSAGE_BY_ID.
#include <algorithm>
#include <string>

#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

constexpr std::int32_t kUniqueKeyMessages = 32;  ///< RocketMQ's defaultQueryMaxNum
constexpr std::int32_t kMessagesMax = 64;        ///< RocketMQ's maxMsgsNumBatch

void append_record(std::string& body, const StoredRecord& record) {
  body.append(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size());
}

void query_message(Request& request) {
  KeyQuery query;
  query.topic = request.require_text("topic");
  query.key = request.require_text("key");
  query.max_messages = std::clamp(request.require_int32("maxNum"), 0, kMessagesMax);
  if (request.boolean_or("_UNIQUE_KEY_QUERY", false)) query.max_messages = kUniqueKeyMessages;
  query.begin_timestamp_ms = request.require_int64("beginTimestamp");
  query.end_timestamp_ms = request.require_int64("endTimestamp");
  std::string tag_key;
  if (request.text("indexType") == "T") {  // tags are indexed under a prefix of their own
    tag_key = text("T#", query.key);
    query.key = tag_key;
  }
  const auto found = request.services().store->query_by_key(query);
  if (!found) return request.fail(found.error());
  std::string body;
  for (const StoredRecord& record : found->records) append_record(body, record);
  if (body.empty()) {
    return request.fail(ResponseCode::query_not_found, "can not find message, maybe time range not correct");
  }
  request.succeed_with_body(std::move(body),
                            {{"indexLastUpdateTimestamp", std::to_string(found->index_last_update_timestamp_ms)},
                             {"indexLastUpdatePhyoffset", found->index_last_update_physical_offset.to_string()}});
}

void view_message_by_id(Request& request) {
  const auto offset = request.require_int64("offset");
  const auto record = request.services().store->record_at({offset});
  if (!record) {
    return request.fail(ResponseCode::system_error, text("can not find message by the offset, ", offset));
  }
  std::string body;
  append_record(body, *record);
  request.succeed_with_body(std::move(body));
}

}  // namespace

void register_query_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.store == nullptr) return;
  table.add(RequestCode::query_message, query_message);
  table.add(RequestCode::view_message_by_id, view_message_by_id);
}

}  // namespace tenon::protocol_native
