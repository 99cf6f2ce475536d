// SPDX-License-Identifier: Apache-2.0
#include "check_point.hpp"

#include <optional>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "names.hpp"
#include "tenon/text.hpp"

namespace tenon::pop {
namespace {

/// A request gets at most 32; more than a few thousand are nobody's check point.
constexpr std::size_t kMessagesOfCheckPointMax = 4096;

CheckPointId id_of(const fastjson::Value& json) {
  return {json.text_or("c", ""),   json.text_or("t", ""), json.i32_or("q", -1),
          {json.i64_or("so", -1)}, json.i64_or("pt", -1), json.text_or("bn", "")};
}

Status check(const CheckPointId& id) {
  const bool sound =
      !id.group.empty() && !id.topic.empty() && id.queue_id >= 0 && id.start_offset.value >= 0 && id.pop_time_ms >= 0;
  if (sound) return {};
  return Error(Errc::corrupt, "a check point or acknowledgement without group, topic, queue, offset or time");
}

std::string unique_key_of(const CheckPointId& id, QueueOffset offset, std::string_view tag) {
  return text(id.topic, '@', id.queue_id, '@', offset, '@', id.group, '@', id.pop_time_ms, '@', id.broker_name, '@',
              tag);
}

}  // namespace

std::string to_json(const CheckPoint& check_point) {
  const CheckPointId& id = check_point.id;
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("bm", 0).member("bn", id.broker_name).member("c", id.group).key("d").begin_array();
  for (const std::int32_t distance : check_point.distances) json.value(distance);
  json.end_array()
      .member("it", check_point.invisible_ms)
      .member("n", check_point.distances.size())
      .member("pt", id.pop_time_ms)
      .member("q", id.queue_id)
      .member("reviveTime", check_point.revive_time_ms())
      .member("ro", 0)
      .member("so", id.start_offset.value)
      .member("t", id.topic)
      .end_object();
  return out;
}

std::string to_json(const Acknowledgement& acknowledgement) {
  const CheckPointId& id = acknowledgement.id;
  const bool is_batch = acknowledgement.offsets.size() > 1;
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("ao", is_batch ? -1 : acknowledgement.offsets.front().value);
  if (is_batch) {
    json.key("aol").begin_array();
    for (const QueueOffset offset : acknowledgement.offsets) json.value(offset.value);
    json.end_array();
  }
  json.member("bn", id.broker_name)
      .member("c", id.group)
      .member("pt", id.pop_time_ms)
      .member("q", id.queue_id)
      .member("so", id.start_offset.value)
      .member("t", id.topic)
      .end_object();
  return out;
}

Result<CheckPoint> parse_check_point(std::span<const std::byte> text_of_json) {
  const auto json = fastjson::parse(text_of_json);
  if (!json) return json.error();
  CheckPoint check_point;
  check_point.id = id_of(*json);
  if (const Status sound = check(check_point.id); !sound) return sound.error();
  check_point.invisible_ms = json->i64_or("it", 0);
  if (const fastjson::Value* distances = json->find("d"); distances != nullptr) {
    for (const fastjson::Value& distance : distances->elements())
      check_point.distances.push_back(distance.as_i32().value_or(0));
  }
  // Brokers before 5.0 leave the distances out: the messages follow one another.
  const std::int32_t count = json->i32_or("n", 0);
  if (check_point.distances.empty() && count > 0 && static_cast<std::size_t>(count) <= kMessagesOfCheckPointMax) {
    for (std::int32_t distance = 0; distance < count; ++distance) check_point.distances.push_back(distance);
  }
  if (check_point.distances.size() > kMessagesOfCheckPointMax)
    return Error(Errc::corrupt, text("a check point of ", check_point.distances.size(), " messages"));
  return check_point;
}

Result<Acknowledgement> parse_acknowledgement(std::span<const std::byte> text_of_json) {
  const auto json = fastjson::parse(text_of_json);
  if (!json) return json.error();
  Acknowledgement acknowledgement;
  acknowledgement.id = id_of(*json);
  if (const Status sound = check(acknowledgement.id); !sound) return sound.error();
  if (const fastjson::Value* offsets = json->find("aol"); offsets != nullptr) {
    for (const fastjson::Value& offset : offsets->elements())
      acknowledgement.offsets.push_back({offset.as_i64().value_or(-1)});
  }
  if (acknowledgement.offsets.empty()) acknowledgement.offsets.push_back({json->i64_or("ao", -1)});
  return acknowledgement;
}

std::string unique_key_of(const CheckPoint& check_point) {
  return unique_key_of(check_point.id, check_point.id.start_offset, kCheckPointTag);
}

std::string unique_key_of(const Acknowledgement& acknowledgement) {
  return unique_key_of(acknowledgement.id, acknowledgement.offsets.front(),
                       acknowledgement.offsets.size() > 1 ? kBatchAcknowledgementTag : kAcknowledgementTag);
}

}  // namespace tenon::pop
