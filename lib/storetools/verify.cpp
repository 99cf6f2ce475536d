// SPDX-License-Identifier: Apache-2.0
#include "storetools/verify.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <functional>

#include "logstore/checkpoint.hpp"
#include "logstore/file_sizes.hpp"
#include "record/property_crc.hpp"
#include "storetools/batch_queue_check.hpp"
#include "storetools/index_check.hpp"
#include "storetools/queue_check.hpp"
#include "storetools/reading_file_system.hpp"
#include "storetools/record_diagnosis.hpp"
#include "storetools/unfinished_repair.hpp"

namespace tenon::storetools {
namespace {

constexpr PhysicalOffset kNever{INT64_MAX};

logstore::StoreLayout layout_of(const VerifyRequest& request) {
  logstore::StoreOptions options;
  options.directory = request.directory;
  options.commit_log_directory = request.commit_log_directory;
  return logstore::StoreLayout(options);
}

Result<logstore::Checkpoint> checkpoint_of(const std::filesystem::path& directory) {
  const auto path = directory / "checkpoint";
  if (!std::filesystem::exists(path)) return logstore::Checkpoint{};
  const auto file = InputFile::open(path);
  if (!file) return file.error();
  if (file->size() < 40) return logstore::Checkpoint{};
  return logstore::parse_checkpoint(file->bytes());
}

/// A checkpoint that claims more than there is lets a recovery skip what it should read.
void check_checkpoint(const VerifyRequest& request, const LogReader::Summary& log, Findings& findings) {
  const auto path = request.directory / "checkpoint";
  const auto checkpoint = checkpoint_of(request.directory);
  if (!checkpoint) {
    findings.add("checkpoint", {Severity::damage, path, -1, checkpoint.error().message()});
  } else if (!std::filesystem::exists(path) || std::filesystem::file_size(path) < 40) {
    findings.add("checkpoint", {Severity::note, path, -1, "is missing or short: a recovery reads the whole log"});
  } else if (log.records > 0 && log.end == log.trusted_end &&
             std::min(checkpoint->physic_msg_timestamp, checkpoint->logics_msg_timestamp) > log.last_timestamp_ms) {
    findings.add("checkpoint", {Severity::damage, path, 0,
                                text("vouches for records up to ", checkpoint->physic_msg_timestamp,
                                     ", but the last one was stored at ", log.last_timestamp_ms)});
  }
}

/// What the directory says of its past: how it was left, and repairs that did not end.
void look_at_marks(const logstore::StoreLayout& layout, VerifySummary& summary, Findings& findings) {
  summary.clean_stop = !std::filesystem::exists(layout.abort);
  if (!summary.clean_stop)
    findings.add("abort",
                 {Severity::note, layout.abort, -1, "the store was not closed cleanly; the next start recovers it"});
  for (const auto& saved : unfinished_repairs(layout.root)) {
    ++summary.unfinished_repairs;
    findings.add("unfinished repair", {Severity::note, saved, -1, "is of a repair that did not end: repair once more"});
  }
}

/// Walks the log and hands each whole record on to `check`; damaged places become findings.
void scan_log(const LogReader& log, const VerifyRequest& request,
              const std::function<void(const record::RecordView&)>& check, VerifySummary& summary, Findings& findings) {
  LogReader::Visitor visitor;
  visitor.record = [&](const record::RecordView& view, const LogReader::Place& place) {
    if (record::property_crc_is_wrong(view))
      findings.add("property CRC",
                   {Severity::damage, place.file, place.position, "does not match its property __CRC32#"});
    check(view);
  };
  std::vector<std::pair<LogReader::Place, std::string>> damages;
  visitor.damage = [&](PhysicalOffset at, PhysicalOffset next, const LogReader::Place& place, const std::string& why) {
    damages.emplace_back(place, text(why, " (", next - at, " bytes, physical offset ", at, ")"));
  };
  visitor.progress = request.progress;
  summary.log = log.scan(visitor);
  // The torn end of a log that was not closed costs nothing that was acknowledged.
  const bool torn_end = !summary.clean_stop && summary.log.records_behind_damage == 0;
  for (const auto& [place, what] : damages)
    findings.add("damaged record", {torn_end ? Severity::note : Severity::damage, place.file, place.position, what});
}

Result<VerifySummary> look_at_everything(const VerifyRequest& request, Findings& findings) {
  if (Status free = check_not_in_use(request.directory); !free) return free.error();
  const logstore::StoreLayout layout = layout_of(request);
  VerifySummary summary;
  look_at_marks(layout, summary, findings);
  const auto log = LogReader::open(layout.commit_log, findings);
  if (!log) return log.error();
  summary.log_files = static_cast<std::int64_t>(log->files().size());
  const auto sizes = logstore::find_file_sizes(reading_file_system(), layout);
  if (!sizes) return sizes.error();

  const PhysicalOffset recovered_from = recovery_start(*log, layout.root, summary.clean_stop);
  DeletedTopics deleted(topics_there_are(layout.root), findings);
  QueueCheck queues(layout.root, *log, recovered_from, deleted, findings);
  if (Status opened = queues.open(); !opened) return opened.error();
  BatchQueueCheck batches(layout.batch_consume_queue, *log, recovered_from, deleted, findings);
  if (Status opened = batches.open(); !opened) return opened.error();
  IndexCheck index(layout.index, sizes->index, !summary.clean_stop, findings);
  const auto check = [&](const record::RecordView& view) {
    batches.concerns(view) ? batches.expect(view) : queues.expect(view);
    index.expect(view);
  };
  scan_log(*log, request, check, summary, findings);
  queues.finish(summary.log.end);
  batches.finish(summary.log.end);
  deleted.finish();
  summary.deleted = deleted.records();
  if (Status checked = index.finish(*log); !checked) return checked.error();
  check_checkpoint(request, summary.log, findings);
  summary.queues = queues.queues() + batches.queues();
  summary.queue_entries = queues.entries() + batches.units();
  summary.index_entries = index.entries();
  findings.finish();
  return summary;
}

}  // namespace

Status check_not_in_use(const std::filesystem::path& directory) {
  const int descriptor = ::open((directory / "lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};  // never opened by a broker, or not ours to read
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  const bool known = fcntl(descriptor, F_OFD_GETLK, &range) == 0;
  close(descriptor);
  if (!known || range.l_type == F_UNLCK) return {};
  return Error(Errc::busy, text(directory.string(), ": a broker uses this store; stop it first, or look at a copy"));
}

namespace {

/// As logstore::Recovery sees it.
bool covers(const logstore::Checkpoint& checkpoint, const LogReader& log) {
  const PhysicalOffset end{checkpoint.covered_offset};
  const LogReader::File* const file = end > log.min() ? log.file_of(end - 1) : nullptr;
  if (checkpoint.covered_tail < 0 || file == nullptr) return false;
  return logstore::log_tail_crc(file->input.bytes().first(static_cast<std::size_t>(end.value - file->base))) ==
         checkpoint.covered_tail;
}

}  // namespace

PhysicalOffset recovery_start(const LogReader& log, const std::filesystem::path& directory, bool clean_stop) {
  if (clean_stop) return kNever;
  const auto checkpoint = checkpoint_of(directory);
  if (checkpoint && covers(*checkpoint, log)) return {checkpoint->covered_offset};
  const std::int64_t bound = checkpoint ? checkpoint->recovery_bound_ms() : 0;
  for (auto file = log.files().rbegin(); file != log.files().rend(); ++file) {
    const auto first = log.record_at({file->base});
    if (first && first->store_timestamp_ms() > 0 && first->store_timestamp_ms() <= bound) return {file->base};
  }
  return log.min();
}

Result<VerifySummary> verify(const VerifyRequest& request, Findings& findings) {
  try {
    return look_at_everything(request, findings);
  } catch (const Failure& unreadable) {  // a consume-queue file that cannot be opened
    return unreadable.error();
  }
}

}  // namespace tenon::storetools
