// SPDX-License-Identifier: Apache-2.0
#include "half_actions.hpp"

#include <algorithm>

#include "names.hpp"
#include "record/record_view.hpp"
#include "transaction_interceptor.hpp"

namespace tenon::transaction {
namespace {

constexpr std::int64_t kClockSkewMaxMs = 24 * 3'600'000;

bool carries_delay(const PropertiesView& properties) {
  for (const std::string_view name : {tenon::property::delay, tenon::property::timer_delay_sec,
                                      tenon::property::timer_delay_ms, tenon::property::timer_deliver_ms}) {
    if (properties.find(name)) return true;
  }
  return false;
}

bool is_commit_of(const StoredRecord& stored, std::string_view topic, std::string_view unique_key) {
  const auto record = record::RecordView::decode(stored.bytes);
  if (!record || record->topic() != topic) return false;
  return (record->sys_flag() & sys_flag::transaction_mask) == sys_flag::transaction_commit &&
         record->properties().find(tenon::property::unique_key) == unique_key;
}

}  // namespace

std::int64_t HalfActions::begun_ms(const HalfMessage& half) const {
  const std::int64_t stored_ms = half.stored.store_timestamp_ms;
  if (!half.renewed) return stored_ms;
  const Result<std::int64_t> first_ms = parts_.store->store_time_at(kHalfTopic, kQueue, half.first);
  return std::clamp<std::int64_t>(first_ms ? *first_ms : half.stored.message.born_timestamp_ms, 0, stored_ms);
}

Status HalfActions::commit(const HalfMessage& half) const {
  FinalMessage final;
  if (const Status made = make_final(half, final); !made) return made.error();
  DeliveryOptions options;
  if (carries_delay(PropertiesView(final.properties))) options.interceptors_after = TransactionInterceptor::kOrder;
  const Result<AppendReceipt> stored = parts_.delivery->deliver(final.message, options);
  if (!stored) return stored.error();
  return {};
}

Result<AppendReceipt> HalfActions::renew(const HalfMessage& half, std::string_view properties) const {
  Message message = half.stored.message;
  message.topic = kHalfTopic;
  message.queue_id = kQueue;
  message.store_host = {};
  message.properties = properties;
  message.indexed = std::nullopt;
  auto stored = parts_.delivery->deliver(message, {});
  if (stored) parts_.counters->rewritten.fetch_add(1, std::memory_order_relaxed);
  return stored;
}

Status HalfActions::discard(const HalfMessage& half) const {
  Message message = half.stored.message;
  message.topic = kDiscardTopic;
  message.queue_id = kQueue;
  message.store_host = {};
  message.indexed = std::nullopt;
  const Result<AppendReceipt> stored = parts_.delivery->deliver(message, {});
  if (!stored) return stored.error();
  parts_.counters->discarded.fetch_add(1, std::memory_order_relaxed);
  const std::string id(half.unique_key);
  parts_.host->log().warn("gave up on the transaction ", id, " of producer group '", half.producer_group, "' after ",
                          half.check_times, " checks: its message is in ", kDiscardTopic, " at ", stored->queue_offset,
                          "; `tenon tx resume` brings it back");
  return {};
}

void HalfActions::count_end(const HalfMessage& half) const {
  const PropertiesView properties(half.stored.message.properties);
  const auto topic = properties.find(tenon::property::real_topic);
  if (topic) parts_.waiting->add(*topic, -1, parts_.host->now_ms());
}

bool HalfActions::is_committed(const HalfMessage& half) const {
  const auto topic = PropertiesView(half.stored.message.properties).find(tenon::property::real_topic);
  if (!topic || half.unique_key.empty()) return false;
  KeyQuery query;
  query.topic = *topic;
  query.key = half.unique_key;
  // The producer's clock may be ahead of ours.
  query.begin_timestamp_ms = std::max(half.stored.message.born_timestamp_ms, kClockSkewMaxMs) - kClockSkewMaxMs;
  const Result<KeyQueryResult> found = parts_.store->query_by_key(query);
  if (!found) return false;
  for (const StoredRecord& stored : found->records) {
    if (is_commit_of(stored, *topic, half.unique_key)) return true;
  }
  return false;
}

}  // namespace tenon::transaction
