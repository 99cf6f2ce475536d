// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "client/remoting_client.hpp"
#include "ha/metadata/last_record.hpp"
#include "ha/metadata/metadata_bodies.hpp"
#include "ha/metadata/young_topics.hpp"
#include "replication/epoch_history.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/delivery_progress_copy.hpp"
#include "tenon/log.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/topics.hpp"

namespace tenon::ha {

/// What operators see of it.
struct MetadataStatus {
  std::int64_t last_taken_ms = 0;  ///< Wall clock of the last round that took everything; 0: none yet.
  std::string last_error;          ///< Of the last round; empty if it was good.
};

/// Asks the master for what does not lie in the log: topics, consumer groups, consumer offsets, the progress of delayed
/// messages. A Tenon is asked for what has changed, ten times a second, and told which topics and groups have been
/// taken: it may answer their changes only then, and lets the question wait until there is one. A Java master for what
/// a Java slave asks, only more often, and before that for a record that was here when it answered well the last time:
/// the classic protocol would go on with any log. Rests while this broker is the master or no master is known. When it
/// becomes the master, it makes the topics of messages that came after the last round (YoungTopics). Of what lies
/// before, it makes none: its topic was deleted. Source: RocketMQ
/// SlaveSynchronize; ../shared/reference/store-format.md 12.5.
///
/// One round at a time, one request at a time. Threads: start() and stop() from `ctl`, status() from any; rounds run on
/// the client's own thread and on `disk`, which may block on the disk.
class MetadataSync {
 public:
  struct Parts {
    BrokerRole& role;
    MetadataCopy& copy;
    DeliveryProgressCopy* delivery;  ///< nullptr: nothing here delivers delayed messages.
    std::function<std::int64_t()> now_ms;
    Logger log;
    /// Whether the log follows that of the master that role says: the tables of one whose log is another one would
    /// delete what is here.
    std::function<bool()> log_follows;
    std::chrono::milliseconds period{3'000};        ///< Where whole tables are asked for.
    std::chrono::milliseconds changes_period{100};  ///< Where the master says what has changed.
    const LogTap* copied_log = nullptr;             ///< With this and the next, or topics are not made.
    Topics* topics = nullptr;
    std::int64_t broker_id = -1;  ///< Of this slave; below 0: the master is not told what was taken.
    /// The log of a master that speaks the classic protocol is another one, and why; empty: it is not, or no longer.
    std::function<void(std::string_view why)> doubt_master = {};
    std::function<replication::EpochHistory()> epochs = {};  ///< Of copied_log; from any thread. Empty: it has none.
    /// The connection of the classic protocol on which nothing is taken before go_on() is called with it; 0: none. All
    /// that is here came on connections of which the master was asked, so its last record tells.
    std::function<std::uint64_t()> held_connection = [] { return std::uint64_t{0}; };
    std::function<void(std::uint64_t connection)> go_on = [](std::uint64_t) {};
    std::function<void(std::string_view reason)> report_missing = [](std::string_view) {};  ///< As YoungTopics.
    std::function<void(std::string_view what)> report_progress = [](std::string_view) {};   ///< Likewise.
    std::string master_broker = {};  ///< Who is asked, whatever the name servers say; empty: whom they say.
    bool classic_only = false;       ///< Also to a Tenon the connection is one of the classic protocol.
  };
  explicit MetadataSync(Parts parts);
  ~MetadataSync();

  void start(const boost::asio::any_io_executor& sched, const boost::asio::any_io_executor& disk);
  /// Nothing of this object runs when this has returned.
  void stop() noexcept;
  MetadataStatus status() const;

 private:
  struct Step;
  static const Step kSteps[];

  /// What was taken of the master that is asked. Used by one round at a time.
  struct Taken {
    std::string master;
    bool tells_changes = true;  ///< Until it says that it cannot.
    std::int64_t origin = 0, position = 0;
    std::optional<DataVersion> topics, groups;
    std::chrono::steady_clock::time_point deliveries_at;
  };

  /// One round.
  struct Round {
    std::chrono::steady_clock::time_point began;
    int pieces = 0;  ///< In which the master told what has changed.
    bool took_table = false;
    std::uint64_t held_connection = 0;  ///< When it began.
    bool log_is_the_same = false;       ///< The master was asked.
  };

  void wait(std::chrono::milliseconds pause);
  void wait_on();
  void ran();
  void begin_when_due();
  void begin_round();
  std::string master() const;
  std::string why_not_following() const;
  void begin_with(const std::string& master);
  void ask_for_changes(const std::string& master);
  void told_changes(const std::string& master, const Result<client::Reply>& reply);
  void check_log_later(const std::string& master);
  void check_log(const std::string& master);
  Status find_known();
  void log_is_the_same(const std::string& master);
  void told_record(const std::string& master, const RecordMark& own, const Result<client::Reply>& reply);
  void doubt(const RecordMark& own, std::string_view what);
  bool end_doubt();
  void go_on();
  Status take_changes(ChangesOfMaster changes);
  Status take_deliveries(const ChangesOfMaster& changes);
  bool is_known(std::size_t step) const;
  std::chrono::milliseconds pause_after_round() const;
  void note_log_end();
  void ask(std::size_t step, const std::string& master);
  void answered(std::size_t step, const std::string& master, const Result<client::Reply>& reply);
  void fail_round(std::string_view what, const std::string& master, const Error& error);
  void end_round(const std::string& error);
  void tell_what_is_covered();
  PhysicalOffset known_up_to() const;
  CoveredLog covered_by_others() const;

  replication::EpochHistory epochs() const { return parts_.epochs ? parts_.epochs() : replication::EpochHistory(); }
  CoveredLog log_end() const;
  CoveredLog log_end_when_asked() const;
  Status take_topics(std::string_view body);
  Status take_groups(std::string_view body);
  Status take_offsets(std::string_view body);
  Status take_levels(std::string_view body);
  Status take_timers(std::string_view body);

  const Parts parts_;
  Taken taken_;
  std::optional<ChangesOfMaster> changes_;  ///< That the master told in this round; without the offsets.
  Round round_;
  /// To where the log is known to be that of the masters that were asked, and the last record below. Used by one round
  /// at a time.
  PhysicalOffset known_end_;
  std::optional<RecordMark> known_;
  bool doubted_ = false;
  std::optional<client::RemotingClient> client_;
  std::unique_ptr<boost::asio::steady_timer> timer_;
  boost::asio::any_io_executor disk_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point next_round_;
  int running_ = 0;  ///< Handlers on `sched` and `disk` under way.
  MetadataStatus status_;
  /// Topics of messages before this are known; and where the log ended before the master was asked for what it has.
  CoveredLog covered_, asked_at_;
  std::optional<YoungTopics> young_topics_;
};

}  // namespace tenon::ha
