// SPDX-License-Identifier: Apache-2.0
// QUERY_MESSAGE (by key, unique key or tag) and VIEW_MESSAGE_BY_ID.
#include <algorithm>
#include <string>
#include <vector>

#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"
#include "remoting/frame.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

constexpr std::int32_t kUniqueKeyMessages = 32;  ///< RocketMQ's defaultQueryMaxNum
constexpr std::int32_t kMessagesMax = 64;        ///< RocketMQ's maxMsgsNumBatch
constexpr std::size_t kBodyMax = remoting::kMaxFrameBytes - 64 * 1024;

void append_record(std::string& body, const StoredRecord& record) {
  body.append(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size());
}

/// As many records as a frame may hold, oldest first; the first one in any case.
std::string body_of(const std::vector<StoredRecord>& records) {
  std::string body;
  for (const StoredRecord& record : records) {
    if (!body.empty() && body.size() + record.bytes.size() > kBodyMax) break;
    append_record(body, record);
  }
  return body;
}

Answer answer_to(const BrokerServices& services, const KeyQuery& query) {
  const KeyQueryResult found = services.store->query_by_key(query).value();
  Answer answer;
  answer.body = body_of(found.records);
  if (answer.body.empty()) {
    return Answer(ResponseCode::query_not_found, "can not find message, maybe time range not correct");
  }
  answer.fields = {{"indexLastUpdateTimestamp", std::to_string(found.index_last_update_timestamp_ms)},
                   {"indexLastUpdatePhyoffset", found.index_last_update_physical_offset.to_string()}};
  return answer;
}

void query_message(Request& request) {
  KeyQuery query;
  std::string topic(request.require_text("topic")), key(request.require_text("key"));
  query.max_messages = std::clamp(request.require_int32("maxNum"), 0, kMessagesMax);
  if (request.boolean_or("_UNIQUE_KEY_QUERY", false)) query.max_messages = kUniqueKeyMessages;
  query.begin_timestamp_ms = request.require_int64("beginTimestamp");
  query.end_timestamp_ms = request.require_int64("endTimestamp");
  if (request.text("indexType") == "T") key.insert(0, "T#");  // tags are indexed under a prefix of their own
  // The query first brings the index up to date, and its records may lie anywhere in the log.
  answer_from_disk(request,
                   [query, topic = std::move(topic), key = std::move(key)](const BrokerServices& services) mutable {
                     query.topic = topic;
                     query.key = key;
                     return answer_to(services, query);
                   });
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
