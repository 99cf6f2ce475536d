// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_table.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <optional>
#include <thread>

#include "logstore/light_queues.hpp"
#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

constexpr std::size_t kReportEvery = 1000;
constexpr std::size_t kLoaders = 4;

std::optional<std::int32_t> parse_queue_id(std::string_view name) {
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size() || id < 0) return std::nullopt;
  // `007` is no queue's: what queue 7 has lies in `7`.
  return std::to_string(id) == name ? std::optional(id) : std::nullopt;
}

/// Calls `one` for each number below `count`, on this thread and others if there are many. Returns one of the errors.
Status on_several_threads(std::size_t count, const std::function<Status(std::size_t)>& one) {
  std::atomic<std::size_t> next{0};
  std::mutex failure_mutex;
  Status failure;
  const auto do_some = [&] {
    for (std::size_t at = next++; at < count; at = next++) {
      if (Status done = one(at); !done) {
        next = count;
        const std::lock_guard lock(failure_mutex);
        failure = done;
      }
    }
  };
  std::vector<std::thread> helpers(count < kReportEvery ? 0 : kLoaders - 1);
  for (std::thread& helper : helpers) helper = std::thread(do_some);
  do_some();
  for (std::thread& helper : helpers) helper.join();
  return failure;
}

}  // namespace

bool can_be_a_directory(std::string_view topic) noexcept {
  return !topic.empty() && topic.size() <= record::kTopicSizeMax && topic != "." && topic != ".." &&
         topic.find('/') == std::string_view::npos && topic.find('\0') == std::string_view::npos;
}

Result<std::vector<TopicDirectory>> list_queues(FileSystem& file_system, const std::filesystem::path& root) {
  std::vector<TopicDirectory> found;
  const auto topics = file_system.list(root);
  if (!topics) return topics.error();
  for (const DirectoryEntry& topic : *topics) {
    if (!topic.is_directory) continue;
    const auto ids = file_system.list(root / topic.name);
    if (!ids) return ids.error();
    TopicDirectory& directory = found.emplace_back();
    directory.topic = topic.name;
    for (const DirectoryEntry& entry : *ids) {
      const auto id = parse_queue_id(entry.name);
      if (entry.is_directory && id) directory.queue_ids.push_back(*id);
    }
  }
  return found;
}

Status QueueTable::load(const QueueTrust& trust, const std::function<void(int)>& progress) {
  const auto directories = list_queues(storage_.file_system, StoreLayout(storage_.options).consume_queue);
  if (!directories) return directories.error();
  std::vector<std::pair<TopicName, std::int32_t>> found;
  for (const auto& [topic, queue_ids] : *directories) {
    const auto name = std::make_shared<const std::string>(topic);
    for (const std::int32_t id : queue_ids) found.emplace_back(name, id);
  }
  std::vector<std::shared_ptr<ConsumeQueue>> queues(found.size());
  Status loaded = on_several_threads(found.size(), [&](std::size_t at) {
    if (progress && at % kReportEvery == kReportEvery - 1) progress(static_cast<int>(at * 100 / found.size()));
    queues[at] = std::make_shared<ConsumeQueue>(storage_, found[at].first, found[at].second);
    return queues[at]->load(trust);
  });
  if (!loaded) return loaded;
  const std::unique_lock lock(mutex_);
  for (auto& queue : queues) add(std::move(queue));
  return {};
}

Status QueueTable::load_again(const QueueTrust& trust) {
  const auto queues = all();
  return on_several_threads(queues.size(), [&](std::size_t at) { return queues[at]->load_again(trust); });
}

Status QueueTable::load_extensions() {
  const auto queues = all();
  return on_several_threads(queues.size(), [&](std::size_t at) { return queues[at]->load_extension(); });
}

/// mutex_ held.
void QueueTable::add(std::shared_ptr<ConsumeQueue> queue) {
  if (is_light_queue(queue->topic())) light_queues_.fetch_add(1, std::memory_order_relaxed);
  const auto name = topics_.try_emplace(queue->topic(), queue->topic_name()).first->second.get();
  slots_.insert(*queue);
  queues_.push_back({name, std::move(queue)});
}

/// One for all queues of a topic: what an append compares it with is in the cache.
TopicName QueueTable::name_of(std::string_view topic) const {
  const auto known = topics_.find(topic);
  return known == topics_.end() ? std::make_shared<const std::string>(topic) : known->second;
}

ConsumeQueue& QueueTable::insert(const QueueKey& key) {
  auto queue = std::make_shared<ConsumeQueue>(storage_, name_of(key.topic), key.queue_id);
  ConsumeQueue& inserted = *queue;
  const std::unique_lock lock(mutex_);
  add(std::move(queue));
  return inserted;
}

Status QueueTable::cut_from(PhysicalOffset from) {
  for (const auto& [topic, queue] : queues_) {
    if (Status cut = queue->cut_from(from); !cut) return cut;
  }
  return {};
}

/// mutex_ held.
template <class IsIt>
void QueueTable::take_if(const IsIt& is_it) {
  std::erase_if(queues_, [&](const Named& named) {
    if (!is_it(named)) return false;
    slots_.erase(*named.queue);
    if (is_light_queue(*named.topic)) light_queues_.fetch_sub(1, std::memory_order_relaxed);
    return true;
  });
}

void QueueTable::take_removed(std::string_view topic) {
  const std::unique_lock lock(mutex_);
  const auto name = topics_.find(topic);
  if (name == topics_.end()) return;
  bool any_left = false;
  take_if([&](const Named& named) {
    if (named.topic != name->second.get()) return false;
    const bool removed = named.queue->has_no_files();
    any_left |= !removed;
    return removed;
  });
  if (!any_left) topics_.erase(name);
}

void QueueTable::take_topic(std::string_view topic) {
  const std::unique_lock lock(mutex_);
  const auto name = topics_.find(topic);
  if (name == topics_.end()) return;
  take_if([&](const Named& named) { return named.topic == name->second.get(); });
  topics_.erase(name);
}

Status QueueTable::remove_all() {
  for (const Named& named : queues_) {
    if (Status removed = named.queue->remove_files(); !removed) return removed;
  }
  const std::unique_lock lock(mutex_);
  take_if([](const Named&) { return true; });
  topics_.clear();
  return {};
}

std::vector<std::shared_ptr<ConsumeQueue>> QueueTable::of_topic(std::string_view topic) const {
  std::vector<std::shared_ptr<ConsumeQueue>> found;
  const std::shared_lock lock(mutex_);
  const auto name = topics_.find(topic);
  if (name == topics_.end()) return found;
  for (const Named& named : queues_) {
    if (named.topic == name->second.get()) found.push_back(named.queue);
  }
  return found;
}

std::shared_ptr<ConsumeQueue> QueueTable::find(const QueueKey& key) const {
  const std::shared_lock lock(mutex_);
  ConsumeQueue* const found = slots_.find(key);
  return found == nullptr ? nullptr : found->shared_from_this();
}

std::vector<std::shared_ptr<ConsumeQueue>> QueueTable::all() const {
  std::vector<std::shared_ptr<ConsumeQueue>> all;
  const std::shared_lock lock(mutex_);
  all.reserve(queues_.size());
  for (const Named& named : queues_) all.push_back(named.queue);
  return all;
}

}  // namespace tenon::logstore
