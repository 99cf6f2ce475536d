// SPDX-License-Identifier: Apache-2.0
#include "reviver.hpp"

#include <algorithm>
#include <charconv>

#include "names.hpp"
#include "popped_records.hpp"
#include "receipt.hpp"
#include "record/read_records.hpp"
#include "tenon/properties.hpp"

namespace tenon::pop {
namespace {

/// In one step, so that the queues take turns.
constexpr std::int32_t kReadMax = 512;
/// The timer delivers to the second; an acknowledgement that was written in time has come by then.
constexpr std::int64_t kGraceMs = 2000;

/// When the timer was to deliver it; 0 if it came at once, because it was late.
std::int64_t due_time_of(const record::RecordView& record) {
  const std::string_view digits = record.properties().find(tenon::property::timer_deliver_ms).value_or("");
  std::int64_t time_ms = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), time_ms);
  return time_ms;
}

}  // namespace

bool Reviver::step() {
  // Taken before reading: all that was due before lies in the queue by now.
  const std::int64_t delivered_ms = parts_.scheduler->delivered_until_ms();
  const bool more = read_new();
  // Records come in the order of their times, so with more to read, what was read tells how far that is.
  revive_due((more ? std::min(due_ms_, delivered_ms) : delivered_ms) - kGraceMs);
  note_progress();
  return more;
}

bool Reviver::read_new() {
  if (next_.value < 0) {
    const auto done = parts_.offsets->find(kReviveGroup, parts_.revive_topic, queue_id_);
    next_ = done ? *done + 1 : QueueOffset{0};
  }
  ReadRequest request;
  request.topic = parts_.revive_topic;
  request.queue_id = queue_id_;
  request.offset = next_;
  request.max_messages = kReadMax;
  request.form = ReadForm::in_memory;
  const ReadResult read = parts_.whole_log->read(request);
  switch (read.status) {
    case ReadStatus::found:
      record::for_each_record(read, [this](const record::RecordView& record) { take(record); });
      break;
    case ReadStatus::no_message_in_queue:
    case ReadStatus::offset_overflow_badly:
      // The log has lost its end, or the topic was made anew: what comes there next has not been looked at.
      next_ = std::min(next_, read.max_queue_offset);
      return false;
    case ReadStatus::offset_overflow_one:
      return false;
    default:
      break;
  }
  next_ = std::max(next_, read.next_queue_offset);
  // Without a step forward there is no more for now, or the clock would never rest.
  return next_ > request.offset && next_ < read.max_queue_offset;
}

void Reviver::take(const record::RecordView& record) {
  if (record.queue_offset() < next_) return;
  next_ = record.queue_offset() + 1;
  vouched_by_ = std::max(vouched_by_, record.physical_offset() + record.total_size());
  due_ms_ = std::max(due_ms_, due_time_of(record));
  const std::string_view tag = record.properties().find(tenon::property::tags).value_or("");
  if (tag == kCheckPointTag) {
    auto check_point = parse_check_point(record.body());
    if (!check_point) return parts_.host->log().warn("a check point is not taken: ", check_point.error().message());
    const std::int64_t at = record.queue_offset().value;
    if (!offset_.try_emplace(check_point->id, at).second) return;  // came twice
    Pending pending{std::move(*check_point), {}};
    pending.done.resize(pending.check_point.distances.size());
    pending_.emplace(at, std::move(pending));
  } else if (tag == kAcknowledgementTag || tag == kBatchAcknowledgementTag) {
    const auto acknowledgement = parse_acknowledgement(record.body());
    if (!acknowledgement)
      return parts_.host->log().warn("an acknowledgement is not taken: ", acknowledgement.error().message());
    acknowledge(*acknowledgement);
  }
}

/// One without its check point comes after that was revived, and has no effect.
void Reviver::acknowledge(const Acknowledgement& acknowledgement) {
  const auto at = offset_.find(acknowledgement.id);
  if (at == offset_.end()) return;
  Pending& pending = pending_.at(at->second);
  const auto& distances = pending.check_point.distances;
  for (const QueueOffset offset : acknowledgement.offsets) {
    const auto found = std::ranges::find(distances, offset - acknowledgement.id.start_offset);
    if (found != distances.end()) pending.done[static_cast<std::size_t>(found - distances.begin())] = true;
  }
}

void Reviver::revive_due(std::int64_t horizon_ms) {
  for (auto entry = pending_.begin(); entry != pending_.end();) {
    Pending& pending = entry->second;
    if (pending.check_point.revive_time_ms() > horizon_ms || !revive(pending)) {
      ++entry;
      continue;
    }
    offset_.erase(pending.check_point.id);
    entry = pending_.erase(entry);
  }
}

bool Reviver::revive(Pending& pending) {
  const CheckPoint& check_point = pending.check_point;
  if (std::ranges::all_of(pending.done, [](bool done) { return done; })) return true;
  // Of a topic or group that was deleted meanwhile; of a broker whose log is not here.
  if (!parts_.topics->find(check_point.id.topic) || !parts_.groups->find(check_point.id.group)) return true;
  if (check_point.id.broker_name != parts_.identity->broker_name()) {
    parts_.host->log().warn("messages that were popped from broker ", check_point.id.broker_name,
                            " are not given out again here: ", unique_key_of(check_point));
    return true;
  }
  for (std::size_t index = 0; index < pending.done.size(); ++index) {
    if (pending.done[index]) continue;
    if (!revive_message(check_point, check_point.id.start_offset + check_point.distances[index])) return false;
    pending.done[index] = true;
  }
  const std::string_view topic = check_point.id.topic;
  if (const PopSource source = source_of(topic, check_point.id.group); source != PopSource::topic) {
    revived_(check_point.id.group, topic.substr(kRetryTopicPrefix.size() + check_point.id.group.size() + 1));
  } else {
    revived_(check_point.id.group, topic);
  }
  return true;
}

bool Reviver::revive_message(const CheckPoint& check_point, QueueOffset offset) {
  const auto original = message_at(*parts_.whole_log, check_point.id.topic, check_point.id.queue_id, offset);
  if (!original) return true;  // retention has taken it
  const std::string retry_topic = retry_topic_for(check_point);
  if (retry_topic.empty()) return false;
  Message message = original->record.message();
  std::string properties(message.properties);
  if (!PropertiesView(properties).find(property::first_pop_time))
    append_property(properties, property::first_pop_time, text(check_point.id.pop_time_ms));
  set_property(properties, property::origin_group, check_point.id.group);
  message.topic = retry_topic;
  message.queue_id = 0;
  message.reconsume_times += 1;
  message.properties = properties;
  message.indexed.reset();
  const auto delivered = parts_.delivery->deliver(message, {});
  if (!delivered) {
    if (delivered.error().is(Errc::message_illegal)) {
      parts_.host->log().error("a message cannot be given out again, ", unique_key_of(check_point), " at ", offset,
                               ": ", delivered.error().message());
      return true;
    }
    parts_.host->report_degraded("messages are not given out again", delivered.error().message());
    return false;
  }
  parts_.host->clear_degraded("messages are not given out again");
  vouched_by_ = std::max(vouched_by_, delivered->physical_end);
  return true;
}

std::string Reviver::retry_topic_for(const CheckPoint& check_point) {
  const std::string& group = check_point.id.group;
  const std::string& topic = check_point.id.topic;
  const bool is_retry = source_of(topic, group) != PopSource::topic;
  std::string name = is_retry ? topic : retry_topic_of(group, topic, PopSource::retry_topic);
  if (parts_.topics->find(name)) return name;
  TopicConfig config;
  config.name = name;
  config.read_queue_nums = config.write_queue_nums = 1;
  parts_.topics->put(std::move(config), [](const Status&) {});
  return parts_.topics->find(name) ? name : std::string();
}

void Reviver::note_progress() {
  if (next_.value < 0) return;
  // As with RocketMQ, this group's offset is that of the last record that is done, not of the next one.
  const QueueOffset done{(pending_.empty() ? next_.value : pending_.begin()->first) - 1};
  if (done.value < 0 || done == noted_) return;
  noted_ = done;
  offsets_.advance(kReviveGroup, parts_.revive_topic, queue_id_, done, vouched_by_);
}

}  // namespace tenon::pop
