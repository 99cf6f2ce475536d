// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/young_topics.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

/// RocketMQ's defaultTopicQueueNums on the side of producers.
constexpr std::int32_t kQueuesMin = 4;
/// For people, where there may be thousands of topics.
constexpr std::size_t kNamesShown = 10;
/// Whoever makes topics meanwhile takes their room each time.
constexpr int kTriesMax = 10;
/// Of looking, before people are told.
constexpr std::chrono::seconds kShownAfter{1};

/// Of those from `begin` on.
std::string names(const std::vector<TopicConfig>& topics, std::size_t begin) {
  std::string out;
  const std::size_t end = std::min(topics.size(), begin + kNamesShown);
  for (std::size_t place = begin; place < end; ++place) out += text(place == begin ? "" : ", ", topics[place].name);
  return end < topics.size() ? out + ", ..." : out;
}

}  // namespace

TopicsInLog YoungTopics::look(PhysicalOffset from) const {
  const Parts& parts = work_->parts;
  const auto shown_from = std::chrono::steady_clock::now() + kShownAfter;
  TopicsInLog found = topics_in_log(parts.log, from, kQueuesMin, [&parts, shown_from](int percent) {
    if (std::chrono::steady_clock::now() >= shown_from)
      parts.report_progress(text("looks for topics in the log that were not copied yet: ", percent, " %"));
    return parts.is_master();
  });
  parts.report_progress({});
  return found;
}

void YoungTopics::make(PhysicalOffset known_up_to) {
  const Parts& parts = work_->parts;
  TopicsInLog found = look(known_up_to);
  if (!found.reached_end && found.reached_end.error().is(Errc::shutting_down)) {
    throw Failure(Error(Errc::shutting_down,
                        "it is not the master any more, so it did not look for topics to the end of its log"));
  }
  if (found.begin > std::max(known_up_to, parts.log.log_min())) {
    parts.logger.warn("topics may be missing of messages from physical offset ", known_up_to, " on. Only those from ",
                      found.begin, " on are looked at: all would take too long");
  }
  if (!found.reached_end) {
    parts.logger.error(
        "topics that were not copied yet may be missing: ", found.reached_end.error().message(),
        ". What comes behind was not looked at, and will be when this broker begins as the master again");
  }
  // A message may say that it is meant for a topic that nobody can make.
  std::erase_if(found.topics, [&parts](const TopicConfig& topic) {
    return !validate_topic_name(topic.name) || parts.topics.is_system(topic.name) ||
           parts.topics.find(topic.name) != nullptr;
  });
  make_those(work_, {.topics = std::move(found.topics), .all = found.reached_end.has_value()});
}

void YoungTopics::make_those(const SharedWork& work, Young young) {
  leave_out(work->parts, young);
  if (young.topics.empty()) return made(work, std::move(young), {});
  std::vector<TopicConfig> topics = young.topics;
  work->parts.topics.put_all(std::move(topics), [work, young = std::move(young)](const Status& status) mutable {
    made(work, std::move(young), status);
  });
}

/// More than there may be must not keep those from being made for which there is room.
void YoungTopics::leave_out(const Parts& parts, Young& young) {
  const std::size_t room = parts.topics.room();
  if (young.topics.size() <= room) return;
  const std::string missing = text("broker.topics_max leaves no room for ", young.topics.size() - room,
                                   " topics of messages that are here: ", names(young.topics, room),
                                   ". Raise it and start this broker again: it makes them then");
  parts.logger.error(missing);
  parts.report_missing(missing);
  young.topics.resize(room);
  young.all = false;
}

void YoungTopics::made(const SharedWork& work, Young young, const Status& status) {
  const Logger& log = work->parts.logger;
  // Somebody else has made topics since it was asked how many there may be.
  if (!status && status.error().is(Errc::busy) && ++young.tries < kTriesMax) return make_those(work, std::move(young));
  if (!status) {
    log.error(
        "cannot make the topics that were not copied yet, it is tried again when this broker begins as the master "
        "again: ",
        status.error().message());
    return;
  }
  if (!young.topics.empty()) {
    log.info(young.topics.size(),
             " topics were not copied yet, but their messages were: they are made, with the queues "
             "that their messages show: ",
             names(young.topics, 0));
  }
  if (young.all) cover(*work);
}

/// From here on a topic is in the table before its first message is in the log.
void YoungTopics::cover(Work& work) {
  const std::scoped_lock lock(work.mutex);
  if (work.stopped) return;
  work.parts.copy.set_log_end(work.parts.log_end);
  work.covers = true;
}

void YoungTopics::covers_up_to(const CoveredLog& covered) {
  const std::scoped_lock lock(work_->mutex);
  if (!work_->covers) work_->parts.copy.set_log_end([covered] { return covered; });
}

void YoungTopics::stop() noexcept {
  const std::scoped_lock lock(work_->mutex);
  work_->stopped = true;
  if (std::exchange(work_->covers, false)) work_->parts.copy.set_log_end({});
}

}  // namespace tenon::ha
