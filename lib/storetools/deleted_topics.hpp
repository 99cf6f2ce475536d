// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "record/record_view.hpp"
#include "storetools/findings.hpp"

namespace tenon::storetools {

/// The names in `config/topics.json` below the store's root; empty where that file is missing or cannot be read, so
/// that nobody knows which topics are deleted.
std::optional<std::set<std::string, std::less<>>> topics_there_are(const std::filesystem::path& root);

/// Records that no queue has, and whether that is right: those of a topic that was deleted stay in the log until it is
/// expired. Threads: one.
class DeletedTopics {
 public:
  /// `topics`: as topics_there_are() tells.
  DeletedTopics(std::optional<std::set<std::string, std::less<>>> topics, Findings& findings)
      : topics_(std::move(topics)), findings_(findings) {}

  /// A record that lies before the first of its queue, though its queue offset does not: of an earlier topic of that
  /// name. `topic`: the directory of its queues.
  void add_earlier(const std::filesystem::path& topic, PhysicalOffset at);
  /// A record whose queue is not there. In the order of the log. `severity`: where it is lost.
  void add_without_queue(const std::filesystem::path& queue, std::int64_t queue_offset, PhysicalOffset at,
                         Severity severity);
  /// Tells which queues are lost, and of which topics there are records from before they were deleted.
  void finish();
  /// How many there are of each topic; after finish().
  const std::map<std::string, std::int64_t>& records() const noexcept { return records_; }

 private:
  struct LostQueue {
    std::int64_t records = 0;
    PhysicalOffset first, last;
    PhysicalOffset run;  ///< From there on the queue offsets grow: these are records of one topic.
    std::int64_t queue_offset = -1;
    Severity severity = Severity::note;
  };
  struct Earlier {
    std::int64_t records = 0;
    PhysicalOffset first{INT64_MAX};
    PhysicalOffset last{-1};
    void add(std::int64_t count, PhysicalOffset from, PhysicalOffset to);
  };

  bool is_deleted(std::string_view topic) const;
  void find_earlier_queues();

  const std::optional<std::set<std::string, std::less<>>> topics_;
  Findings& findings_;
  std::map<std::string, Earlier> earlier_;  ///< By the name of the topic.
  std::map<std::filesystem::path, LostQueue> lost_;
  std::map<std::string, std::filesystem::path> directories_;  ///< Of the topics in earlier_.
  std::map<std::string, std::int64_t> records_;
};

}  // namespace tenon::storetools
