// SPDX-License-Identifier: Apache-2.0
// What the background threads of a store do. `disk-ahead`: pages and files that the appends are about to need; alone,
// because an append that gets there first takes the page faults. `disk-store`: everything that follows the appends.
// `disk-flush`: forcing the log; alone, because sends wait for it. `disk-keep`: the checkpoint, retention.
#include <algorithm>
#include <mutex>
#include <system_error>

#include "logstore/log_store.hpp"

namespace tenon::logstore {
namespace {

bool is_disk_full(const Error& error) { return error.code() == std::errc::no_space_on_device; }

constexpr int kInlineFlushes = 16;
constexpr std::int64_t kIndexAtOnce = 8LL << 20;
/// More files than this are forced with the whole file system.
constexpr std::size_t kSyncsMax = 64;
/// What a checkpoint takes for each queue at most, if it has the time: 50,000 queues in five seconds.
constexpr std::chrono::microseconds kQueuePace{100};
/// And all together: the same thread looks after the disk's space.
constexpr std::chrono::microseconds kQueuesPace{std::chrono::seconds(5)};

}  // namespace

void LogStore::keep_ahead() {
  log_.populate();
  // Not yet a failure: the append says so if there is still no space when it needs the file.
  const Status prepared = log_.prepare_next();
  report("no commit-log file prepared", prepared ? "" : prepared.error().message());
}

// It is said and logged once, however often the same is found.
void LogStore::report(std::string_view what, std::string_view reason) const {
  if (options_.report_degraded) options_.report_degraded(what, reason);
}

void LogStore::do_background_work() {
  gate_.expire(FlushGate::Clock::now());
  log_.start_writeback();
  spill_waiting_queues();
  spill_batch_queues();
  if (!options_.index_enabled) return;
  const auto more = index_.follow(log_, kIndexAtOnce);
  report("the key index is behind", more ? "" : more.error().message());
  if (more && *more) worker_.wake();
}

void LogStore::spill_waiting_queues() {
  std::vector<std::shared_ptr<ConsumeQueue>> waiting;
  {
    const std::lock_guard lock(append_lock_);
    waiting.swap(spill_wanted_);
  }
  bool full = false;
  for (const auto& queue : waiting) {
    queue->waits_no_more();
    if (Status spilled = queue->spill(ConsumeQueue::Spill::full_blocks); !spilled) {
      full = on_queue_error(spilled.error(), queue) || full;
    }
  }
  if (!full && !waiting.empty()) writes_.allow(Refusal::queue_disk_full);
}

/// Entries stay in memory until there is space again, so nothing is lost; but no new ones may come meanwhile.
bool LogStore::on_queue_error(const Error& error, const std::shared_ptr<ConsumeQueue>& queue) {
  if (!is_disk_full(error)) {
    stop_writing(error);
    return false;
  }
  writes_.refuse(Refusal::queue_disk_full, text("the disk is full: ", error.message()));
  const std::lock_guard lock(append_lock_);
  if (queue->may_wait()) spill_wanted_.push_back(queue);
  return true;
}

void LogStore::do_flush() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_flush_ || (options_.flush == FlushMode::sync && !gate_.empty())) {
    next_flush_ = now + options_.flush_interval;
    flush_log();
  }
}

void LogStore::keep_house() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_checkpoint_) {
    next_checkpoint_ = now + options_.checkpoint_interval;
    Pacing pacing(kQueuePace, std::min<std::chrono::microseconds>(kQueuesPace, options_.checkpoint_interval / 2),
                  [this](auto time) { return checkpoint_awaited_ == 0 && keeper_.pause(time); });
    const Status written = [&] {
      const std::lock_guard lock(checkpoint_mutex_);
      return write_checkpoint_locked(pacing);
    }();
    report("no checkpoint is written", written ? "" : written.error().message());
  }
  if (now >= next_clean_) {
    next_clean_ = now + options_.retention.check_interval;
    clean_expired_files();
  }
}

void LogStore::flush_log() {
  if (failure()) return;  // a flush that succeeds now would let through what the failed one has lost
  const PhysicalOffset before = log_.flushed();
  // Not what a turn of the network is just gathering: it comes whole when the turn ends, which wakes this thread if
  // anybody waits.
  const Status flushed = [this] {
    const std::lock_guard one(flush_mutex_);
    return log_.flush();
  }();
  if (!flushed) return stop_writing(flushed.error());
  const std::size_t passed = gate_.pass(log_.flushed());
  // While this thread was at it, others would have come.
  const bool others = !gate_.empty();
  if (passed > 0) inline_flushes_left_ = passed == 1 && !others ? kInlineFlushes : 0;
  if (log_.flushed() != before && others) flusher_.wake();
}

/// At the end of a turn that somebody waits in. A lone writer's requests are forced here, on the caller's thread,
/// because the way to another thread and back costs half as much as the disk; of several the flush thread makes a
/// group. It has the last word on who is alone: on this thread others could not be seen before the flush is over.
void LogStore::settle_waiters() {
  if (inline_flushes_left_ <= 0 || gate_.waiting() != 1 || failure()) return flusher_.wake();
  Status flushed;
  {
    const std::unique_lock one(flush_mutex_, std::try_to_lock);
    if (!one.owns_lock()) return flusher_.wake();
    flushed = log_.flush();
  }
  --inline_flushes_left_;
  if (!flushed) return stop_writing(flushed.error());
  (void)gate_.pass(log_.flushed());
}

Status LogStore::force_log() {
  const std::lock_guard one(flush_mutex_);
  (void)log_.readable_end(log_.max());  // what was gathered goes with it
  return log_.flush();
}

Status LogStore::write_checkpoint_now() {
  const auto lock = hurry_checkpoint();
  Pacing at_once;
  return write_checkpoint_locked(at_once);
}

/// Waits until the keeper has written the checkpoint that it is at.
std::unique_lock<std::mutex> LogStore::hurry_checkpoint() {
  checkpoint_awaited_.fetch_add(1);
  std::unique_lock lock(checkpoint_mutex_);
  checkpoint_awaited_.fetch_sub(1);
  return lock;
}

Status LogStore::write_checkpoint_locked(Pacing& pacing) {
  if (const auto failed = failure()) return *failed;
  std::int64_t timestamp = 0;
  PhysicalOffset end;
  {
    const std::lock_guard append(append_lock_);
    timestamp = last_timestamp_ms_;
    end = log_.max();
  }
  const std::int64_t confirmed = confirm_offset_, readable = kept_readable_end();
  if (end == checkpointed_ && (confirmed < 0 || confirmed == checkpoint_.confirm_physical_offset) &&
      readable == checkpoint_.readable_end)
    return {};
  if (Status flushed = force_log(); !flushed) return stop_after(flushed);
  if (log_.flushed() < end) return Error(Errc::io, "what was gathered could not be written");
  // Only what is on disk may be claimed: the log first, then the queues, then the file that says so.
  if (Status queues = checkpoint_queues(pacing); !queues) return queues;
  // 0: nothing was appended or read since the start, so what was known of times still is.
  if (timestamp > 0) checkpoint_.physic_msg_timestamp = checkpoint_.logics_msg_timestamp = timestamp;
  checkpoint_.index_msg_timestamp = options_.index_enabled ? index_.full_until_ms() : 0;
  checkpoint_.covered_offset = end.value;
  checkpoint_.covered_tail = log_.tail_crc_below(end);
  if (confirmed >= 0) checkpoint_.confirm_physical_offset = confirmed;
  checkpoint_.readable_end = readable;
  if (Status written = write_checkpoint(file_system_, layout_.checkpoint, checkpoint_); !written) return written;
  checkpointed_ = end;
  return {};
}

Status LogStore::checkpoint_queues(Pacing& pacing) {
  if (Status batches = checkpoint_batch_queues(); !batches) return batches;
  auto changed = queues_.all();
  std::erase_if(changed, [](const auto& queue) { return queue->unspilled() == 0 && !queue->needs_sync(); });
  const bool many = changed.size() > kSyncsMax || force_all_queues_;
  pacing.begin(changed.size());
  for (const auto& queue : changed) {
    if (Status spilled = queue->spill(ConsumeQueue::Spill::everything); !spilled) {
      (void)on_queue_error(spilled.error(), queue);
      return spilled;
    }
    // Here, where it is spread and by a thread that matters less, not by a thread of the kernel in one go.
    if (many) queue->start_writeback();
    pacing.step();
  }
  std::vector<std::pair<std::shared_ptr<ConsumeQueue>, ConsumeQueue::Spilled>> unsynced;
  for (const auto& queue : changed) {
    if (queue->needs_sync()) unsynced.emplace_back(queue, queue->spilled_by_now());
  }
  if (!many) {
    for (const auto& [queue, spilled] : unsynced) {
      if (Status synced = queue->sync(); !synced) return stop_after(synced);
    }
    return {};
  }
  for (const auto& sync : queue_syncs_) {
    if (Status synced = sync->sync(); !synced) return stop_after(synced);
  }
  for (const auto& [queue, spilled] : unsynced) queue->mark_synced(spilled);
  force_all_queues_ = false;
  return {};
}

void LogStore::wait_for(PhysicalOffset end, std::chrono::steady_clock::time_point deadline, CommitGate::Passed passed) {
  if (is_safe(end)) return passed({});
  if (const auto failed = failure()) return passed(*failed);
  gate_.add(end, deadline, std::move(passed));
  if (gathering_ != id_) flusher_.wake();  // else write_out() does, when all of the turn are here
}

Status LogStore::stop_after(const Status& failed_sync) {
  stop_writing(failed_sync.error());
  return failed_sync;
}

std::optional<Error> LogStore::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

void LogStore::stop_writing(const Error& error) {
  // A later success after a failed fsync proves nothing: what it covered may be gone from the page cache.
  {
    const std::lock_guard lock(failure_mutex_);
    if (failure_) return;
    failure_.emplace(Errc::io, error.message());
  }
  writes_.refuse(Refusal::fault, error.message());
  log_category_.error("the store stops writing: ", error.message());
  gate_.fail(*failure());
  if (options_.report_fault) options_.report_fault(error.message());
}

}  // namespace tenon::logstore
