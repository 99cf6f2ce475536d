// SPDX-License-Identifier: Apache-2.0
#include "storetools/queue_check.hpp"

#include <algorithm>

#include "logstore/file_system.hpp"
#include "logstore/light_queues.hpp"
#include "logstore/options.hpp"
#include "logstore/queue_entry.hpp"
#include "logstore/queue_table.hpp"
#include "storetools/delivery_times.hpp"
#include "storetools/reading_file_system.hpp"
#include "storetools/usual_size.hpp"
#include "tenon/message.hpp"

namespace tenon::storetools {
namespace {

using logstore::kQueueEntrySize;

constexpr std::size_t kOpenMax = 256;

/// Where a message waits for its delay, the code is the time of delivery; how long it waits, the broker was told.
bool is_code_of(std::string_view topic, std::int64_t tags_code, const record::RecordView& view) {
  if (topic == kScheduleTopic && delay_level_of(view.properties()) > 0)
    return tags_code >= view.store_timestamp_ms() && is_delay(tags_code - view.store_timestamp_ms());
  return tags_code == tags_code_of(view.properties());
}

bool same_tags(std::string_view topic, const IndexEntry& entry, const record::RecordView& view) {
  return logstore::is_extension_address(entry.tags_code) || is_code_of(topic, entry.tags_code, view);
}

}  // namespace

QueueCheck::QueueCheck(std::filesystem::path root, const LogReader& log, PhysicalOffset recovered_from,
                       DeletedTopics& deleted, Findings& findings)
    : root_(std::move(root)),
      descriptors_(reading_file_system(), kQueueDescriptorsMax),
      storage_{options_, reading_file_system(), descriptors_},
      log_(log),
      recovered_from_(recovered_from),
      deleted_(deleted),
      findings_(findings) {}

Status QueueCheck::open() {
  const auto root = root_ / "consumequeue";
  const auto directories = logstore::list_queues(reading_file_system(), root);
  if (!directories) return directories.error();
  for (const auto& [topic, queue_ids] : *directories) {
    has_light_queues_ = has_light_queues_ || logstore::is_light_queue(topic);
    for (const std::int32_t id : queue_ids) {
      if (Status opened = open_queue(topic, root / topic / std::to_string(id), id); !opened) return opened;
    }
  }
  check_lengths();
  return check_extension_lengths();
}

/// A broker opens no directory with a file of another length, but removes an empty one at the end of a queue.
void QueueCheck::check_lengths() {
  UsualSize sizes(kQueueEntrySize);
  for (const auto& [key, queue] : queues_) {
    for (const File& file : queue.files) sizes.add(file.first * kQueueEntrySize, file.size);
  }
  const auto usual = sizes.value();
  for (const auto& [key, queue] : queues_) {
    for (const File& file : queue.files) {
      if (file.size == usual || (file.size == 0 && &file == &queue.files.back())) continue;
      findings_.add("consume-queue file of another length",
                    {Severity::damage, file.path, -1,
                     text("has ", file.size, " bytes, but files of consume queues have ", usual.value_or(0))});
    }
  }
}

/// As with queues, for a broker that writes extensions. An empty file it removes.
Status QueueCheck::check_extension_lengths() {
  const auto root = root_ / "consumequeue_ext";
  const auto usual = usual_queue_file_size(root, 1);
  if (!usual) return usual.error();
  return for_each_queue_file(root, [&](const std::filesystem::path& file, std::int64_t size) {
    if (size == 0 || size == *usual) return;
    findings_.add("extension file of another length",
                  {Severity::damage, file, -1,
                   text("has ", size, " bytes, but files of consume-queue extensions have ", usual->value_or(0))});
  });
}

Status QueueCheck::open_queue(const std::string& topic, const std::filesystem::path& directory, std::int32_t id) {
  const auto entries = reading_file_system().list(directory);
  if (!entries) return entries.error();
  Queue queue;
  queue.topic = topic;
  queue.id = id;
  queue.directory = directory;
  for (const auto& entry : *entries) {
    const auto base = logstore::parse_offset_file_name(entry.name);
    const auto path = directory / entry.name;
    if (entry.is_directory || !base || *base % kQueueEntrySize != 0 || entry.size % kQueueEntrySize != 0) {
      findings_.add("foreign file", {Severity::damage, path, -1, "is no consume-queue file"});
      continue;
    }
    if (!queue.files.empty()) {
      const File& before = queue.files.back();
      if (before.first * kQueueEntrySize + before.size != *base || before.size != entry.size)
        findings_.add("consume-queue files do not join",
                      {Severity::damage, path, -1, "does not join the file before it"});
    }
    queue.files.push_back({*base / kQueueEntrySize, path, entry.size});
  }
  const auto beside = root_ / "consumequeue_ext" / topic / std::to_string(id);
  if (std::filesystem::exists(beside)) {
    queue.extension = std::make_unique<logstore::QueueExtension>(storage_, beside.string());
    if (Status loaded = queue.extension->load(); !loaded) return loaded;
  }
  queues_.emplace(std::pair(topic, id), std::move(queue));
  return {};
}

/// A unit that is missing costs a look into the record; a wrong one could keep a message from a consumer.
void QueueCheck::check_unit(const Queue& queue, const Found& found, const record::RecordView& view) {
  logstore::QueueExtension::Unit unit;
  if (!queue.extension || !queue.extension->read(found.entry.tags_code, unit, ReadWait::allowed)) {
    findings_.add("extension unit missing", {Severity::note, found.file->path, found.position,
                                             text("no unit at address ", found.entry.tags_code)});
    return;
  }
  const bool right_tags = is_code_of(queue.topic, unit.tags_code, view);
  if (right_tags && unit.extension.store_timestamp_ms == view.store_timestamp_ms()) return;
  findings_.add("wrong extension unit",
                {severity_of(view), found.file->path, found.position,
                 text("the unit at address ", found.entry.tags_code, " (tags ", unit.tags_code, ", store time ",
                      unit.extension.store_timestamp_ms, ") is not that of the record at ", view.physical_offset())});
}

std::span<const std::byte> QueueCheck::bytes_of(Queue& queue, std::size_t file) {
  if (queue.open_index != file) {
    if (queue.open_index == SIZE_MAX) opened_.push_back(&queue);
    auto opened = InputFile::open(queue.files[file].path);
    if (!opened) throw Failure(opened.error());
    queue.open = std::move(*opened);
    queue.open_index = file;
    if (opened_.size() > kOpenMax) {
      opened_.front()->open = {};
      opened_.front()->open_index = SIZE_MAX;
      opened_.erase(opened_.begin());
    }
  }
  return queue.open.bytes();
}

bool QueueCheck::find(Queue& queue, std::int64_t at, Found& found) {
  const auto after = std::upper_bound(queue.files.begin(), queue.files.end(), at,
                                      [](std::int64_t offset, const File& file) { return offset < file.first; });
  if (after == queue.files.begin()) return false;
  const auto file = std::prev(after);
  if (at - file->first >= file->size / kQueueEntrySize) return false;  // offsets of damaged records are anything
  found.position = (at - file->first) * kQueueEntrySize;
  found.file = &*file;
  const auto bytes = bytes_of(queue, static_cast<std::size_t>(file - queue.files.begin()));
  found.entry = logstore::decode_entry(bytes.data() + found.position);
  return true;
}

void QueueCheck::expect(const record::RecordView& view) {
  const std::int32_t transaction = view.sys_flag() & sys_flag::transaction_mask;
  if (transaction == sys_flag::transaction_prepared || transaction == sys_flag::transaction_rollback) return;
  if (!logstore::can_be_a_directory(view.topic())) return;  // the store gives it no queue
  expect_entry(view.topic(), view.queue_id(), view.queue_offset().value, view);
  expect_light_entries(view);
}

void QueueCheck::expect_light_entries(const record::RecordView& view) {
  if (!has_light_queues_) return;
  for (const logstore::LightEntry& light : logstore::light_entries_of(view))
    expect_entry(light.name, 0, light.offset, view);
}

void QueueCheck::expect_entry(std::string_view topic, std::int32_t id, std::int64_t at,
                              const record::RecordView& view) {
  if (last_ == nullptr || last_->topic != topic || last_->id != id) {
    const auto found = queues_.find(std::pair(std::string(topic), id));
    last_ = found == queues_.end() ? nullptr : &found->second;
  }
  if (last_ == nullptr) {
    deleted_.add_without_queue(root_ / "consumequeue" / topic / std::to_string(id), at, view.physical_offset(),
                               severity_of(view));
    return;
  }
  Found found;
  const bool is_there = find(*last_, at, found) && found.entry.size_bytes != 0;
  const bool is_elsewhere = !is_there || found.entry.physical_offset != view.physical_offset();
  if (is_elsewhere && is_of_earlier_topic(*last_, at, view.physical_offset())) {
    deleted_.add_earlier(last_->directory.parent_path(), view.physical_offset());
    return;
  }
  if (!is_there) {
    findings_.add(
        "record without its entry",
        {severity_of(view), found.file != nullptr ? found.file->path : last_->directory / "?",
         found.file != nullptr ? found.position : -1,
         text("no entry at queue offset ", at, " for the record at physical offset ", view.physical_offset())});
    return;
  }
  const IndexEntry& entry = found.entry;
  if (entry.physical_offset != view.physical_offset() || entry.size_bytes != view.total_size() ||
      !same_tags(topic, entry, view)) {
    findings_.add("wrong entry", {severity_of(view), found.file->path, found.position,
                                  text("the entry at queue offset ", at, " (physical offset ", entry.physical_offset,
                                       ", size ", entry.size_bytes, ", tags ", entry.tags_code,
                                       ") is not that of the record at ", view.physical_offset())});
    return;
  }
  if (logstore::is_extension_address(entry.tags_code)) check_unit(*last_, found, view);
  ++last_->matched;
  ++entries_;
}

/// Within one topic the offsets in the log grow with those in the queue. A wrong first entry tells nothing.
bool QueueCheck::is_of_earlier_topic(Queue& queue, std::int64_t at, PhysicalOffset record) {
  if (!queue.beginning) queue.beginning.emplace(find_beginning(queue));
  const auto& beginning = *queue.beginning;
  return beginning && at >= beginning->queue_offset && record < beginning->physical_offset;
}

std::optional<QueueCheck::Beginning> QueueCheck::find_beginning(Queue& queue) {
  for (std::size_t index = 0; index < queue.files.size(); ++index) {
    const auto bytes = bytes_of(queue, index);
    const std::int64_t count = std::ssize(bytes) / kQueueEntrySize;
    for (std::int64_t number = 0; number < count; ++number) {
      const IndexEntry entry = logstore::decode_entry(bytes.data() + number * kQueueEntrySize);
      if (logstore::is_filler(entry)) continue;
      const std::int64_t at = queue.files[index].first + number;
      // What a light queue points at is a record of another topic, so nothing is told there.
      if (!logstore::is_valid(entry) || logstore::is_light_queue(queue.topic) || !is_its_own(queue, at, entry))
        return std::nullopt;
      return Beginning{at, entry.physical_offset};
    }
  }
  return std::nullopt;
}

bool QueueCheck::is_its_own(const Queue& queue, std::int64_t at, const IndexEntry& entry) const {
  const auto view = log_.record_at(entry.physical_offset);
  if (!view || view->total_size() != entry.size_bytes) return false;
  // A light queue points at records of another topic.
  return queue.topic.starts_with("%LMQ%") ||
         (view->topic() == queue.topic && view->queue_id() == queue.id && view->queue_offset().value == at);
}

/// Counts the entries that point into the log; with `name_them` reports those that point at nothing of theirs.
std::int64_t QueueCheck::walk(Queue& queue, PhysicalOffset end, bool name_them) {
  std::int64_t count = 0, zeros_at = -1;
  for (std::size_t index = 0; index < queue.files.size(); ++index) {
    const File& file = queue.files[index];
    const auto bytes = bytes_of(queue, index);
    for (std::int64_t position = 0; position + kQueueEntrySize <= static_cast<std::int64_t>(bytes.size());
         position += kQueueEntrySize) {
      const IndexEntry entry = logstore::decode_entry(bytes.data() + position);
      const std::int64_t at = file.first + position / kQueueEntrySize;
      if (!logstore::is_valid(entry)) {
        if (zeros_at < 0) zeros_at = at;
        continue;
      }
      if (zeros_at >= 0 && name_them)
        findings_.add("hole", {Severity::damage, file.path, position, text("an entry behind zeros at ", zeros_at)});
      zeros_at = -1;
      if (logstore::is_filler(entry) || entry.physical_offset < log_.min()) continue;
      ++count;
      if (!name_them || is_its_own(queue, at, entry)) continue;
      const bool behind = entry.physical_offset >= end || entry.physical_offset >= recovered_from_;
      findings_.add(
          "entry without a record",
          {behind && recovered_from_.value < INT64_MAX ? Severity::note : Severity::damage, file.path, position,
           text("the entry at queue offset ", at, " points at physical offset ", entry.physical_offset,
                ", where no record of ", queue.topic, "/", queue.id, " lies")});
    }
  }
  return count;
}

void QueueCheck::finish(PhysicalOffset end) {
  for (auto& [key, queue] : queues_) {
    if (walk(queue, end, false) != queue.matched) (void)walk(queue, end, true);
    if (queue.files.empty()) continue;
    if (all_zeros(bytes_of(queue, queue.files.size() - 1)))
      findings_.add("empty consume-queue file",
                    {recovered_from_.value < INT64_MAX ? Severity::note : Severity::damage, queue.files.back().path, -1,
                     "holds nothing: a Java broker takes it for an entry"});
  }
}

}  // namespace tenon::storetools
