// SPDX-License-Identifier: Apache-2.0
// QUERY_CORRECTION_OFFSET and QUERY_CONSUME_QUEUE: what lies in the consume queue itself.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include "fastjson/writer.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/client_bodies.hpp"
#include "tenon/filter.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

constexpr std::int32_t kEntriesMax = 1'000;

std::set<std::string, std::less<>> split_at_commas(std::string_view list) {
  std::set<std::string, std::less<>> parts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (end > 0) parts.emplace(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

/// For each queue the smallest offset among the groups of a topic, or the largest number there is where that is beyond
/// the offset of the compared group. RocketMQ also deletes the offsets of the groups it was told to leave out; asking
/// must not change anything here. broker-semantics.md 6.7.
std::map<std::int32_t, std::int64_t> correction_offsets(const BrokerServices& services, const std::string& topic,
                                                        const std::set<std::string, std::less<>>& left_out,
                                                        const std::string& compared_group) {
  std::map<std::int32_t, std::int64_t> smallest;
  for (const std::string& group : services.offsets->groups_of(topic)) {
    if (left_out.contains(group)) continue;
    for (const auto& [queue_id, offset] : services.offsets->of_topic(group, topic)) {
      if (offset < services.store->bounds(topic, queue_id).min) continue;
      const auto [place, fresh] = smallest.try_emplace(queue_id, offset.value);
      if (!fresh) place->second = std::min(place->second, offset.value);
    }
  }
  for (const auto& [queue_id, offset] : services.offsets->of_topic(compared_group, topic)) {
    const auto found = smallest.find(queue_id);
    if (found != smallest.end() && found->second > offset.value) {
      found->second = std::numeric_limits<std::int64_t>::max();
    }
  }
  return smallest;
}

void query_correction_offset(Request& request) {
  const auto offsets = correction_offsets(request.services(), std::string(request.require_text("topic")),
                                          split_at_commas(request.text("filterGroups")),
                                          std::string(request.require_text("compareGroup")));
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("correctionOffsets").begin_object();
  for (const auto& [queue_id, offset] : offsets) json.key(queue_id).value(offset);
  json.end_object().end_object();
  request.succeed_with_body(std::move(body));
}

/// Writes down the index entries that a read comes by.
class EntryRecorder final : public CompiledFilter {
 public:
  bool match_index(const IndexEntry& entry) const noexcept override {
    if (count_ < entries_.size()) {
      entries_[count_] = entry;
      entries_[count_++].extension = nullptr;
    }
    return true;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return true; }

  explicit EntryRecorder(std::size_t most) : entries_(most) {}
  std::span<const IndexEntry> entries() const { return std::span(entries_).first(count_); }

 private:
  mutable std::vector<IndexEntry> entries_;
  mutable std::size_t count_ = 0;
};

struct QueueQuestion {
  std::string topic, group;
  std::int32_t queue_id = 0;
  std::int64_t index = 0;
  std::int32_t count = 0;
};

/// Whether the group would get the message, as far as the entry alone can say. Expressions of other types need the
/// properties: their entries pass.
bool passes(const Subscription* subscription, const IndexEntry& entry) {
  if (subscription == nullptr || subscription->expression_type != "TAG" || subscription->codes.empty()) return true;
  return std::ranges::any_of(subscription->codes, [&](std::int32_t code) { return code == entry.tags_code; });
}

void write_entries(fastjson::Writer& json, std::span<const IndexEntry> entries, const Subscription* subscription) {
  json.key("queueData").begin_array();
  for (const IndexEntry& entry : entries) {
    json.begin_object().member("eval", passes(subscription, entry));
    json.member("physicOffset", entry.physical_offset.value).member("physicSize", entry.size_bytes);
    json.member("tagsCode", entry.tags_code).end_object();
  }
  json.end_array();
}

Answer consume_queue(const BrokerServices& services, const QueueQuestion& asked) {
  const QueueBounds bounds = services.store->bounds(asked.topic, asked.queue_id);
  const auto topic = services.topics->find(asked.topic);
  const std::int32_t queues = topic ? std::max(topic->read_queue_nums, topic->write_queue_nums) : 0;
  if (bounds.max.value == 0 && (asked.queue_id < 0 || asked.queue_id >= queues)) {
    throw Failure(Error(Errc::internal, text(asked.queue_id, '@', asked.topic, " is not exist!")));
  }
  if (asked.index < bounds.min.value || asked.index >= bounds.max.value) {
    throw Failure(
        Error(Errc::internal, text("Index ", asked.index, " of ", asked.queue_id, '@', asked.topic, " is not exist!")));
  }
  const EntryRecorder recorder(static_cast<std::size_t>(asked.count));
  ReadRequest read{asked.topic, asked.queue_id, QueueOffset{asked.index}, asked.count, INT64_MAX, &recorder};
  (void)services.store->read(read);  // only what the filter was shown is wanted
  const auto state = asked.group.empty() ? std::nullopt : services.clients->consumer_group(asked.group);
  const Subscription* subscription = nullptr;
  if (state) {
    const auto found = std::ranges::find(state->subscriptions, asked.topic, &Subscription::topic);
    if (found != state->subscriptions.end()) subscription = &*found;
  }
  Answer answer;
  fastjson::Writer json(answer.body);
  json.begin_object();
  if (!asked.group.empty() && subscription == nullptr) {
    json.member("filterData", text(asked.group, '@', asked.topic, " is not online!"));
  }
  json.member("maxQueueIndex", bounds.max.value).member("minQueueIndex", bounds.min.value);
  write_entries(json, recorder.entries(), subscription);
  if (subscription != nullptr) {
    json.key("subscriptionData");
    write_subscription(json, *subscription);
  }
  json.end_object();
  return answer;
}

void query_consume_queue(Request& request) {
  QueueQuestion asked{std::string(request.require_text("topic")), std::string(request.text("consumerGroup")),
                      request.require_int32("queueId"), request.require_int64("index"),
                      std::clamp(request.require_int32("count"), 1, kEntriesMax)};
  answer_from_disk(
      request, [asked = std::move(asked)](const BrokerServices& services) { return consume_queue(services, asked); });
}

}  // namespace

void add_queue_inspection_handlers(HandlerTable& table) {
  table.add(RequestCode::query_correction_offset, query_correction_offset);
  table.add(RequestCode::query_consume_queue, query_consume_queue);
}

}  // namespace tenon::protocol_native
