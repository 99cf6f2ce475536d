// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "logstore/checkpoint.hpp"
#include "logstore/commit_log.hpp"
#include "logstore/queue_table.hpp"
#include "logstore/record_dispatch.hpp"
#include "record/record_view.hpp"
#include "tenon/log.hpp"

namespace tenon::logstore {

enum class LastStop { clean, unclean };

/// What recovery found.
struct Recovered {
  PhysicalOffset end;
  /// From where on records were read again: the key index must take those that it lacks.
  PhysicalOffset start;
  std::int64_t last_timestamp_ms = 0;
  std::int64_t records = 0;
  /// Entries of queues were cut off: they may come back after a power loss until the queues' files are forced.
  bool queues_cut = false;
};

/// Makes commit log and queues agree after a stop.
///
/// Clean stop: everything up to the newest queue entry is trusted; what follows it in the log (usually nothing) is
/// dispatched. Unclean stop: likewise up to what our checkpoint covers, if the log there is still the one that was
/// covered (docs/adr/0016-recovery-begins-at-the-checkpoint.md); else from the segment that the checkpoint's times
/// prove. From there on each record is checked (length, magic, CRC, its own offset), queues lose their entries and get
/// them again from the records. The first damaged record ends the log; it and what follows is cut off and zeroed.
/// Without any queue entry, all records are read; one that is damaged below what is proved to have been whole is left
/// out. Source: store-format.md 5.3, 5.4; deviations (zeroing, verified offsets) close the gaps named there.
class Recovery {
 public:
  Recovery(CommitLog& log, QueueTable& queues, const RecordDispatch& dispatch, const Logger& logger,
           const StoreOptions& options)
      : log_(log), queues_(queues), dispatch_(dispatch), logger_(logger), options_(options) {}

  /// The log is loaded, the queues are not: how they are to be.
  QueueTrust plan(LastStop last_stop, const Checkpoint& checkpoint);
  /// After that.
  Result<Recovered> run();

 private:
  Result<Recovered> start_over();
  bool is_covered() const;
  PhysicalOffset end_of_newest_entry() const;
  PhysicalOffset start_by_times() const;
  template <class Queue>
  PhysicalOffset trusted_end(const Queue& newest, bool matches, PhysicalOffset end) const;
  bool entry_matches(const ConsumeQueue& queue) const;
  bool unit_matches(const BatchQueue& queue, const BatchUnit& unit) const;
  Status doubt_torn_ends(const QueueTrust& trust);
  bool is_torn(const ConsumeQueue& queue) const;
  bool is_torn(const BatchQueue& queue) const;
  bool has_entries() const;
  Status vouch_only_for(std::int64_t time_ms) const;
  PhysicalOffset next_whole_record(const Segment& segment, PhysicalOffset damaged) const;
  static bool may_end_torn(const Segment& segment, const record::RecordView& record);
  bool has_stale_bytes(PhysicalOffset end) const;
  Status read_log(Recovered& recovered);
  Status read_again(Recovered& recovered);
  enum class Scan { done, contradicts };
  Result<Scan> scan(PhysicalOffset from, Recovered& recovered);
  Status dispatch(const record::RecordView& view);
  void report(PhysicalOffset from, PhysicalOffset at) const;
  Status settle_queues(Recovered& recovered);

  CommitLog& log_;
  QueueTable& queues_;
  const RecordDispatch& dispatch_;
  const Logger& logger_;
  const StoreOptions& options_;
  std::vector<std::shared_ptr<ConsumeQueue>> full_;
  Checkpoint checkpoint_;
  bool unclean_ = false;
  bool believed_ =
      false;  ///< After an unclean stop: that the queues have all up to kept_until_, as our checkpoint says.
  PhysicalOffset kept_until_{0};  ///< A damaged record below does not end the log.
};

}  // namespace tenon::logstore
