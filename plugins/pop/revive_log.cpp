// SPDX-License-Identifier: Apache-2.0
#include "revive_log.hpp"

#include "tenon/properties.hpp"

namespace tenon::pop {
namespace {

/// So that a check point is known before its acknowledgements come.
constexpr std::int64_t kLeadMs = 1000;

}  // namespace

Result<PhysicalOffset> ReviveLog::write(const CheckPoint& check_point, std::int32_t revive_queue_id) {
  return write(kCheckPointTag, unique_key_of(check_point), to_json(check_point), revive_queue_id,
               check_point.revive_time_ms() - kLeadMs);
}

Status ReviveLog::write(const Acknowledgement& acknowledgement, std::int32_t revive_queue_id, std::int64_t due_ms) {
  const auto written = write(acknowledgement.offsets.size() > 1 ? kBatchAcknowledgementTag : kAcknowledgementTag,
                             unique_key_of(acknowledgement), to_json(acknowledgement), revive_queue_id, due_ms);
  return written ? Status{} : Status(written.error());
}

Result<PhysicalOffset> ReviveLog::write(std::string_view tag, const std::string& unique_key, const std::string& body,
                                        std::int32_t revive_queue_id, std::int64_t due_ms) {
  std::string properties;
  append_property(properties, tenon::property::unique_key, unique_key);
  append_property(properties, tenon::property::tags, tag);
  Message message;
  message.topic = parts_.revive_topic;
  message.queue_id = revive_queue_id;
  message.born_timestamp_ms = parts_.host->now_ms();
  message.born_host = message.store_host = parts_.identity->advertised_address();
  message.properties = properties;
  message.body = std::as_bytes(std::span(body));
  const auto scheduled = parts_.scheduler->schedule(message, due_ms);
  if (!scheduled) return scheduled.error();
  return scheduled->append.physical_end;
}

}  // namespace tenon::pop
