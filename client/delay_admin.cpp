// SPDX-License-Identifier: Apache-2.0
#include "client/delay_admin.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "client/broker_call.hpp"
#include "client/system_queue.hpp"
#include "client/wall_clock.hpp"
#include "fastjson/reader.hpp"
#include "remoting/recall_handle.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using remoting::RecallHandle;
using remoting::RequestCode;

constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";
constexpr std::string_view kTimerTopic = "rmq_sys_wheel_timer";
constexpr std::size_t kLevelsMax = 1'024;

WaitingMessage waiting_of(const MessageExt& message) {
  WaitingMessage waiting;
  waiting.stored_ms = message.store_timestamp_ms;
  waiting.topic = message.property("REAL_TOPIC");
  waiting.message_id = message.message_id;
  return waiting;
}

}  // namespace

Result<std::vector<std::int64_t>> DelayAdmin::level_offsets() {
  const auto reply = call_broker(client_, address_, Request(RequestCode::get_all_delay_offset),
                                 "ask for the progress of the delay levels");
  if (!reply) return reply.error();
  const auto bytes = reply->body_bytes();
  const auto json = fastjson::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!json) return json.error();
  std::vector<std::int64_t> offsets;
  const fastjson::Value* table = json->find("offsetTable");
  if (table == nullptr || !table->is_object()) return offsets;
  for (const auto& [key, value] : table->members()) {
    const auto level = key.as_i32();
    const auto offset = value.as_i64();
    if (!level || !offset || *level < 1 || static_cast<std::size_t>(*level) > kLevelsMax) continue;
    if (offsets.size() < static_cast<std::size_t>(*level)) offsets.resize(static_cast<std::size_t>(*level));
    offsets[static_cast<std::size_t>(*level) - 1] = *offset;
  }
  return offsets;
}

Status DelayAdmin::read_level(std::int32_t level, std::int64_t from, std::size_t limit,
                              std::vector<WaitingMessage>& found) {
  SystemQueue queue(client_, address_, {std::string(kScheduleTopic), broker_name_, level - 1});
  auto span = queue.kept();
  if (!span) return span.error();
  span->from = std::max(span->from, from);
  return queue.read(*span, [&](const MessageExt& message) {
    found.push_back(waiting_of(message));
    found.back().level = level;
    return found.size() < limit;
  });
}

Status DelayAdmin::read_timers(std::size_t limit, std::vector<WaitingMessage>& found) {
  const std::int64_t now = wall_clock_ms();
  std::vector<WaitingMessage> waiting;
  std::set<std::string> taken_back, seen;
  SystemQueue queue(client_, address_, {std::string(kTimerTopic), broker_name_, 0});
  const auto span = queue.kept();
  if (!span) return span.error();
  Status status = queue.read(*span, [&](const MessageExt& message) {
    const std::string_view out = message.property("TIMER_OUT_MS");
    std::int64_t out_ms = 0;
    std::from_chars(out.data(), out.data() + out.size(), out_ms);
    WaitingMessage one = waiting_of(message);
    const std::string key = text(one.topic, ' ', one.message_id);
    one.due_ms = out_ms + 1;
    if (!message.property("TIMER_DEL_UNIQKEY").empty()) {
      taken_back.insert(key);
    } else if (one.due_ms > now && seen.insert(key).second) {  // Seen before: stored again on its way.
      one.recall_handle = RecallHandle{one.topic, broker_name_, one.due_ms, one.message_id}.encode();
      waiting.push_back(std::move(one));
    }
    return true;
  });
  for (WaitingMessage& one : waiting) {
    if (found.size() >= limit) break;
    if (!taken_back.contains(text(one.topic, ' ', one.message_id))) found.push_back(std::move(one));
  }
  return status;
}

Result<std::vector<WaitingMessage>> DelayAdmin::waiting(std::size_t limit) {
  const auto offsets = level_offsets();
  if (!offsets) return offsets.error();
  std::vector<WaitingMessage> found;
  for (std::size_t index = 0; index < offsets->size() && found.size() < limit; ++index) {
    const auto level = static_cast<std::int32_t>(index) + 1;
    if (Status read = read_level(level, (*offsets)[index], limit, found); !read) return read.error();
  }
  if (Status read = read_timers(limit, found); !read) return read.error();
  return found;
}

Result<std::string> DelayAdmin::cancel(std::string_view recall_handle) {
  const auto handle = RecallHandle::decode(recall_handle);
  if (!handle) return Error(Errc::invalid_parameter, text("'", recall_handle, "' is no recall handle"));
  Request request(RequestCode::recall_message);
  request.field("producerGroup", "TOOLS_PRODUCER").field("topic", handle->topic).field("recallHandle", recall_handle);
  const auto reply = call_broker(client_, address_, std::move(request), "take the message back");
  if (!reply) return reply.error();
  return std::string(reply->field("msgId").value_or(""));
}

}  // namespace tenon::client
