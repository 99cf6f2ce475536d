// SPDX-License-Identifier: Apache-2.0
#include "logstore/deleted_topics.hpp"

#include <algorithm>

#include "record/crc32.hpp"
#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

constexpr std::int64_t kMagic = 0x54454E4F'4E44454C;  // "TENONDEL"
constexpr std::int64_t kFileMax = 2 << 20;
constexpr std::size_t kNumber = 8;

void put_number(std::string& out, std::int64_t number) {
  std::byte bytes[kNumber];
  record::store_big(bytes, number);
  out.append(reinterpret_cast<const char*>(bytes), kNumber);
}

/// Takes a number from the front; -1 when there is none.
std::int64_t take_number(std::string_view& in) {
  if (in.size() < kNumber) {
    in = {};
    return -1;
  }
  const auto number = record::load_big<std::int64_t>(std::as_bytes(std::span(in)).data());
  in.remove_prefix(kNumber);
  return number;
}

std::int64_t crc_of(std::string_view bytes) { return record::masked_crc32(std::as_bytes(std::span(bytes))); }

}  // namespace

Status DeletedTopics::load(const CommitLog& log) {
  const std::unique_lock lock(mutex_);
  topics_.clear();
  set_reach();
  if (!file_system_.exists(path_)) return {};
  const auto file = file_system_.open(path_, FileSystem::OpenMode::existing);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  std::string bytes(static_cast<std::size_t>(std::min(*size, kFileMax)), '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(bytes)));
  if (!got) return got.error();
  decode(std::string_view(bytes).substr(0, *got), log);
  prune(log.min());
  return {};
}

/// mutex_ held. A file that is torn, or another's, has nothing. Nor has what it says of another log: that was cut, or
/// has lost its end with the power, and went on otherwise.
void DeletedTopics::decode(std::string_view bytes, const CommitLog& log) {
  if (bytes.size() < 2 * kNumber) return;
  std::string_view in = bytes.substr(0, bytes.size() - kNumber), proof = bytes.substr(in.size());
  if (take_number(proof) != crc_of(in) || take_number(in) != kMagic) return;
  while (!in.empty()) {
    const std::int64_t below = take_number(in), tail = take_number(in), size = take_number(in);
    if (size < 0 || static_cast<std::size_t>(size) > in.size()) return;
    if (tail == kNotThereYet || tail == log.tail_crc_below({below}))
      topics_.insert_or_assign(std::string(in.substr(0, static_cast<std::size_t>(size))), Reach{below, tail});
    in.remove_prefix(static_cast<std::size_t>(size));
  }
}

/// mutex_ held. Each CRC is made once: later those pages of the log may have to come from the disk.
std::string DeletedTopics::encode(const CommitLog& log) {
  std::string out;
  put_number(out, kMagic);
  for (auto& [topic, reach] : topics_) {
    if (reach.tail == kNotThereYet && reach.below <= log.max().value) reach.tail = log.tail_crc_below({reach.below});
    put_number(out, reach.below);
    put_number(out, reach.tail);
    put_number(out, static_cast<std::int64_t>(topic.size()));
    out += topic;
  }
  put_number(out, crc_of(out));
  return out;
}

/// mutex_ held.
void DeletedTopics::set_reach() {
  std::int64_t reach = 0;
  for (const auto& [topic, one] : topics_) reach = std::max(reach, one.below);
  reach_.store(reach, std::memory_order_relaxed);
}

/// mutex_ held.
void DeletedTopics::prune(PhysicalOffset log_min) {
  std::erase_if(topics_, [&](const auto& entry) { return entry.second.below <= log_min.value; });
  while (topics_.size() > kTopicsMax) {
    topics_.erase(std::ranges::min_element(topics_, {}, [](const auto& entry) { return entry.second.below; }));
  }
  set_reach();
}

bool DeletedTopics::lies_below(std::string_view topic, PhysicalOffset at) const {
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(topic);
  return found != topics_.end() && at.value < found->second.below;
}

void DeletedTopics::add(std::string_view topic, PhysicalOffset below) {
  const std::unique_lock lock(mutex_);
  Reach& reach = topics_.try_emplace(std::string(topic)).first->second;
  if (below.value > reach.below) reach = {below.value, kNotThereYet};
  set_reach();
}

std::size_t DeletedTopics::size() const {
  const std::shared_lock lock(mutex_);
  return topics_.size();
}

Status DeletedTopics::save(const CommitLog& log) { return write(log, Saved::by_the_system); }

Status DeletedTopics::cut(const CommitLog& log, PhysicalOffset end) {
  if (end.value >= reach_.load(std::memory_order_relaxed)) return {};
  {
    const std::unique_lock lock(mutex_);
    for (auto& [topic, reach] : topics_) {
      if (reach.below > end.value) reach = {end.value, kNotThereYet};
    }
    set_reach();
  }
  return write(log, Saved::on_disk);
}

Status DeletedTopics::made_again(const CommitLog& log, std::string_view topic, PhysicalOffset at) {
  if (!covers(topic, at)) return {};
  {
    const std::unique_lock lock(mutex_);
    topics_.find(topic)->second = {at.value, kNotThereYet};
    set_reach();
  }
  return write(log, Saved::on_disk);
}

Status DeletedTopics::write(const CommitLog& log, Saved saved) {
  const std::lock_guard one(file_mutex_);
  const std::string bytes = [&] {
    const std::unique_lock lock(mutex_);
    prune(log.min());
    return encode(log);
  }();
  const std::filesystem::path directory = path_.parent_path();
  if (Status made = file_system_.create_directories(directory); !made) return made;
  const auto file = file_system_.create(path_, [&](File& made) -> Status {
    if (Status written = made.write_at(0, std::as_bytes(std::span(bytes))); !written) return written;
    return saved == Saved::on_disk ? made.sync() : Status{};
  });
  if (!file) return file.error();
  if (saved != Saved::on_disk) return {};
  if (Status synced = file_system_.sync_directory(directory); !synced) return synced;
  return file_system_.sync_directory(directory.parent_path());
}

}  // namespace tenon::logstore
