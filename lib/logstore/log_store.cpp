// SPDX-License-Identifier: Apache-2.0
#include "logstore/log_store.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "logstore/file_sizes.hpp"
#include "logstore/recovery.hpp"

namespace tenon::logstore {
namespace {

constexpr std::size_t kDescriptorsMax = 512;
constexpr double kBytesInMemoryRatio = 0.4;
constexpr std::chrono::milliseconds kWorkInterval{500};
/// A checkpoint that writes to the files of tens of thousands of queues works for seconds, and nobody waits for it. Not
/// more: what a recovery reads grows until it is done.
constexpr int kKeeperNice = 5;

std::int64_t wall_clock_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::uint64_t next_store_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

StoreOptions completed(StoreOptions options) {
  if (options.file_system == nullptr) options.file_system = &posix_file_system();
  if (!options.now_ms) options.now_ms = wall_clock_ms;
  if (!options.log) options.log.emplace("logstore");
  if (options.bytes_in_memory == 0) {
    const double ram = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
    options.bytes_in_memory = static_cast<std::int64_t>(ram * kBytesInMemoryRatio);
  }
  return options;
}

}  // namespace

LogStore::LogStore(StoreOptions options)
    : options_(completed(std::move(options))),
      layout_(options_),
      file_system_(*options_.file_system),
      log_category_(*options_.log),
      descriptors_(file_system_, kDescriptorsMax),
      queue_storage_{options_, file_system_, descriptors_},
      log_(options_, file_system_, append_lock_),
      queues_(queue_storage_),
      batch_queues_(queue_storage_),
      index_(options_, file_system_, append_lock_),
      id_(next_store_id()) {
  writes_.refuse(Refusal::not_open, "it is not open");
}

LogStore::~LogStore() { close(); }

Status LogStore::open() {
  if (Status made = file_system_.create_directories(layout_.root); !made) return made;
  auto lock = file_system_.lock(layout_.lock);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);

  if (Status sized = take_sizes_from_files(file_system_, options_); !sized) return sized;
  const bool unclean = file_system_.exists(layout_.abort);
  const auto checkpoint = read_checkpoint(file_system_, layout_.checkpoint);
  if (!checkpoint) return checkpoint.error();
  checkpoint_ = *checkpoint;
  if (unclean) log_category_.info("the store in ", layout_.root.string(), " was not closed cleanly: recovering");
  if (Status loaded = log_.load(); !loaded) return loaded;
  if (Status made = file_system_.create_directories(layout_.consume_queue); !made) return made;
  if (Status opened = open_queue_syncs(); !opened) return opened;
  const auto progress = [this](int percent) {
    if (options_.report_progress) options_.report_progress(text("opening the queues, ", percent, " %"));
  };
  Recovery recovery(log_, queues_, dispatch_, log_category_, options_);
  const QueueTrust trust = recovery.plan(unclean ? LastStop::unclean : LastStop::clean, checkpoint_);
  if (Status loaded = queues_.load(trust, progress); !loaded) return loaded;
  if (Status looked = look_for_extensions(trust); !looked) return looked;
  const auto recovered = recovery.run();
  if (!recovered) return recovered.error();
  last_timestamp_ms_ = recovered->last_timestamp_ms;
  checkpointed_ = recovered->records == 0 ? recovered->end : recovered->start;
  force_all_queues_ = recovered->queues_cut;
  // 0 in the checkpoint: nobody has ever said one.
  if (const std::int64_t confirmed = checkpoint_.confirm_physical_offset; confirmed > 0)
    confirm_offset_ = std::min(confirmed, log_.max().value);
  restore_readable_end();
  if (options_.index_enabled) {
    if (Status loaded = index_.load(unclean, checkpoint_.index_msg_timestamp); !loaded) return loaded;
    if (Status started = index_.start_at(unclean, log_, recovered->start); !started) return started;
  }
  return start_running();
}

/// For as long as the store is open, because queues are written to, and their pages written back, long before a
/// checkpoint forces them.
Status LogStore::open_queue_syncs() {
  queue_syncs_.clear();
  std::vector<std::filesystem::path> places{layout_.consume_queue};
  if (options_.consume_queue_extension) {
    // A directory that the store makes later is part of what its root is on.
    const bool is_there = file_system_.exists(layout_.consume_queue_extension);
    places.push_back(is_there ? layout_.consume_queue_extension : layout_.root);
  }
  for (const auto& place : places) {
    auto sync = file_system_.open_sync(place);
    if (!sync) return sync.error();
    queue_syncs_.push_back(std::move(*sync));
  }
  return {};
}

Status LogStore::start_running() {
  const auto abort = file_system_.open(layout_.abort, FileSystem::OpenMode::create);
  if (!abort) return abort.error();
  const std::string pid = std::to_string(getpid());
  if (Status written = (*abort)->write_at(0, std::as_bytes(std::span(pid))); !written) return written;
  if (Status synced = file_system_.sync_directory(layout_.root); !synced) return synced;
  open_ = true;
  watch_disk();
  writes_.allow(Refusal::not_open);
  // The first append after a start must not wait for a gigabyte of preallocation.
  if (Status ready = log_.make_ready(); !ready) log_category_.warn(ready.error().message());
  start_threads();
  return {};
}

void LogStore::start_threads() {
  ahead_.start("disk-ahead", kWorkInterval, [this] { keep_ahead(); });
  worker_.start("disk-store", kWorkInterval, [this] { do_background_work(); });
  flusher_.start("disk-flush", options_.flush_interval, [this] { do_flush(); });
  // It looks often: a checkpoint may take half of its interval, and the next is due one interval after it began.
  const auto look = std::min({kWorkInterval, options_.checkpoint_interval, options_.retention.check_interval});
  keeper_.start(
      "disk-keep", look, [this] { keep_house(); }, kKeeperNice);
  ahead_.wake();
  worker_.wake();
}

void LogStore::stop_threads() noexcept {
  ahead_.stop();
  worker_.stop();
  flusher_.stop();
  keeper_.stop();
}

void LogStore::drain() {
  writes_.refuse(Refusal::draining, "it is shutting down");
  // Whoever got in before has finished when the lock is free.
  const std::lock_guard lock(append_lock_);
}

void LogStore::close() noexcept {
  if (!open_) return;
  open_ = false;
  drain();
  stop_threads();
  gate_.fail(Error(Errc::shutting_down, "the store closes"));
  if (Status closed = close_files(); !closed) {
    log_category_.error("closing the store: ", closed.error().message(), "; the next start will recover");
  } else if (Status removed = file_system_.remove(layout_.abort); !removed) {
    log_category_.error(removed.error().message());
  }
  lock_.reset();
}

Status LogStore::close_files() {
  if (const auto failed = failure()) return *failed;
  (void)log_.readable_end(log_.max());  // what was gathered has keys, too; a failure is met by the checkpoint
  if (options_.index_enabled) {
    const auto more = index_.follow(log_, INT64_MAX / 2);
    if (!more) return more.error();
    if (Status synced = index_.sync(); !synced) return synced;
  }
  if (Status written = write_checkpoint_now(); !written) return written;
  log_.discard_prepared();
  return {};
}

Status LogStore::delete_topic(std::string_view topic, PhysicalOffset below) {
  if (!can_be_a_directory(topic)) return Error(Errc::invalid_parameter, text("'", topic, "' cannot be a topic"));
  {
    const std::lock_guard lock(append_lock_);
    batch_queues_.expect_deletion(topic);
  }
  if (Status deleted = delete_queues(queues_, topic, below); !deleted) return deleted;
  if (Status deleted = delete_queues(batch_queues_, topic, below); !deleted) return deleted;
  if (Status forgotten = forget_empty_batch_topic(topic); !forgotten) return forgotten;
  if (Status removed = file_system_.remove_empty_directory(layout_.consume_queue_extension / std::string(topic));
      !removed)
    return removed;
  return file_system_.remove_empty_directory(layout_.consume_queue / std::string(topic));
}

template <class Table>
Status LogStore::delete_queues(Table& table, std::string_view topic, PhysicalOffset below) {
  return below == MessageStore::kWholeLog ? delete_all_queues(table, topic) : delete_old_queues(table, topic, below);
}

template <class Table>
Status LogStore::delete_all_queues(Table& table, std::string_view topic) {
  // The files go first, without the append lock, because that may wait for the disk. Only then the queues are taken out
  // of the table: one that is made anew must not lose its files to the old one. One whose files cannot be removed
  // stays; not the others, which would take entries, and write none.
  Status failed;
  for (auto found = table.of_topic(topic); !found.empty();) {
    for (const auto& queue : found) {
      if (Status removed = queue->remove_files(); !removed) failed = removed;
    }
    const std::lock_guard lock(append_lock_);
    found = table.of_topic(topic);
    const auto is_removed = [](const auto& queue) { return queue->has_no_files(); };
    if (failed && !std::ranges::all_of(found, is_removed)) continue;
    std::erase_if(spill_wanted_, is_removed);
    table.take_removed(topic);
    break;
  }
  return failed;
}

/// Where the records of another broker arrive, the first of a topic that was made again makes its queues begin anew, so
/// each has messages of one topic only. Which are old is seen under the append lock, one by one; what is given up there
/// is nobody's any more, and its files go without the lock. Who meets such a queue meanwhile finishes it himself, see
/// RecordDispatch.
template <class Table>
Status LogStore::delete_old_queues(Table& table, std::string_view topic, PhysicalOffset below) {
  Status failed;
  for (const auto& queue : table.of_topic(topic)) {
    (void)queue->first_physical_offset();  // from the disk, perhaps; under the lock it is at hand then
    bool old = false;
    {
      const std::lock_guard lock(append_lock_);
      const auto begin = queue->first_physical_offset();
      old = begin && *begin < below;
      if (old) queue->give_up();
      if (!begin) failed = begin.error();
    }
    if (!old) continue;
    if (queue->is_given_up()) {
      if (Status removed = queue->remove_files(); !removed) failed = removed;
    } else if (!queue->has_no_files()) {  // who met it meanwhile failed, and has taken it back
      failed = Error(Errc::io, text("files of a queue of ", topic, " could not be removed"));
    }
  }
  const std::lock_guard lock(append_lock_);
  std::erase_if(spill_wanted_, [&](const auto& queue) { return queue->has_no_files(); });
  table.take_removed(topic);
  return failed;
}

StoreStatus LogStore::status() const {
  StoreStatus status;
  status.min_physical_offset = log_.min();
  status.max_physical_offset = log_.max();
  status.flushed_physical_offset = log_.flushed();
  if (log_.min() < log_.max()) {
    if (const auto first = record_at(log_.min()))
      status.earliest_store_timestamp_ms = record::store_timestamp_of(first->bytes.data());
  }
  status.disk_used_ratio = disk_used_ratio_.load();
  status.refuses_writes_because = writes_.reason();
  return status;
}

}  // namespace tenon::logstore
