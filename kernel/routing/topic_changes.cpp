// SPDX-License-Identifier: Apache-2.0
// The half of TopicTable that changes topics as others ask for it: operators one by one, the master of a slave all.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>

#include "routing/data_version.hpp"
#include "routing/light_queues.hpp"
#include "routing/topic_rules.hpp"
#include "routing/topic_table.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/message_store.hpp"

namespace tenon::kernel {
namespace {

/// Of the log, in bytes: as long as nothing else is written. A tenth of a second of looking.
constexpr std::int64_t kUncoveredMax = 256LL << 20;

}  // namespace

Status TopicTable::check_put(const TopicConfig& config) const {
  if (Status master = role_.check_master(); !master) return master;
  if (Status valid = validate_topic(config); !valid) return valid;
  if (is_system(config.name)) {
    return Error(Errc::invalid_parameter, text("The topic[", config.name, "] is conflict with system topic."));
  }
  if (prepare_batch_topic_ || !is_batch_topic(config)) return {};
  return Error(Errc::not_supported, text("topic[", config.name, "]: the store has no batch consume queues (",
                                         kQueueTypeAttribute, "=", kBatchQueueType, ")"));
}

// The lock is held. Or what is stored for the new topic went with the queues of the old one.
Status TopicTable::check_gone(const std::string& topic) const {
  if (!removing_.contains(topic)) return {};
  return Error(Errc::busy, text("topic[", topic, "] is being deleted, try again"));
}

// The lock is held. All or none: who asks for many topics must not have to find out which of them are there.
Status TopicTable::room_for(const std::vector<TopicConfig>& configs) const {
  std::set<std::string_view> fresh;
  for (const TopicConfig& config : configs) {
    if (Status gone = check_gone(config.name); !gone) return gone;
    if (!topics_.contains(config.name)) fresh.insert(config.name);
  }
  if (fresh.empty() || topics_.size() + fresh.size() <= static_cast<std::size_t>(config_.topics_max)) return {};
  statistics_.count_incident("refused.topic");
  return Error(Errc::busy, text(fresh.size(), " topics not created: there are ", topics_.size(), " already and ",
                                config_.topics_max, " may be (broker.topics_max)"));
}

std::size_t TopicTable::room() const {
  const std::shared_lock lock(mutex_);
  const auto most = static_cast<std::size_t>(config_.topics_max);
  return most - std::min(most, topics_.size());  // a slave takes as many over as its master has
}

Status TopicTable::check_room(const std::vector<TopicConfig>& configs) const {
  const std::shared_lock lock(mutex_);
  return room_for(configs);
}

void TopicTable::put(TopicConfig config, Done done) {
  std::vector<TopicConfig> one;
  one.push_back(std::move(config));
  put_all(std::move(one), std::move(done));
}

void TopicTable::put_all(std::vector<TopicConfig> configs, Done done) {
  if (config_.light_queues) std::erase_if(configs, [](const TopicConfig& config) { return is_light(config.name); });
  for (const TopicConfig& config : configs) {
    if (const Status valid = check_put(config); !valid) return done(valid);
  }
  if (std::ranges::none_of(configs, is_batch_topic)) return finish_put(insert_all(std::move(configs)), std::move(done));
  auto prepare_and_put = [this, configs = std::move(configs), done = std::move(done)]() mutable {
    finish_put(prepare_and_insert(std::move(configs)), std::move(done));
  };
  if (!disk_) return prepare_and_put();
  boost::asio::post(disk_, std::move(prepare_and_put));
}

Result<TopicTable::Changed> TopicTable::prepare_and_insert(std::vector<TopicConfig> configs) {
  const std::scoped_lock in_turn(store_mutex_);
  // Nobody would take back what the store has prepared for topics that are too many.
  if (Status room = check_room(configs); !room) return room.error();
  for (const TopicConfig& config : configs) {
    if (Status prepared = prepare(config); !prepared) return prepared.error();
  }
  return insert_all(std::move(configs));
}

Status TopicTable::prepare(const TopicConfig& config) const {
  return prepare_batch_topic_ && is_batch_topic(config) ? prepare_batch_topic_(config.name) : Status{};
}

Status TopicTable::prepare_batch_topics() const {
  for (const auto& topic : list()) {
    if (Status prepared = prepare(*topic); !prepared) return prepared;
  }
  return {};
}

Result<TopicTable::Changed> TopicTable::insert_all(std::vector<TopicConfig> configs) {
  Changed changed;
  const std::scoped_lock lock(mutex_);
  if (Status room = room_for(configs); !room) return room.error();
  for (TopicConfig& config : configs) {
    const auto found = topics_.find(config.name);
    if (found != topics_.end() && *found->second->config == config) continue;
    changed.push_back(insert(std::move(config))->config);
  }
  return changed;
}

void TopicTable::finish_put(Result<Changed> changed, Done done) {
  if (!changed) return done(changed.error());
  if (changed->empty()) return done(Status{});
  for (const auto& topic : *changed) {
    log_.info("topic ", topic->name, " set to ", topic->read_queue_nums, "/", topic->write_queue_nums, " queues, perm ",
              topic->perm);
  }
  persist_and_announce(std::move(*changed), std::move(done));
}

bool TopicTable::is_own(const std::string& topic) const {
  return is_system(topic) || std::ranges::find(owners_, topic, &Keyed<SystemTopic>::key) != owners_.end();
}

Status TopicTable::take(std::vector<TopicConfig> topics, const DataVersion& version, const CoveredLog& covered) {
  for (const TopicConfig& config : topics) {
    if (!validate_topic(config)) continue;
    if (Status prepared = prepare(config); !prepared) return prepared;
  }
  const std::scoped_lock in_turn(store_mutex_);
  Status saved = become(std::move(topics), version, covered);
  forget_gone();
  return saved;
}

/// store_mutex_ held.
Status TopicTable::become(std::vector<TopicConfig> topics, const DataVersion& version, const CoveredLog& covered) {
  NameMap<TopicEntryPtr> fresh;
  std::size_t gone = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (taken_ == version) return {};
    for (TopicConfig& config : topics) {
      if (!validate_topic(config)) continue;
      gone_.erase(config.name);
      const auto known = topics_.find(config.name);
      const bool same = known != topics_.end() && *known->second->config == config;
      std::string name = config.name;
      fresh[std::move(name)] = same ? known->second : make_entry(std::make_shared<TopicConfig>(std::move(config)));
    }
    for (const auto& [name, entry] : topics_) {
      if (fresh.contains(name)) continue;
      if (is_own(name)) {
        fresh[name] = entry;
      } else {
        gone_.insert_or_assign(name, covered.end);
        ++gone;
      }
    }
    topics_.swap(fresh);
    version_ = version;
    taken_ = version;
    begin_edition();
    const std::scoped_lock covering(covered_mutex_);
    const bool copies_log = covered.end != MessageStore::kWholeLog;
    covered_ = copies_log ? std::optional(covered) : std::nullopt;
    log_end_ = {};  // it was of the table before
  }
  log_.info("took ", topics.size(), " topics over from the master; ", gone, " are gone");
  Status saved = file_ ? file_->write_here() : Status{};
  if (saved) {
    const std::scoped_lock covering(covered_mutex_);
    covered_in_file_ = covered_;
  } else {
    const std::scoped_lock lock(mutex_);
    taken_.reset();  // to be tried again
  }
  return saved;
}

std::optional<CoveredLog> TopicTable::covered_log() const {
  const std::scoped_lock lock(covered_mutex_);
  return covered_;
}

std::optional<CoveredLog> TopicTable::covered_now() {
  const std::scoped_lock lock(covered_mutex_);
  if (log_end_) covered_ = log_end_();
  return covered_;
}

void TopicTable::persist_if_it_covers_more() {
  CoveredLog now;
  {
    const std::scoped_lock lock(covered_mutex_);
    if (!log_end_) return;
    now = log_end_();
    const auto& written = covered_in_file_;
    if (written && written->epoch == now.epoch && now.end - written->end < kUncoveredMax) return;
  }
  persist([this, now](const Status& saved) {
    if (!saved) return;  // logged, and tried again
    const std::scoped_lock lock(covered_mutex_);
    covered_in_file_ = now;
  });
}

void TopicTable::set_log_end(std::function<CoveredLog()> log_end) {
  (void)covered_now();  // who is asked so far may end
  const std::scoped_lock lock(covered_mutex_);
  log_end_ = std::move(log_end);
}

/// store_mutex_ held. What cannot be deleted keeps none of the others from it, nor this broker from following.
void TopicTable::forget_gone() {
  std::optional<Error> failed;
  for (auto topic = gone_.begin(); topic != gone_.end();) {
    const Status removed = removed_ ? removed_(topic->first, topic->second) : Status{};
    if (!removed && !failed) failed = removed.error();
    topic = removed ? gone_.erase(topic) : std::next(topic);
  }
  if (failed) log_.warn(gone_.size(), " topics are gone, but not their queues: ", failed->message());
}

void TopicTable::remove(std::string_view topic, Done done) {
  if (topic.empty()) return done(Error(Errc::invalid_parameter, "The specified topic is blank."));
  if (Status master = role_.check_master(); !master) return done(std::move(master));
  if (is_system(topic)) {
    return done(Error(Errc::invalid_parameter, text("The topic[", topic, "] is conflict with system topic.")));
  }
  {
    const std::scoped_lock lock(mutex_);
    removing_.emplace(topic);
    const auto found = topics_.find(topic);
    if (found != topics_.end()) {
      topics_.erase(found);
      advance(version_, now_());
      begin_edition();
      log_.info("deleted topic ", topic);
    }
  }
  // The queues are forgotten even for an unknown topic: a Java broker may have left them behind.
  auto forget = [this, name = std::string(topic), done = std::move(done)]() mutable {
    const Status removed = forget_queues(name);
    removed ? persist(std::move(done)) : done(removed);
  };
  if (!disk_) return forget();
  boost::asio::post(disk_, std::move(forget));
}

Status TopicTable::forget_queues(const std::string& topic) {
  const std::scoped_lock in_turn(store_mutex_);
  Status removed = removed_ ? removed_(topic, MessageStore::kWholeLog) : Status{};
  const std::scoped_lock lock(mutex_);
  removing_.erase(removing_.find(topic));
  return removed;
}

}  // namespace tenon::kernel
