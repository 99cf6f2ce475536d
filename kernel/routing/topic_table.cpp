// SPDX-License-Identifier: Apache-2.0
#include "routing/topic_table.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>

#include "routing/data_version.hpp"
#include "routing/light_queues.hpp"
#include "routing/system_names.hpp"
#include "routing/topics_json.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::kernel {
namespace {

constexpr std::int32_t kQueuesMax = 65'536;
constexpr std::int32_t kPermMax = 7;

Status validate(const TopicConfig& topic) {
  if (Status named = validate_topic_name(topic.name); !named) return named;
  if (topic.perm < 0 || topic.perm > kPermMax) {
    return Error(Errc::invalid_parameter,
                 text("topic[", topic.name, "]: perm ", topic.perm, " is not in 0..", kPermMax));
  }
  for (const std::int32_t queues : {topic.read_queue_nums, topic.write_queue_nums}) {
    if (queues >= 0 && queues <= kQueuesMax) continue;
    return Error(Errc::invalid_parameter,
                 text("topic[", topic.name, "]: ", queues, " queues, allowed are 0..", kQueuesMax));
  }
  return {};
}

bool is_batch_topic(const TopicConfig& topic) {
  const auto type = topic.attributes.find(std::string(kQueueTypeAttribute));
  return type != topic.attributes.end() && type->second == kBatchQueueType;
}

}  // namespace

TopicTable::TopicTable(const BrokerConfig& config, const RoleKeeper& role, WallClock now, BrokerStatistics& statistics,
                       Logger log)
    : config_(config), role_(role), now_(std::move(now)), statistics_(statistics), log_(std::move(log)) {
  for (TopicConfig& topic : built_in_topics(config_)) insert(std::move(topic));
  version_ = {};
  version_.timestamp_ms = now_();
}

TopicTable::~TopicTable() {
  if (file_) file_->close();
}

Status TopicTable::load(const std::filesystem::path& directory, boost::asio::any_io_executor disk) {
  const auto take = [this](std::string_view content) -> Status {
    Result<TopicsFile> decoded = decode_topics(content);
    if (!decoded) return decoded.error();
    const std::scoped_lock lock(mutex_);
    for (const auto& topic : decoded->topics) topics_[topic->name] = make_entry(topic);
    version_ = decoded->version;
    begin_edition();
    return {};
  };
  Result<BackgroundFile::Opened> opened = BackgroundFile::open(
      directory / "topics.json", disk, take, [this] { return encode(); }, log_);
  if (!opened) return opened.error();
  file_ = std::move(opened->file);
  make_owned_topics();
  disk_ = std::move(disk);
  log_.info(opened->existed ? "loaded " : "no topics.json, starting with ", list().size(), " topics");
  return {};
}

void TopicTable::stop() noexcept {
  if (file_) file_->finish();
}

std::string TopicTable::encode() const {
  TopicsFile file;
  file.topics = list();
  file.version = version();
  return encode_topics(file);
}

void TopicTable::set_owners(std::vector<Keyed<SystemTopic>> owners) {
  const std::scoped_lock lock(mutex_);
  owners_ = std::move(owners);
  for (const auto& [topic, owner, provider] : owners_) {
    const auto built_in = topics_.find(topic);
    if (built_in == topics_.end()) continue;
    built_in->second->owner = owner;
    built_in->second->sendable = false;
  }
}

void TopicTable::make_owned_topics() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [topic, owner, provider] : owners_) {
    if (topics_.contains(topic)) continue;
    TopicConfig config;
    config.name = topic;
    config.read_queue_nums = config.write_queue_nums = owner->queue_nums();
    insert(std::move(config));
  }
}

TopicEntryPtr TopicTable::make_entry(std::shared_ptr<const TopicConfig> config) const {
  auto entry = std::make_shared<TopicEntry>();
  entry->puts = statistics_.of_topic_puts(config->name);
  entry->sendable = is_sendable_topic(config->name);
  const auto owned = std::ranges::find(owners_, config->name, &Keyed<SystemTopic>::key);
  if (owned != owners_.end()) {
    entry->owner = owned->service;
    entry->sendable = false;  // a plug-in believes what it reads there
  }
  entry->batches = is_batch_topic(*config);
  if (entry->batches && !prepare_batch_topic_) entry->sendable = false;  // a Java broker's, and a store that cannot
  if (config->name.starts_with(kRetryPrefix)) entry->retry_group = config->name.substr(kRetryPrefix.size());
  entry->config = std::move(config);
  return entry;
}

TopicEntryPtr TopicTable::insert(TopicConfig config) {
  TopicEntryPtr entry = make_entry(std::make_shared<TopicConfig>(std::move(config)));
  topics_[entry->config->name] = entry;
  advance(version_, now_());
  begin_edition();
  return entry;
}

void TopicTable::begin_edition() noexcept {
  static std::atomic<std::uint64_t> last{0};
  edition_.store(last.fetch_add(1) + 1, std::memory_order_release);
}

// Producers send many messages to one topic, and consumers pull in turns: the last answer is often the next.
TopicEntryPtr TopicTable::lookup(std::string_view topic) const {
  struct Answer {
    std::uint64_t edition = 0;  ///< No table's: each begins its first when it is made.
    TopicEntryPtr entry;
  };
  thread_local Answer last;
  if (last.edition == edition_.load(std::memory_order_acquire) && last.entry->config->name == topic) return last.entry;
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(topic);
  const bool light = found == topics_.end() && config_.light_queues && is_light(topic);
  if (found == topics_.end() && !light) return nullptr;
  last = {edition_.load(std::memory_order_relaxed), light ? make_light_entry(topic) : found->second};
  return last.entry;
}

TopicEntryPtr TopicTable::make_light_entry(std::string_view topic) const {
  auto entry = std::make_shared<TopicEntry>();
  entry->config = std::make_shared<TopicConfig>(light_topic(topic));
  entry->puts = light_puts_;
  return entry;
}

std::int32_t TopicTable::queue_count(std::string_view topic) const {
  const TopicEntryPtr entry = lookup(topic);
  return entry ? std::max(entry->config->read_queue_nums, entry->config->write_queue_nums) : -1;
}

std::shared_ptr<const TopicConfig> TopicTable::find(std::string_view topic) const {
  const TopicEntryPtr entry = lookup(topic);
  return entry ? entry->config : nullptr;
}

std::vector<std::shared_ptr<const TopicConfig>> TopicTable::list() const {
  std::vector<std::shared_ptr<const TopicConfig>> all;
  {
    const std::shared_lock lock(mutex_);
    all.reserve(topics_.size());
    for (const auto& [name, entry] : topics_) all.push_back(entry->config);
  }
  std::ranges::sort(all, {}, [](const auto& topic) -> const std::string& { return topic->name; });
  return all;
}

DataVersion TopicTable::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

bool TopicTable::is_system(std::string_view topic) const { return is_system_topic(topic, config_); }

std::optional<TopicConfig> TopicTable::from_template(std::string_view topic, const TopicCreationHint& hint) const {
  const std::shared_ptr<const TopicConfig> model = find(hint.template_topic);
  const bool switched_off = hint.template_topic == system_topic::auto_create_template && !config_.auto_create_topic;
  TopicConfig created;
  created.name = topic;
  if (model && !switched_off && (model->perm & permission::inherit) != 0) {
    created.read_queue_nums = std::max(0, std::min(hint.default_queue_nums, model->write_queue_nums));
    created.perm = model->perm & ~permission::inherit;
    created.filter_type = model->filter_type;
    created.sys_flag = hint.topic_sys_flag;
  } else if (topic.starts_with(kRetryPrefix)) {
    created.read_queue_nums = 1;
    created.sys_flag = hint.topic_sys_flag;
  } else {
    return std::nullopt;
  }
  created.write_queue_nums = created.read_queue_nums;
  return created;
}

Result<TopicEntryPtr> TopicTable::find_or_create(std::string_view topic, const TopicCreationHint& hint) {
  if (TopicEntryPtr entry = lookup(topic)) return entry;
  if (const Status named = validate_topic_name(topic); !named) return named.error();
  std::optional<TopicConfig> fresh = from_template(topic, hint);
  if (!fresh) return TopicEntryPtr{};
  return create(std::move(*fresh));
}

Result<TopicEntryPtr> TopicTable::ensure(TopicConfig config) {
  if (TopicEntryPtr entry = lookup(config.name)) return entry;
  if (const Status valid = validate(config); !valid) return valid.error();
  return create(std::move(config));
}

Result<TopicEntryPtr> TopicTable::create(TopicConfig config) {
  if (const Status master = role_.check_master(); !master) return master.error();
  TopicEntryPtr entry;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = topics_.find(config.name); found != topics_.end()) return found->second;
    if (const Status gone = check_gone(config.name); !gone) return gone.error();
    if (topics_.size() >= static_cast<std::size_t>(config_.topics_max)) {
      statistics_.count_incident("refused.topic");
      return Error(Errc::busy, text("topic[", config.name, "] not created: there are ", topics_.size(),
                                    " topics already (broker.topics_max)"));
    }
    entry = make_entry(std::make_shared<TopicConfig>(std::move(config)));
    entry->settled.store(false, std::memory_order_relaxed);
    topics_[entry->config->name] = entry;
    advance(version_, now_());
    begin_edition();
  }
  log_.info("created topic ", entry->config->name, ", ", entry->config->write_queue_nums, " queues, perm ",
            entry->config->perm);
  settle(entry);
  return entry;
}

void TopicTable::settle(const TopicEntryPtr& entry) {
  // A failed write was logged, and the message that made the topic is stored: it is answered all the same.
  persist_and_announce({entry->config}, [this, entry](const Status&) { settled(entry); });
}

void TopicTable::settled(const TopicEntryPtr& entry) {
  std::vector<std::function<void()>> waiting;
  {
    const std::scoped_lock lock(settling_mutex_);
    entry->settled.store(true, std::memory_order_release);
    for (auto& [waited_for, done] : settling_) {
      if (waited_for == entry) waiting.push_back(std::move(done));
    }
    std::erase_if(settling_, [&](const auto& pair) { return pair.first == entry; });
  }
  for (const auto& done : waiting) done();
}

void TopicTable::when_settled(const TopicEntryPtr& entry, std::function<void()> done) {
  {
    const std::scoped_lock lock(settling_mutex_);
    if (!entry->settled.load(std::memory_order_acquire)) {
      settling_.emplace_back(entry, std::move(done));
      return;
    }
  }
  done();
}

void TopicTable::persist(BackgroundFile::Done done) {
  if (file_) {
    file_->write(std::move(done));
  } else {
    done(Status{});
  }
}

void TopicTable::persist_and_announce(std::vector<std::shared_ptr<const TopicConfig>> topics, Done done) {
  struct Steps {
    std::mutex mutex;
    int left = 2;
    Status persisted;
    Done done;
  };
  auto steps = std::make_shared<Steps>();
  steps->done = std::move(done);
  const auto finish_one = [steps] {
    {
      const std::scoped_lock lock(steps->mutex);
      if (--steps->left > 0) return;
    }
    steps->done(steps->persisted);
  };
  persist([steps, finish_one](const Status& status) {
    {
      const std::scoped_lock lock(steps->mutex);
      steps->persisted = status;
    }
    finish_one();
  });
  if (announcer_ != nullptr) {
    announcer_->announce(std::move(topics), version(), finish_one);
  } else {
    finish_one();
  }
}

Status TopicTable::check_put(const TopicConfig& config) const {
  if (Status master = role_.check_master(); !master) return master;
  if (Status valid = validate(config); !valid) return valid;
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
    if (const Status gone = check_gone(config.name); !gone) return gone;
    if (!topics_.contains(config.name)) fresh.insert(config.name);
  }
  if (fresh.empty() || topics_.size() + fresh.size() <= static_cast<std::size_t>(config_.topics_max)) return {};
  statistics_.count_incident("refused.topic");
  return Error(Errc::busy, text(fresh.size(), " topics not created: there are ", topics_.size(), " already and ",
                                config_.topics_max, " may be (broker.topics_max)"));
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

Status TopicTable::take(std::vector<TopicConfig> topics, const DataVersion& version) {
  for (const TopicConfig& config : topics) {
    if (!validate(config)) continue;
    if (Status prepared = prepare(config); !prepared) return prepared;
  }
  NameMap<TopicEntryPtr> fresh;
  std::vector<std::string> gone;
  {
    const std::scoped_lock lock(mutex_);
    if (taken_ == version) return {};
    for (TopicConfig& config : topics) {
      if (!validate(config)) continue;
      const auto known = topics_.find(config.name);
      const bool same = known != topics_.end() && *known->second->config == config;
      std::string name = config.name;
      fresh[std::move(name)] = same ? known->second : make_entry(std::make_shared<TopicConfig>(std::move(config)));
    }
    for (const auto& [name, entry] : topics_) {
      if (fresh.contains(name)) continue;
      is_own(name) ? void(fresh[name] = entry) : gone.push_back(name);
    }
    topics_.swap(fresh);
    version_ = version;
    taken_ = version;
    begin_edition();
  }
  log_.info("took ", topics.size(), " topics over from the master; ", gone.size(), " are gone");
  persist([](const Status&) {});
  for (const std::string& topic : gone) {
    if (Status removed = removed_ ? removed_(topic) : Status{}; !removed) return removed;
  }
  return {};
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
  Status removed = removed_ ? removed_(topic) : Status{};
  const std::scoped_lock lock(mutex_);
  removing_.erase(removing_.find(topic));
  return removed;
}

}  // namespace tenon::kernel
