// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/young_topics.hpp"

#include <algorithm>
#include <utility>

#include "ha/metadata/topics_in_log.hpp"
#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

/// RocketMQ's defaultTopicQueueNums on the side of producers.
constexpr std::int32_t kQueuesMin = 4;
/// In one line for people; the log has all.
constexpr std::size_t kNamesShown = 5;

}  // namespace

void YoungTopics::make(PhysicalOffset known_up_to) {
  TopicsInLog found = topics_in_log(parts_.log, known_up_to, kQueuesMin, parts_.is_master);
  if (!found.reached_end && found.reached_end.error().is(Errc::shutting_down)) {
    throw Failure(Error(Errc::shutting_down,
                        "it is not the master any more, so it did not look for topics to the end of its log"));
  }
  if (found.begin > std::max(known_up_to, parts_.log.log_min())) {
    parts_.logger.warn("topics may be missing of messages from physical offset ", known_up_to, " on. Only those from ",
                       found.begin, " on are looked at: all would take too long");
  }
  if (!found.reached_end) {
    parts_.logger.error(
        "topics that were not copied yet may be missing: ", found.reached_end.error().message(),
        ". What comes behind was not looked at, and will be when this broker begins as the master again");
  }
  // A message may say that it is meant for a topic that nobody can make.
  std::erase_if(found.topics, [this](const TopicConfig& topic) {
    return !validate_topic_name(topic.name) || parts_.topics.is_system(topic.name) ||
           parts_.topics.find(topic.name) != nullptr;
  });
  const bool left_out = leave_out(found.topics);
  for (const TopicConfig& topic : found.topics) {
    parts_.logger.info("topic ", topic.name, " was not copied yet, but its messages were: it is made with ",
                       topic.write_queue_nums, " queues");
  }
  auto made = [covering = covering_, log = parts_.logger,
               saw_all = found.reached_end.has_value() && !left_out](const Status& status) {
    if (!status) {
      log.error(
          "cannot make the topics that were not copied yet, it is tried again when this broker begins as the "
          "master again: ",
          status.error().message());
    } else if (saw_all) {
      cover(*covering);
    }
  };
  found.topics.empty() ? made({}) : parts_.topics.put_all(std::move(found.topics), std::move(made));
}

/// More than there may be must not keep those from being made for which there is room. True: some are left out.
bool YoungTopics::leave_out(std::vector<TopicConfig>& topics) const {
  const std::size_t room = parts_.topics.room();
  if (topics.size() <= room) return false;
  std::string names;
  for (std::size_t place = room; place < topics.size(); ++place) {
    parts_.logger.error("topic ", topics[place].name,
                        " was not copied yet, but its messages were: it cannot be made, because there are as many "
                        "topics as broker.topics_max allows");
    if (place - room < kNamesShown) names += text(names.empty() ? "" : ", ", topics[place].name);
  }
  const std::size_t count = topics.size() - room;
  parts_.report_missing(text("broker.topics_max leaves no room for ", count,
                             " topics of messages that are here: ", names, count > kNamesShown ? ", ..." : "",
                             ". Raise it and start this broker again: it makes them then"));
  topics.resize(room);
  return true;
}

/// From here on a topic is in the table before its first message is in the log.
void YoungTopics::cover(Covering& covering) {
  const std::scoped_lock lock(covering.mutex);
  if (covering.stopped) return;
  covering.copy.set_log_end(covering.log_end);
  covering.covers = true;
}

void YoungTopics::stop() noexcept {
  const std::scoped_lock lock(covering_->mutex);
  covering_->stopped = true;
  if (std::exchange(covering_->covers, false)) covering_->copy.set_log_end({});
}

}  // namespace tenon::ha
