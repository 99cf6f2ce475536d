// SPDX-License-Identifier: Apache-2.0
#include "storetools/deleted_topics.hpp"

#include <algorithm>

#include "fastjson/reader.hpp"
#include "logstore/light_queues.hpp"
#include "state_file/state_file.hpp"
#include "storetools/delivery_times.hpp"
#include "tenon/text.hpp"

namespace tenon::storetools {
namespace {

/// Nobody deletes these, and a topics.json need not name them: a light queue is no topic, and a system topic may be
/// younger than the file.
bool is_never_deleted(std::string_view topic) {
  return logstore::is_light_queue(topic) || topic == kScheduleTopic || topic.starts_with("rmq_sys_") ||
         topic.starts_with("RMQ_SYS_");
}

std::string topic_of(const std::filesystem::path& queue) { return queue.parent_path().filename().string(); }

}  // namespace

std::optional<std::set<std::string, std::less<>>> topics_there_are(const std::filesystem::path& root) {
  const auto content = state_file::read_whole(root / "config" / "topics.json");
  if (!content || !*content) return std::nullopt;
  const auto json = fastjson::parse(**content, fastjson::kOwnFile);
  const fastjson::Value* const table = json ? json->find("topicConfigTable") : nullptr;
  if (table == nullptr || table->members().empty()) return std::nullopt;
  std::set<std::string, std::less<>> topics;
  for (const auto& [key, value] : table->members()) {
    if (auto name = key.as_text()) topics.insert(std::move(*name));
  }
  return topics;
}

void DeletedTopics::Earlier::add(std::int64_t count, PhysicalOffset from, PhysicalOffset to) {
  records += count;
  first = std::min(first, from);
  last = std::max(last, to);
}

void DeletedTopics::add_earlier(const std::filesystem::path& topic, PhysicalOffset at) {
  const std::string name = topic.filename().string();
  earlier_[name].add(1, at, at);
  directories_.try_emplace(name, topic);
}

void DeletedTopics::add_without_queue(const std::filesystem::path& queue, std::int64_t queue_offset, PhysicalOffset at,
                                      Severity severity) {
  LostQueue& lost = lost_[queue];
  if (lost.records++ == 0) lost.first = lost.run = at;
  if (queue_offset <= lost.queue_offset) lost.run = at;
  lost.queue_offset = queue_offset;
  lost.last = at;
  if (severity == Severity::damage) lost.severity = severity;
}

bool DeletedTopics::is_deleted(std::string_view topic) const {
  return topics_ && !topics_->contains(topic) && !is_never_deleted(topic);
}

/// A queue whose last run begins before the end of an earlier topic belongs to that as a whole, and may show that it
/// ended later: which may tell the same of another queue.
void DeletedTopics::find_earlier_queues() {
  for (bool found = true; found;) {
    found = false;
    for (auto queue = lost_.begin(); queue != lost_.end();) {
      const auto& [directory, lost] = *queue;
      const std::string topic = topic_of(directory);
      const auto earlier = earlier_.find(topic);
      const bool is_earlier = is_deleted(topic) || (earlier != earlier_.end() && lost.run <= earlier->second.last);
      if (!is_earlier) {
        ++queue;
        continue;
      }
      earlier_[topic].add(lost.records, lost.first, lost.last);
      directories_.try_emplace(topic, directory.parent_path());
      queue = lost_.erase(queue);
      found = true;
    }
  }
}

void DeletedTopics::finish() {
  find_earlier_queues();
  for (const auto& [directory, lost] : lost_) {
    findings_.add("record without its queue",
                  {lost.severity, directory, -1,
                   text("no such queue, but ", lost.records, lost.records == 1 ? " record belongs" : " records belong",
                        " to it, the first at physical offset ", lost.first)});
  }
  for (const auto& [topic, earlier] : earlier_) {
    records_[topic] = earlier.records;
    findings_.add("records of a deleted topic",
                  {Severity::note, directories_.at(topic), -1,
                   text(earlier.records, earlier.records == 1 ? " record" : " records",
                        " from before the topic was deleted, the first at physical offset ", earlier.first)});
  }
}

}  // namespace tenon::storetools
