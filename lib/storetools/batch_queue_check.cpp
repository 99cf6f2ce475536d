// SPDX-License-Identifier: Apache-2.0
#include "storetools/batch_queue_check.hpp"

#include "logstore/file_system.hpp"
#include "logstore/options.hpp"
#include "logstore/queue_table.hpp"
#include "storetools/reading_file_system.hpp"
#include "storetools/usual_size.hpp"

namespace tenon::storetools {
namespace {

using logstore::BatchUnit;
using logstore::kBatchUnitSize;

bool same(const BatchUnit& left, const BatchUnit& right) {
  return left.size_bytes == right.size_bytes && left.tags_code == right.tags_code &&
         left.store_timestamp_ms == right.store_timestamp_ms && left.base == right.base && left.count == right.count;
}

std::string described(const BatchUnit& unit) {
  return text("the unit of queue offset ", unit.base, " (", unit.count, " messages, physical offset ",
              unit.physical_offset, ", size ", unit.size_bytes, ")");
}

}  // namespace

BatchQueueCheck::BatchQueueCheck(std::filesystem::path directory, const LogReader& log, PhysicalOffset recovered_from,
                                 DeletedTopics& deleted, Findings& findings)
    : directory_(std::move(directory)),
      log_(log),
      recovered_from_(recovered_from),
      deleted_(deleted),
      findings_(findings) {}

Status BatchQueueCheck::open() {
  const auto directories = logstore::list_queues(reading_file_system(), directory_);
  if (!directories) return directories.error();
  for (const auto& [topic, queue_ids] : *directories) {
    topics_.insert(topic);
    for (const std::int32_t id : queue_ids) {
      if (Status opened = open_queue(topic, directory_ / topic / std::to_string(id), id); !opened) return opened;
    }
  }
  check_lengths();
  return {};
}

void BatchQueueCheck::check_lengths() {
  UsualSize sizes(kBatchUnitSize);
  for (const auto& [key, queue] : queues_) {
    for (std::size_t index = 0; index < queue.files.size(); ++index)
      sizes.add(*logstore::parse_offset_file_name(queue.files[index].filename().string()), queue.sizes[index]);
  }
  const auto usual = sizes.value();
  for (const auto& [key, queue] : queues_) {
    for (std::size_t index = 0; index < queue.files.size(); ++index) {
      const std::int64_t size = queue.sizes[index];
      if (size == usual || (size == 0 && index + 1 == queue.files.size())) continue;
      findings_.add("batch consume-queue file of another length",
                    {Severity::damage, queue.files[index], -1,
                     text("has ", size, " bytes, but files of batch consume queues have ", usual.value_or(0))});
    }
  }
}

Status BatchQueueCheck::open_queue(const std::string& topic, const std::filesystem::path& directory, std::int32_t id) {
  const auto entries = reading_file_system().list(directory);
  if (!entries) return entries.error();
  Queue queue;
  queue.topic = topic;
  queue.id = id;
  std::optional<std::int64_t> end;
  for (const auto& entry : *entries) {
    const auto base = logstore::parse_offset_file_name(entry.name);
    const auto path = directory / entry.name;
    if (entry.is_directory || !base || *base % kBatchUnitSize != 0 || entry.size % kBatchUnitSize != 0) {
      findings_.add("foreign file", {Severity::damage, path, -1, "is no file of a batch consume queue"});
      continue;
    }
    if (end.value_or(*base) != *base)
      findings_.add("batch consume-queue files do not join",
                    {Severity::damage, path, -1, "does not join the file before it"});
    end = *base + entry.size;
    queue.files.push_back(path);
    queue.sizes.push_back(entry.size);
  }
  queues_.emplace(std::pair(topic, id), std::move(queue));
  return {};
}

bool BatchQueueCheck::concerns(const record::RecordView& view) const {
  return logstore::is_inner_batch(view) || topics_.contains(view.topic());
}

/// The unit to look at next; empty at the end of the data.
std::optional<BatchUnit> BatchQueueCheck::next(Queue& queue) {
  for (; queue.file < queue.files.size(); ++queue.file, queue.position = 0, queue.open = {}) {
    if (queue.open.size() == 0) {
      auto opened = InputFile::open(queue.files[queue.file]);
      if (!opened) throw Failure(opened.error());
      queue.open = std::move(*opened);
    }
    if (queue.position + kBatchUnitSize > queue.open.size()) continue;
    const BatchUnit unit = logstore::decode_unit(queue.open.bytes().data() + queue.position);
    return logstore::is_valid(unit) ? std::optional(unit) : std::nullopt;
  }
  return std::nullopt;
}

void BatchQueueCheck::step(Queue& queue, const BatchUnit& unit) {
  if (queue.end >= 0 && unit.base != queue.end)
    findings_.add("batch consume queue is not continuous",
                  {unit.base < queue.end ? Severity::damage : Severity::note, queue.files[queue.file], queue.position,
                   text(described(unit), " does not go on at ", queue.end)});
  queue.end = unit.end();
  queue.position += kBatchUnitSize;
}

void BatchQueueCheck::add_orphan(const Queue& queue, const BatchUnit& unit, Severity severity) {
  findings_.add("unit without a record", {severity, queue.files[queue.file], queue.position,
                                          text(described(unit), " points at no record of its queue")});
}

bool BatchQueueCheck::is_its_own(const Queue& queue, const BatchUnit& unit) const {
  const auto view = log_.record_at(unit.physical_offset);
  return view && view->topic() == queue.topic && view->queue_id() == queue.id && same(unit, logstore::unit_of(*view));
}

/// As QueueCheck sees it: only the units before the first one are asked for.
bool BatchQueueCheck::is_of_earlier_topic(Queue& queue, const record::RecordView& view) {
  if (queue.end >= 0) return false;  // walked on already
  if (!queue.first) {
    const auto unit = next(queue);
    if (!unit || !is_its_own(queue, *unit)) return false;
    queue.first = unit;
  }
  return view.queue_offset().value >= queue.first->base && view.physical_offset() < queue.first->physical_offset;
}

void BatchQueueCheck::expect(const record::RecordView& view) {
  const std::int32_t transaction = view.sys_flag() & sys_flag::transaction_mask;
  if (transaction == sys_flag::transaction_prepared || transaction == sys_flag::transaction_rollback) return;
  if (!logstore::can_be_a_directory(view.topic()) || view.queue_id() < 0) return;
  const Severity severity = view.physical_offset() >= recovered_from_ ? Severity::note : Severity::damage;
  const auto found = queues_.find(std::pair(std::string(view.topic()), view.queue_id()));
  if (found == queues_.end()) {
    deleted_.add_without_queue(directory_ / view.topic() / std::to_string(view.queue_id()), view.queue_offset().value,
                               view.physical_offset(), severity);
    return;
  }
  Queue& queue = found->second;
  if (is_of_earlier_topic(queue, view)) {
    deleted_.add_earlier(directory_ / view.topic(), view.physical_offset());
    return;
  }
  auto unit = next(queue);
  for (; unit && unit->physical_offset < view.physical_offset(); unit = next(queue)) {
    if (unit->physical_offset >= log_.min()) add_orphan(queue, *unit, Severity::damage);
    step(queue, *unit);
  }
  if (!unit || unit->physical_offset != view.physical_offset()) {
    findings_.add("record without its unit",
                  {severity, queue.files.empty() ? directory_ / view.topic() : queue.files.back(), -1,
                   text("no unit for the record at physical offset ", view.physical_offset(), ", queue offset ",
                        view.queue_offset())});
    return;
  }
  if (same(*unit, logstore::unit_of(view))) {
    ++units_;
  } else {
    findings_.add("wrong unit", {severity, queue.files[queue.file], queue.position,
                                 text(described(*unit), " is not that of the record that lies there")});
  }
  step(queue, *unit);
}

void BatchQueueCheck::finish(PhysicalOffset end) {
  for (auto& [key, queue] : queues_) {
    for (auto unit = next(queue); unit; unit = next(queue)) {
      const bool behind = unit->physical_offset >= end || unit->physical_offset >= recovered_from_;
      if (unit->physical_offset >= log_.min())
        add_orphan(queue, *unit, behind && recovered_from_.value < INT64_MAX ? Severity::note : Severity::damage);
      step(queue, *unit);
    }
  }
}

}  // namespace tenon::storetools
