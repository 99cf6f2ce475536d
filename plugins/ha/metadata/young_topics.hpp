// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "ha/metadata/topics_in_log.hpp"
#include "tenon/log.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/topics.hpp"

namespace tenon::ha {

/// Makes the topics of messages that a table of topics does not cover, when its broker begins as the master: what was
/// acknowledged must not lie in a topic that nobody knows. Once they are on disk the table covers the log. Until then,
/// also where they cannot be made or the log cannot be read, it covers what it did: whoever begins as the master the
/// next time looks again. Threads: any, make() once.
class YoungTopics {
 public:
  struct Parts {
    MetadataCopy& copy;
    Topics& topics;
    const LogTap& log;
    std::function<CoveredLog()> log_end;  ///< From any thread, until stop() has returned.
    std::function<bool()> is_master;      ///< Asked while it looks; false ends that.
    Logger logger;
    std::function<void(std::string_view reason)> report_missing = [](std::string_view) {};  ///< Topics, and why.
    /// Of a look that takes longer than a second, again and again; empty: it is over.
    std::function<void(std::string_view what)> report_progress = [](std::string_view) {};
  };
  explicit YoungTopics(Parts parts) : work_(std::make_shared<Work>(std::move(parts))) {}
  ~YoungTopics() { stop(); }

  /// Of the messages from `known_up_to` on. Waits for reads of the log, not for the topics to be on disk. Throws
  /// Failure when this broker is the master no more before all is looked at: who has not seen all of it must not become
  /// it.
  void make(PhysicalOffset known_up_to);
  /// What the table covers as a slave has taken it over. Nothing where it covers the own log by now: the last answer of
  /// the former master may come as late.
  void covers_up_to(const CoveredLog& covered);
  /// The table asks nobody any more for the end of the log, though topics may still be written.
  void stop() noexcept;

 private:
  /// Outlives this object: topics may be on disk after it.
  struct Work {
    explicit Work(Parts taken) : parts(std::move(taken)) {}
    const Parts parts;
    std::mutex mutex;  ///< Outside of the table's.
    bool covers = false, stopped = false;
  };
  TopicsInLog look(PhysicalOffset from) const;
  using SharedWork = std::shared_ptr<Work>;
  /// Topics to be made.
  struct Young {
    std::vector<TopicConfig> topics;  ///< In the order of their first messages.
    bool all = true;                  ///< There are no others that are missing.
    int tries = 0;                    ///< To make them, so far.
  };
  static void make_those(const SharedWork& work, Young young);
  static void leave_out(const Parts& parts, Young& young);
  static void made(const SharedWork& work, Young young, const Status& status);
  static void cover(Work& work);

  const SharedWork work_;
};

}  // namespace tenon::ha
