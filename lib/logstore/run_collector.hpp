// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "logstore/commit_log.hpp"
#include "logstore/queue_entry.hpp"
#include "logstore/resident_pages.hpp"
#include "tenon/message_store.hpp"

namespace tenon::logstore {

/// Collects the records of one read: looks them up, asks the filter, merges those that lie side by side into runs, and
/// hands each run out in the form that was asked for. Lives for one call; borrows everything.
class RunCollector {
 public:
  RunCollector(const ReadRequest& request, const CommitLog& log, const SegmentList& segments,
               const StoreOptions& options, ReadResult& result);

  enum class Step { next, full, not_in_memory };
  Step take(const IndexEntry& entry);
  /// The same for a record with so many messages. Of an inner batch a filter on tags sees nothing: its messages have
  /// them. So the client decides, as it does anyway after each hash of a tag that matches.
  Step take_batch(const IndexEntry& entry, std::int32_t messages);
  /// What a reader that does not wait does at the first entry or record that is not in memory.
  Step not_at_hand() const noexcept { return result_.message_count > 0 ? Step::full : Step::not_in_memory; }
  /// After the last entry.
  void finish();
  bool met_removed_record() const noexcept { return removing_; }

 private:
  struct Run {
    const Segment* segment = nullptr;
    std::int64_t begin = 0;  ///< Physical offsets.
    std::int64_t end = 0;
  };

  bool exceeds(const IndexEntry& entry, std::int32_t messages) const;
  Step pass_by(const IndexEntry& entry);
  std::optional<Step> reach(const IndexEntry& entry);
  bool is_flagged(const IndexEntry& entry) const;
  bool find_segment(const IndexEntry& entry);
  bool is_at_hand(const IndexEntry& entry);
  void fetch_piece(const IndexEntry& entry);
  bool properties_match(const IndexEntry& entry) const;
  void add(const IndexEntry& entry, std::int32_t messages);
  void close_run();

  const ReadRequest& request_;
  const CommitLog& log_;
  const SegmentList& segments_;
  const StoreOptions& options_;
  ReadResult& result_;
  ResidentPages resident_;
  PhysicalOffset end_;  ///< Below, records can be read.
  const Segment* segment_ = nullptr;
  Run run_;
  std::int64_t passed_by_ = 0;  ///< The end of the last record that the filter did not want.
  bool removing_ = false;
};

}  // namespace tenon::logstore
