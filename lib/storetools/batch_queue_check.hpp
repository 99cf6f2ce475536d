// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "logstore/batch_unit.hpp"
#include "storetools/deleted_topics.hpp"
#include "storetools/log_reader.hpp"

namespace tenon::storetools {

/// What QueueCheck is for other queues, for those of topics with `queue.type=BatchCQ`: their 46-byte units lie in the
/// order of the log, so each queue is walked once beside it. Threads: one.
class BatchQueueCheck {
 public:
  /// As QueueCheck.
  BatchQueueCheck(std::filesystem::path directory, const LogReader& log, PhysicalOffset recovered_from,
                  DeletedTopics& deleted, Findings& findings);

  /// Lists all queues. Error: io.
  Status open();
  /// Whether the record belongs to such a queue, there or not.
  bool concerns(const record::RecordView& view) const;
  /// A record that concerns() says yes to; in the order of the log.
  void expect(const record::RecordView& view);
  /// `end`: of the log.
  void finish(PhysicalOffset end);

  std::int64_t queues() const noexcept { return static_cast<std::int64_t>(queues_.size()); }
  std::int64_t units() const noexcept { return units_; }

 private:
  struct Queue {
    std::string topic;
    std::int32_t id = 0;
    std::vector<std::filesystem::path> files;
    std::vector<std::int64_t> sizes;  ///< Of the files.
    std::size_t file = 0;             ///< The one that is walked.
    InputFile open;
    std::int64_t position = 0;
    std::optional<logstore::BatchUnit> first;  ///< When it is that of its record; known once it was walked to.
    std::int64_t end = -1;                     ///< Queue offset behind the unit before; -1: there was none.
  };

  Status open_queue(const std::string& topic, const std::filesystem::path& directory, std::int32_t id);
  void check_lengths();
  std::optional<logstore::BatchUnit> next(Queue& queue);
  bool is_of_earlier_topic(Queue& queue, const record::RecordView& view);
  bool is_its_own(const Queue& queue, const logstore::BatchUnit& unit) const;
  void step(Queue& queue, const logstore::BatchUnit& unit);
  void add_orphan(const Queue& queue, const logstore::BatchUnit& unit, Severity severity);

  const std::filesystem::path directory_;
  const LogReader& log_;
  const PhysicalOffset recovered_from_;
  DeletedTopics& deleted_;
  Findings& findings_;
  std::set<std::string, std::less<>> topics_;
  std::map<std::pair<std::string, std::int32_t>, Queue> queues_;
  std::int64_t units_ = 0;
};

}  // namespace tenon::storetools
