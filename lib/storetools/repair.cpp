// SPDX-License-Identifier: Apache-2.0
#include "storetools/repair.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "logstore/batch_unit.hpp"
#include "logstore/log_store.hpp"
#include "logstore/queue_entry.hpp"
#include "storetools/kept_files.hpp"
#include "storetools/queues_that_stay.hpp"
#include "storetools/reading_file_system.hpp"
#include "storetools/unfinished_repair.hpp"
#include "storetools/usual_size.hpp"
#include "storetools/verify.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;

logstore::StoreOptions options_of(const RepairRequest& request) {
  logstore::StoreOptions options;
  options.directory = request.directory;
  options.commit_log_directory = request.commit_log_directory;
  options.file_system = request.files;
  return options;
}

/// Of what the files do not tell, the default stays.
logstore::StoreOptions with_sizes(logstore::StoreOptions options, const logstore::FileSizes& sizes) {
  if (sizes.commit_log_file) options.commit_log_file_size = *sizes.commit_log_file;
  if (sizes.consume_queue_file_entries) options.consume_queue_file_entries = *sizes.consume_queue_file_entries;
  if (sizes.batch_consume_queue_file_units)
    options.batch_consume_queue_file_units = *sizes.batch_consume_queue_file_units;
  if (sizes.consume_queue_extension_file) {
    options.consume_queue_extension = true;
    options.consume_queue_extension_file_size = *sizes.consume_queue_extension_file;
  }
  if (sizes.index) {
    options.index_slots = sizes.index->slots;
    options.index_entries = sizes.index->entries;
  }
  return options;
}

/// What is left of a file without its trailing zeros.
std::span<const std::byte> without_trailing_zeros(std::span<const std::byte> bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

/// A whole file of the log. The first one stays, whatever is in it.
bool lies_behind_cut(const LogReader& log, const LogReader::File& file, PhysicalOffset cut_at) {
  return file.base >= cut_at.value && file.base != log.min().value;
}

std::int64_t bytes_behind(const LogReader& log, PhysicalOffset end) {
  for (auto file = log.files().rbegin(); file != log.files().rend() && file->end() > end.value; ++file) {
    const auto from = std::max<std::int64_t>(end.value - file->base, 0);
    const auto rest = without_trailing_zeros(file->input.bytes().subspan(static_cast<std::size_t>(from)));
    if (!rest.empty()) return std::max(file->base, end.value) + static_cast<std::int64_t>(rest.size()) - end.value;
  }
  return 0;
}

/// Of the file that holds the cut, a copy of what lies behind it: the store itself zeroes that.
Status save_tail(logstore::FileSystem& files, const RepairPlan& plan, const fs::path& saved) {
  Findings nobody([](const Finding&) {});
  const auto log = LogReader::open(plan.commit_log, nobody);
  if (!log) return log.error();
  for (const LogReader::File& file : log->files()) {
    if (file.end() <= plan.cut_at.value || lies_behind_cut(*log, file, plan.cut_at)) continue;
    const auto from = static_cast<std::size_t>(plan.cut_at.value - file.base);
    const auto tail = without_trailing_zeros(file.input.bytes().subspan(from));
    if (tail.empty()) continue;
    const auto path = saved / "commitlog" / (logstore::offset_file_name(plan.cut_at.value) + ".tail");
    if (Status written = write_file(files, path, tail); !written) return written;
  }
  return {};
}

/// Before the first of them goes, and before the queues are distrusted: a start that reads the log again deletes what
/// lies behind the damage.
Status save_log_files(logstore::FileSystem& files, const RepairPlan& plan, const fs::path& saved) {
  for (const fs::path& path : plan.log_files_cut) {
    if (Status kept = link_or_copy(files, path, saved / "commitlog" / path.filename()); !kept) return kept;
  }
  return plan.log_files_cut.empty() ? Status{} : files.sync_directory(saved / "commitlog");
}

/// The last one first, so that the log has no gap at any time.
Status remove_log_files(logstore::FileSystem& files, const RepairPlan& plan) {
  for (auto path = plan.log_files_cut.rbegin(); path != plan.log_files_cut.rend(); ++path) {
    if (Status removed = files.remove(*path); !removed) return removed;
  }
  return {};
}

/// From then on a start believes none of the queues but reads the whole log: whoever is stopped before the last of them
/// is moved leaves no store that looks whole.
Status distrust_queues(const RepairRequest& request, const fs::path& saved) {
  logstore::FileSystem& files = *request.files;
  if (Status marked = mark_unfinished(files, saved); !marked) return marked;
  if (Status written = write_file(files, request.directory / "abort", std::as_bytes(std::span("0", 1))); !written)
    return written;
  if (!fs::exists(request.directory / "checkpoint")) return {};
  if (Status moved = move_to(files, request.directory / "checkpoint", saved / "checkpoint"); !moved) return moved;
  if (Status synced = files.sync_directory(saved); !synced) return synced;
  return files.sync_directory(request.directory);
}

/// Too short: zeros follow, as where nothing was written yet. Too long: what is too much is saved.
Status correct_length(logstore::FileSystem& files, const WrongLength& wrong, fs::path saved_as) {
  const auto& [path, size] = wrong;
  {
    const auto file = InputFile::open(path);
    if (!file) return file.error();
    if (file->size() > size) {
      Status written = write_file(files, saved_as += ".surplus", file->bytes().subspan(static_cast<std::size_t>(size)));
      if (!written) return written;
    }
  }
  const auto file = files.open(path, logstore::FileSystem::OpenMode::existing);
  return file ? (*file)->set_size(size) : Status(file.error());
}

Status move_away(const RepairRequest& request, const RepairPlan& plan, const fs::path& saved) {
  logstore::FileSystem& files = *request.files;
  const auto name_of = [&](const fs::path& path) {
    const bool of_log = path.parent_path() == plan.commit_log;  // which may lie elsewhere
    return of_log ? "commitlog" / path.filename() : fs::relative(path, request.directory);
  };
  if (Status removed = remove_log_files(files, plan); !removed) return removed;
  for (const fs::path& path : plan.foreign_files) {
    if (Status moved = move_to(files, path, saved / name_of(path)); !moved) return moved;
  }
  for (const WrongLength& wrong : plan.wrong_lengths) {
    if (Status corrected = correct_length(files, wrong, saved / name_of(wrong.file)); !corrected) return corrected;
  }
  for (const fs::path& queue : plan.queues) {
    if (!fs::exists(queue)) continue;
    if (Status moved = move_to(files, queue, saved / name_of(queue)); !moved) return moved;
  }
  if (!fs::exists(request.directory / "index")) return {};
  return move_to(files, request.directory / "index", saved / "index");
}

/// The engine's own recovery makes queues and index again.
Status rebuild(const RepairRequest& request, const RepairPlan& plan) {
  logstore::StoreOptions options = with_sizes(options_of(request), plan.sizes);
  // Nothing expires while we look.
  options.retention.delete_when_hours.clear();
  options.retention.disk_max_used_ratio = 1;
  options.retention.disk_clean_forcibly_ratio = options.retention.disk_warning_ratio = 1;
  logstore::LogStore store(std::move(options));
  store.set_tags_code_rule(kScheduleTopic, *plan.delivery_times);
  if (Status opened = store.open(); !opened) return opened;
  store.close();
  if (fs::exists(request.directory / "abort"))
    return Error(Errc::io, "the store could not be closed; see the messages before this one");
  return {};
}

/// Of queues as most files have it: what is left of one that was cut short is no size to make all queues with.
Result<logstore::FileSizes> sizes_of(const logstore::StoreLayout& layout) {
  auto sizes = logstore::find_file_sizes(reading_file_system(), layout);
  if (!sizes) return sizes;
  const auto queues = usual_queue_file_size(layout.consume_queue, logstore::kQueueEntrySize);
  if (!queues) return queues.error();
  if (*queues) sizes->consume_queue_file_entries = **queues / logstore::kQueueEntrySize;
  const auto extensions = usual_queue_file_size(layout.consume_queue_extension, 1);
  if (!extensions) return extensions.error();
  sizes->consume_queue_extension_file = *extensions;
  const auto batches = usual_queue_file_size(layout.batch_consume_queue, logstore::kBatchUnitSize);
  if (!batches) return batches.error();
  if (*batches) sizes->batch_consume_queue_file_units = **batches / logstore::kBatchUnitSize;
  return sizes;
}

/// The store as it lies, and what repairs that were interrupted have moved away of it.
std::vector<logstore::StoreLayout> places_of(const RepairRequest& request) {
  logstore::StoreOptions options = options_of(request);
  std::vector<logstore::StoreLayout> places{logstore::StoreLayout(options)};
  options.commit_log_directory.clear();
  for (const fs::path& saved : unfinished_repairs(request.directory)) {
    options.directory = saved;
    places.emplace_back(options);
  }
  return places;
}

/// Of what has no file in the store, as files are that were moved away.
Result<logstore::FileSizes> sizes_of(const std::vector<logstore::StoreLayout>& places) {
  logstore::FileSizes all;
  const auto take = [](auto& size, const auto& other) {
    if (!size) size = other;
  };
  for (const logstore::StoreLayout& place : places) {
    const auto sizes = sizes_of(place);
    if (!sizes) return sizes.error();
    take(all.commit_log_file, sizes->commit_log_file);
    take(all.consume_queue_file_entries, sizes->consume_queue_file_entries);
    take(all.batch_consume_queue_file_units, sizes->batch_consume_queue_file_units);
    take(all.consume_queue_extension_file, sizes->consume_queue_extension_file);
    take(all.index, sizes->index);
  }
  return all;
}

/// Entries of delayed messages, in the store or where they were moved to.
class DelayedEntries {
 public:
  DelayedEntries(const std::vector<logstore::StoreLayout>& places, std::int64_t file_bytes) {
    for (const auto& place : places) places_.push_back(std::make_unique<ScheduleEntries>(place, file_bytes));
  }
  std::optional<IndexEntry> of(const record::RecordView& view) {
    for (const auto& place : places_) {
      const auto entry = place->of(view);
      if (entry && entry->physical_offset == view.physical_offset() && entry->size_bytes == view.total_size())
        return entry;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::unique_ptr<ScheduleEntries>> places_;
};

/// Learns from every record of the log: which queue it is in, which is made again, and when it is to be delivered.
LogReader::Summary learn_from_records(const LogReader& log, const RepairRequest& request,
                                      const logstore::StoreLayout& layout, DelayedEntries& delayed,
                                      std::set<fs::path>& queues, RepairPlan& plan) {
  LogReader::Visitor visitor;
  visitor.record = [&](const record::RecordView& view, const LogReader::Place&) {
    if (!logstore::can_be_a_directory(view.topic())) return;
    if (view.topic() == kScheduleTopic) {
      if (const auto entry = delayed.of(view)) plan.delivery_times->learn(view, *entry);
    }
    for (const fs::path& kind : {layout.consume_queue, layout.batch_consume_queue}) {
      const fs::path queue = kind / view.topic() / std::to_string(view.queue_id());
      if (queues.insert(queue).second && fs::exists(queue)) plan.queues.push_back(queue);
    }
  };
  visitor.progress = request.progress;
  return log.scan(visitor);
}

void plan_cut(const LogReader& log, const LogReader::Summary& summary, RepairPlan& plan) {
  plan.cut_at = summary.trusted_end;
  plan.records_cut = summary.records_behind_damage;
  plan.records_kept = summary.records - summary.records_behind_damage;
  plan.bytes_cut = bytes_behind(log, plan.cut_at);
  for (const LogReader::File& file : log.files()) {
    if (lies_behind_cut(log, file, plan.cut_at)) {
      plan.log_files_cut.push_back(file.input.path());
      continue;
    }
    if (plan.sizes.commit_log_file && file.length != *plan.sizes.commit_log_file)
      plan.wrong_lengths.push_back({file.input.path(), *plan.sizes.commit_log_file});
  }
}

}  // namespace

Result<RepairPlan> plan_repair(const RepairRequest& request) {
  if (Status free = check_not_in_use(request.directory); !free) return free.error();
  RepairPlan plan;
  const logstore::StoreLayout layout(options_of(request));
  plan.commit_log = layout.commit_log;
  Findings findings([&](const Finding& finding) {
    if (finding.what.starts_with("does not belong here")) plan.foreign_files.push_back(finding.file);
  });
  const auto log = LogReader::open(layout.commit_log, findings);
  if (!log) return log.error();
  const auto places = places_of(request);
  const auto sizes = sizes_of(places);
  if (!sizes) return sizes.error();
  plan.sizes = *sizes;
  std::set<fs::path> queues;
  DelayedEntries delayed(places, plan.sizes.consume_queue_file_entries.value_or(0) * logstore::kQueueEntrySize);
  plan_cut(*log, learn_from_records(*log, request, layout, delayed, queues, plan), plan);
  auto stay = look_at_queues_that_stay(with_sizes(options_of(request), plan.sizes), queues);
  if (!stay) return stay.error();
  std::ranges::move(stay->wrong_lengths, std::back_inserter(plan.wrong_lengths));
  std::ranges::move(stay->foreign_files, std::back_inserter(plan.foreign_files));
  return plan;
}

Status repair(const RepairRequest& request, const RepairPlan& plan, const fs::path& saved) {
  if (plan.records_cut > 0 && !request.cut_records) {
    return Error(Errc::corrupt, text(plan.records_cut, " whole records lie behind the damaged one at physical offset ",
                                     plan.cut_at, " and would be cut off with it"));
  }
  logstore::FileSystem& files = *request.files;
  {
    auto lock = files.lock(request.directory / "lock");
    if (!lock) return lock.error();
    if (Status made = files.create_directories(saved); !made) return made;
    if (Status kept = save_tail(files, plan, saved); !kept) return kept;
    if (Status kept = save_log_files(files, plan, saved); !kept) return kept;
    if (Status begun = distrust_queues(request, saved); !begun) return begun;
    if (Status moved = move_away(request, plan, saved); !moved) return moved;
    // What is saved is on disk before the store zeroes what it is a copy of.
    auto disk = files.open_sync(saved);
    if (!disk) return disk.error();
    if (Status synced = (*disk)->sync(); !synced) return synced;
  }  // the store takes the lock itself
  if (Status rebuilt = rebuild(request, plan); !rebuilt) return rebuilt;
  return mark_finished(files, request.directory);
}

}  // namespace tenon::storetools
