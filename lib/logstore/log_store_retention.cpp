// SPDX-License-Identifier: Apache-2.0
// Source: ../shared/reference/store-format.md 7. Unlike RocketMQ, the age of a file is that of its newest record, not
// its modification time, so that a copied directory keeps its retention.
#include <algorithm>
#include <ctime>

#include "logstore/log_store.hpp"
#include "record/record_view.hpp"

namespace tenon::logstore {
namespace {

constexpr int kFilesAtOnce = 10;

int percent(double ratio) { return static_cast<int>(ratio * 100 + 0.5); }

}  // namespace

void LogStore::watch_disk() {
  const auto space = file_system_.space(layout_.commit_log);
  if (!space) {
    log_category_.warn(space.error().message());
    return;
  }
  const double used = space->used_ratio();
  disk_used_ratio_ = used;
  const RetentionOptions& limits = options_.retention;
  if (used > limits.disk_warning_ratio) {
    writes_.refuse(Refusal::disk_full, text("the disk of ", layout_.commit_log.string(), " is ", percent(used),
                                            " % full, the limit is ", percent(limits.disk_warning_ratio), " %"));
  } else if (used <= limits.disk_clean_forcibly_ratio) {
    writes_.allow(Refusal::disk_full);
  }
}

void LogStore::clean_expired_files() {
  watch_disk();
  const RetentionOptions& limits = options_.retention;
  const double used = disk_used_ratio_.load();
  const std::time_t seconds = options_.now_ms() / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  const bool forcibly = limits.clean_file_forcibly && used > limits.disk_clean_forcibly_ratio;
  const bool hour = std::find(limits.delete_when_hours.begin(), limits.delete_when_hours.end(), local.tm_hour) !=
                    limits.delete_when_hours.end();
  int deleted = 0;
  if (forcibly || hour || used > limits.disk_max_used_ratio) {
    const Deletion why = forcibly ? Deletion::disk_nearly_full : Deletion::expired;
    while (deleted < kFilesAtOnce && delete_one_segment(why)) ++deleted;
  }
  while (deleted < kFilesAtOnce && is_log_too_long() && delete_one_segment(Deletion::log_too_long)) ++deleted;
  if (deleted == 0) return;
  after_deletion();
  watch_disk();
}

bool LogStore::is_log_too_long() const {
  return options_.retention.log_size_max > 0 && log_.max() - log_.min() > options_.retention.log_size_max;
}

/// Deletes the oldest segment; because it has expired only if its newest record is old enough, which is the one before
/// the first of the next segment.
bool LogStore::delete_one_segment(Deletion why) {
  static constexpr const char* kWhy[] = {"expired", "the disk is nearly full", "the log is longer than max_log_size"};
  const SegmentListPtr segments = log_.segments();
  if (segments->all().size() < 2) return false;
  const Segment& next = *segments->all()[1];
  const auto record = record_at({next.base()});
  if (why == Deletion::expired) {
    if (!record) return false;
    const std::int64_t age = options_.now_ms() - record::store_timestamp_of(record->bytes.data());
    if (age < options_.retention.file_reserved_time.count()) return false;
  }
  // A queue whose last records go with the file keeps its offsets only in its own files. On a full disk they may not
  // get there; the deletion is what helps then.
  if (Status written = write_checkpoint_now(); !written)
    log_category_.warn("before a deletion: ", written.error().message());
  log_category_.info("deleting ", segments->all().front()->path().string(), ": ", kWhy[static_cast<int>(why)]);
  if (Status deleted = log_.delete_first(); !deleted) {
    log_category_.warn(deleted.error().message());
    return false;
  }
  return true;
}

void LogStore::after_deletion() {
  const PhysicalOffset min = log_.min();
  for (const auto& queue : queues_.all()) {
    queue->correct_min(min.value);
    if (Status dropped = queue->drop_files_before_min(); !dropped) log_category_.warn(dropped.error().message());
  }
  for (const BatchQueuePtr& queue : batch_queues_.all()) {
    queue->correct_min(min.value);
    if (Status dropped = queue->drop_files_before_begin(); !dropped) log_category_.warn(dropped.error().message());
  }
  if (!options_.index_enabled) return;
  if (Status deleted = index_.delete_before(min); !deleted) log_category_.warn(deleted.error().message());
}

}  // namespace tenon::logstore
