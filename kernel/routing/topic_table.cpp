// SPDX-License-Identifier: Apache-2.0
#include "routing/topic_table.hpp"

#include <algorithm>

#include "routing/data_version.hpp"
#include "routing/light_queues.hpp"
#include "routing/system_names.hpp"
#include "routing/topic_rules.hpp"
#include "routing/topics_json.hpp"

namespace tenon::kernel {

TopicTable::TopicTable(const BrokerConfig& config, const RoleKeeper& role, WallClock now, BrokerStatistics& statistics,
                       Logger log)
    : config_(config), role_(role), now_(std::move(now)), statistics_(statistics), log_(log) {
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
    const std::scoped_lock covering(covered_mutex_);
    covered_ = covered_in_file_ = decoded->covered;
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

std::string TopicTable::encode() {
  TopicsFile file;
  file.covered = covered_now();  // first: a topic is in the table before its messages are in the log
  file.version = version();      // before the topics: never newer than what it stands for
  file.topics = list();
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
  const bool switched_off = hint.template_topic == system_topic::auto_create_template && !config_.auto_create_topic;
  const std::shared_ptr<const TopicConfig> model = switched_off ? nullptr : find(hint.template_topic);
  return created_by_send(topic, model.get(), hint);
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
  if (const Status valid = validate_topic(config); !valid) return valid.error();
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
  persist_and_announce({entry->config}, [this, entry](const Status&) { unsettled_.settled(entry); });
}

void TopicTable::when_settled(const TopicEntryPtr& entry, std::function<void()> done) {
  unsettled_.when_settled(entry, std::move(done));
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

}  // namespace tenon::kernel
