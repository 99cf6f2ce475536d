// SPDX-License-Identifier: Apache-2.0
#include "half_message.hpp"

#include <charconv>

#include "names.hpp"

namespace tenon::transaction {
namespace {

template <class Integer>
std::optional<Integer> number_in(std::optional<std::string_view> digits) {
  if (!digits) return std::nullopt;
  Integer value{};
  const char* const end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// Longer immunities make no difference: a half message does not live that long.
constexpr std::int64_t kImmunityMaxSeconds = std::int64_t{1} << 40;

std::chrono::milliseconds immunity_of(std::string_view seconds, std::chrono::milliseconds timeout) {
  const auto value = number_in<std::int64_t>(seconds);
  if (!value || *value == -1) return timeout;
  return std::chrono::seconds(std::clamp(*value, std::int64_t{0}, kImmunityMaxSeconds));
}

}  // namespace

HalfMessage half_message_of(StoredMessage stored, std::chrono::milliseconds timeout) {
  HalfMessage half;
  half.stored = std::move(stored);
  half.first = half.stored.queue_offset;
  const PropertiesView properties(half.stored.message.properties);
  if (const auto first = number_in<std::int64_t>(properties.find(property::first_half_offset))) {
    half.first = {*first};
    half.renewed = true;
  }
  half.check_times = std::max(number_in<std::int32_t>(properties.find(property::check_times)).value_or(0), 0);
  if (const auto seconds = properties.find(property::immunity_seconds)) half.immunity = immunity_of(*seconds, timeout);
  half.producer_group = properties.find(tenon::property::producer_group).value_or("");
  half.unique_key = properties.find(tenon::property::unique_key).value_or("");
  return half;
}

void make_half(MessageDraft& draft) {
  const Message& message = draft.message();
  const std::string topic(message.topic);
  const std::string queue_id = std::to_string(message.queue_id);
  if (const auto unique_key = draft.properties().find(tenon::property::unique_key)) {
    draft.set_property(property::transaction_id, std::string(*unique_key));
  }
  // Properties of an earlier life of the message would be taken for this broker's own bookkeeping.
  draft.remove_property(property::first_half_offset);
  draft.remove_property(property::check_times);
  draft.set_property(tenon::property::real_topic, topic);
  draft.set_property(tenon::property::real_queue_id, queue_id);
  draft.set_topic(kHalfTopic);
  draft.set_queue_id(kQueue);
  draft.set_sys_flag(message.sys_flag & ~sys_flag::transaction_mask);
}

Result<void> make_final(const HalfMessage& half, FinalMessage& final) {
  const PropertiesView stored(half.stored.message.properties);
  const auto topic = stored.find(tenon::property::real_topic);
  const auto queue_id = number_in<std::int32_t>(stored.find(tenon::property::real_queue_id));
  if (!topic || !queue_id) {
    return Error(Errc::corrupt, text("the half message at ", half.stored.physical_offset, " names no real topic"));
  }
  final.properties = stored.wire();
  remove_property(final.properties, tenon::property::real_topic);
  remove_property(final.properties, tenon::property::real_queue_id);
  remove_property(final.properties, property::first_half_offset);
  final.message = half.stored.message;
  final.message.topic = *topic;
  final.message.queue_id = *queue_id;
  final.message.properties = final.properties;
  final.message.sys_flag = (final.message.sys_flag & ~sys_flag::transaction_mask) | sys_flag::transaction_commit;
  final.message.prepared_transaction_offset = half.stored.physical_offset;
  final.message.indexed = std::nullopt;
  return {};
}

std::string renewed_properties(const HalfMessage& half, std::int32_t check_times) {
  std::string properties(half.stored.message.properties);
  set_property(properties, property::check_times, std::to_string(check_times));
  set_property(properties, property::first_half_offset, half.first.to_string());
  return properties;
}

}  // namespace tenon::transaction
