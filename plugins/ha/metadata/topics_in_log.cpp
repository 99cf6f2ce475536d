// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/topics_in_log.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "ha/metadata/log_piece.hpp"
#include "record/record_view.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

constexpr std::int64_t kBytesMax = 1LL << 30;

struct Found {
  std::size_t place = 0;  ///< Among the topics, by their first message.
  std::int32_t queues = 0;
};
using FoundTopics = std::map<std::string, Found, std::less<>>;

void note(FoundTopics& found, std::string_view topic, std::int32_t queue_id) {
  auto known = found.find(topic);
  if (known == found.end()) known = found.emplace(topic, Found{found.size(), 0}).first;
  known->second.queues = std::max(known->second.queues, queue_id + 1);
}

/// Where messages wait for their own topic, and no client can send to. Source: TopicValidator of RocketMQ.
constexpr std::array<std::string_view, 3> kWaitingTopics{"SCHEDULE_TOPIC_XXXX", "rmq_sys_wheel_timer",
                                                         "RMQ_SYS_TRANS_HALF_TOPIC"};

void note(FoundTopics& found, const record::RecordView& record) {
  note(found, record.topic(), record.queue_id());
  if (std::ranges::find(kWaitingTopics, record.topic()) == kWaitingTopics.end()) return;
  if (const auto meant = record.properties().find(property::real_topic)) note(found, *meant, 0);
}

int percent(std::int64_t part, std::int64_t whole) { return static_cast<int>(part * 100 / whole); }

/// How many bytes of whole records, or of a filler, `bytes` begins with. Their topics are noted.
std::int64_t note_all(FoundTopics& found, std::span<const std::byte> bytes) {
  std::size_t used = 0;
  while (bytes.size() - used >= record::kBlankSize) {
    const auto rest = bytes.subspan(used);
    const auto size = record::load_big<std::int32_t>(rest.data() + record::position::total_size);
    if (size <= 0 || static_cast<std::size_t>(size) > rest.size()) break;
    if (const auto record = record::RecordView::decode(rest)) note(found, *record);
    used += static_cast<std::size_t>(size);
  }
  return static_cast<std::int64_t>(used);
}

}  // namespace

TopicsInLog topics_in_log(const LogTap& log, PhysicalOffset from, std::int32_t queues_min,
                          const std::function<bool(int percent)>& goes_on) {
  const PhysicalOffset end = log.log_max();
  const PhysicalOffset earliest = end - kBytesMax;
  if (from < earliest) from = earliest - earliest.value % log.log_file_size();
  from = std::max(from, log.log_min());
  TopicsInLog in_log;
  in_log.begin = from;
  FoundTopics found;
  while (from < end) {
    if (!goes_on(percent(from - in_log.begin, end - in_log.begin))) {
      in_log.reached_end = Error(Errc::shutting_down, text("nobody wants to know what comes from ", from, " on"));
      break;
    }
    const auto stretch = read_log_piece(log, from, end);
    if (!stretch) {
      in_log.reached_end = stretch.error();
      break;
    }
    const std::int64_t used = note_all(found, std::get<MemorySlice>(stretch->bytes).bytes);
    if (used == 0) {
      in_log.reached_end = Error(Errc::corrupt, text("no record begins at physical offset ", from));
      break;
    }
    from += used;
  }
  in_log.topics.resize(found.size());
  for (const auto& [name, seen] : found) {
    TopicConfig& topic = in_log.topics[seen.place];
    topic.name = name;
    // Those of a group begin with one queue.
    const bool of_a_group = name.starts_with(kRetryTopicPrefix) || name.starts_with(kDeadLetterTopicPrefix);
    topic.read_queue_nums = topic.write_queue_nums = std::max(seen.queues, of_a_group ? 1 : queues_min);
  }
  return in_log;
}

}  // namespace tenon::ha
