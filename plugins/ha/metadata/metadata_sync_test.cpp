// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/metadata_sync.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <thread>

#include "client/fake_server.hpp"
#include "ha/testing/empty_log.hpp"
#include "ha/testing/metadata_fakes.hpp"
#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

using remoting::RequestCode;
using testing::FakeRole;
using testing::TakenTables;

/// The copy of the master's log, as long as the test says.
class LogOfLength final : public testing::EmptyLog {
 public:
  PhysicalOffset log_max() const override { return {length}; }
  PhysicalOffset log_min() const override { return log_max(); }  // and nothing to read

  std::atomic<std::int64_t> length{100};
};

/// A log with one record, which is the beginning of what the test says.
std::string some_record(char word) {
  const std::string size{'\0', '\0', '\0', '\x40'};
  return size + std::string(60, word);
}

class LogOfOneRecord final : public testing::EmptyLog {
 public:
  PhysicalOffset log_max() const override { return {is_empty ? 0 : static_cast<std::int64_t>(record_.size())}; }
  Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm) const override {
    if (is_unreadable) return Error(Errc::io, "the disk is gone");
    const auto bytes = std::as_bytes(std::span(record_)).subspan(static_cast<std::size_t>(from.value));
    const std::int64_t length = std::min(bytes_max, static_cast<std::int64_t>(bytes.size()));
    return LogStretch{from, length, MemorySlice{bytes.first(static_cast<std::size_t>(length))}, nullptr};
  }

  std::atomic<bool> is_empty{false}, is_unreadable{false};

 private:
  const std::string record_ = some_record('x');
};

class MetadataSyncTest : public ::testing::Test {
 protected:
  MetadataSyncTest() : server_([this](const client::Reply& request) { return answer(request); }) {
    bodies_ = {
        {RequestCode::get_all_topic_config,
         R"({"dataVersion":{"counter":4},"topicConfigTable":{"T":{"topicName":"T"}}})"},
        {RequestCode::get_all_subscriptiongroup_config, R"({"subscriptionGroupTable":{"g":{"groupName":"g"}}})"},
        {RequestCode::get_all_consumer_offset, R"({"offsetTable":{"T@g":{0:5}}})"},
        {RequestCode::get_all_delay_offset, R"({"offsetTable":{1:3}})"},
        {RequestCode::get_timer_check_point, std::string(56, '\1')},
    };
    role_.set_address(server_.address());
    thread_ = std::thread([this] { context_.run(); });
  }
  ~MetadataSyncTest() override {
    sync_.reset();
    work_.reset();
    context_.stop();
    thread_.join();
  }
  std::optional<client::Reply> answer(const client::Reply& request) {
    const std::scoped_lock lock(mutex_);
    ++asked_[static_cast<RequestCode>(request.code)];
    if (static_cast<RequestCode>(request.code) == RequestCode::tenon_metadata_changes) last_asked_ = request;
    log_.length += 100;
    if (static_cast<RequestCode>(request.code) == RequestCode::tenon_metadata_changes && tells_changes_) {
      const bool is_new = request.number("origin", -1) != origin_;
      const std::int64_t position = is_new ? 0 : request.number("position", -1);
      return client::success({}, changes_after(position));
    }
    if (static_cast<RequestCode>(request.code) == RequestCode::view_message_by_id)
      return refusal_  ? *refusal_
             : record_ ? client::success({}, *record_)
                       : client::refusal(1, "can not find message by the offset, 0");
    const auto body = bodies_.find(static_cast<RequestCode>(request.code));
    if (body == bodies_.end()) return client::refusal(3, "not supported");
    return client::success({}, body->second);
  }
  /// Each change is the next offset of T@g.
  std::string changes_after(std::int64_t position) const {
    const std::int64_t told = std::min(position + 1, offset_);
    return text(R"({"origin":)", origin_, R"(,"position":)", told, R"(,"holds":)", holds_ ? "true" : "false",
                R"(,"complete":)", told == offset_ ? "true" : "false", R"(,"topics":{"dataVersion":{"counter":)",
                topics_version_,
                R"(}},"groups":{"dataVersion":{}},"delayOffsets":{"offsetTable":{1:4}},"offsetTable":{)",
                told > position ? text(R"("T@g":{0:)", told, "}") : std::string(), "}}");
  }
  void set_topics(std::int64_t version) {
    const std::scoped_lock lock(mutex_);
    topics_version_ = version;
    bodies_[RequestCode::get_all_topic_config] =
        text(R"({"dataVersion":{"counter":)", version, R"(},"topicConfigTable":{"T":{"perm":4}}})");
  }
  int times_asked(RequestCode code) {
    const std::scoped_lock lock(mutex_);
    return asked_[code];
  }
  /// What the master was told last; "-" for nothing.
  std::string told(std::string_view field) {
    const std::scoped_lock lock(mutex_);
    return std::string(last_asked_.field(field).value_or("-"));
  }
  /// Of a broker whose log has a record; `doubts_` is what replication was told.
  void start_with_a_record() {
    MetadataSync::Parts parts{role_,
                              taken_,
                              &taken_,
                              [this] { return ++clock_ms_; },
                              Logger("test"),
                              [this] {
                                ++looked_;
                                return follows_.load();
                              },
                              std::chrono::milliseconds(1),
                              changes_period_,
                              &one_record_};
    parts.doubt_master = [this](std::string_view why) {
      const std::scoped_lock lock(taken_.mutex);
      doubts_.emplace_back(why);
      follows_ = why.empty();
    };
    parts.classic_only = true;
    parts.held_connection = [this] { return held_connection_.load(); };
    parts.go_on = [this](std::uint64_t connection) { went_on_ = connection; };
    sync_.emplace(std::move(parts));
    sync_->start(context_.get_executor(), context_.get_executor());
  }
  void set_record(std::optional<std::string> bytes) {
    const std::scoped_lock lock(mutex_);
    record_ = std::move(bytes);
  }
  void start() {
    sync_.emplace(MetadataSync::Parts{role_, taken_, &taken_, [this] { return ++clock_ms_; }, Logger("test"),
                                      [this] { return follows_.load(); }, std::chrono::milliseconds(1), changes_period_,
                                      &log_, nullptr, broker_id_});
    sync_->start(context_.get_executor(), context_.get_executor());
  }
  template <class Predicate>
  void wait_until(Predicate reached) {
    while (!reached(sync_->status())) std::this_thread::yield();
  }

  std::mutex mutex_;
  std::map<RequestCode, std::string> bodies_;
  std::map<RequestCode, int> asked_;
  client::Reply last_asked_;
  bool tells_changes_ = false, holds_ = false;
  std::chrono::milliseconds changes_period_{1};
  std::int64_t broker_id_ = -1;
  std::int64_t origin_ = 77, offset_ = 3, topics_version_ = 0;
  client::FakeServer server_;
  FakeRole role_;
  TakenTables taken_;
  std::optional<client::Reply> refusal_;                  ///< Of every question for a record; under mutex_.
  std::optional<std::string> record_ = some_record('x');  ///< At the begin of the master's log.
  LogOfOneRecord one_record_;
  std::atomic<std::uint64_t> held_connection_{0}, went_on_{0};
  std::vector<std::string> doubts_;  ///< Under the mutex of taken_.
  LogOfLength log_;                  ///< Grows whenever the master answers.
  std::atomic<std::int64_t> clock_ms_{0};
  std::atomic<bool> follows_{true};
  std::atomic<int> looked_{0};  ///< How often somebody asked for that.
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
  std::optional<MetadataSync> sync_;
};

TEST_F(MetadataSyncTest, ARoundTakesEverythingThatTheMasterHas) {
  start();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
  const std::scoped_lock lock(taken_.mutex);
  ASSERT_EQ(taken_.topics.size(), 1U);
  EXPECT_EQ(taken_.topics_version.counter, 4);
  EXPECT_EQ(taken_.groups.at(0).name, "g");
  EXPECT_EQ(taken_.offsets.at(0).offsets.at(0), QueueOffset{5});
  EXPECT_EQ(taken_.levels, std::vector<std::int64_t>{3});
  EXPECT_NE(taken_.timers.last_read_time_ms, 0);
}

TEST_F(MetadataSyncTest, OfAMasterThatTellsChangesNothingElseIsTaken) {
  tells_changes_ = true;
  set_topics(4);
  start();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 3; });
  {
    const std::scoped_lock lock(taken_.mutex);
    EXPECT_EQ(taken_.offsets.at(0).offsets.at(0), QueueOffset{3}) << "after three pieces";
    EXPECT_EQ(taken_.topics_version.counter, 4);
    EXPECT_EQ(taken_.levels, std::vector<std::int64_t>{4});
    taken_.offsets.clear();
  }
  EXPECT_EQ(times_asked(RequestCode::get_all_topic_config), 1) << "while their version stays";
  EXPECT_EQ(times_asked(RequestCode::get_all_consumer_offset), 0);
  set_topics(5);
  wait_until([this](const MetadataStatus&) { return times_asked(RequestCode::get_all_topic_config) == 2; });
  {
    const std::scoped_lock lock(mutex_);
    offset_ = 4;
  }
  wait_until([this](const MetadataStatus&) {
    const std::scoped_lock lock(taken_.mutex);
    return !taken_.offsets.empty();
  });
  const std::scoped_lock lock(taken_.mutex);
  EXPECT_EQ(taken_.offsets.at(0).offsets.at(0), QueueOffset{4});
}

TEST_F(MetadataSyncTest, ADeletionIsOnlyOfWhatWasThereBeforeTheMasterWasAskedForTopics) {
  tells_changes_ = true;
  offset_ = 1;
  set_topics(4);
  start();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
  const std::scoped_lock lock(taken_.mutex);
  EXPECT_EQ(taken_.log_end_before, PhysicalOffset{200})
      << "it grew while the master was asked for changes; what has come since may be of a topic made again";
}

TEST_F(MetadataSyncTest, ATableThatDoesNotChangeCoversWhatTheLogHadWhenTheMasterWasAsked) {
  tells_changes_ = true;
  set_topics(4);
  start();
  wait_until([this](const MetadataStatus&) {
    const std::scoped_lock lock(taken_.mutex);
    return taken_.log_end && taken_.log_end().end >= PhysicalOffset{200};
  });
}

TEST_F(MetadataSyncTest, AMasterThatWasStartedAgainIsAskedForItsTablesAgain) {
  tells_changes_ = true;
  set_topics(4);
  start();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
  {
    const std::scoped_lock lock(mutex_);
    origin_ = 78;  // its versions may be those of before, and its tables others
  }
  wait_until([this](const MetadataStatus&) { return times_asked(RequestCode::get_all_topic_config) == 2; });
}

TEST_F(MetadataSyncTest, TheMasterIsToldWhatIsTaken) {
  tells_changes_ = true;
  broker_id_ = 2;
  offset_ = 0;
  set_topics(4);
  taken_.refuse_topics = true;
  start();
  wait_until([](const MetadataStatus& status) { return !status.last_error.empty(); });
  EXPECT_EQ(told("brokerId"), "2");
  EXPECT_EQ(told("topics"), "-") << "it is not on the disk";
  EXPECT_EQ(told("hold"), "-");
  taken_.refuse_topics = false;
  wait_until([this](const MetadataStatus&) { return told("topics") == "4"; });
  EXPECT_EQ(told("groups"), "0");
  EXPECT_EQ(told("hold"), "1") << "milliseconds";
  set_topics(5);
  wait_until([this](const MetadataStatus&) { return told("topics") == "5"; });
  {
    const std::scoped_lock lock(mutex_);
    origin_ = 78;
    bodies_.erase(RequestCode::get_all_topic_config);
  }
  wait_until([this](const MetadataStatus&) { return told("origin") == "78"; });
  EXPECT_EQ(told("topics"), "-") << "of the process before";
}

TEST_F(MetadataSyncTest, AMasterThatHoldsQuestionsIsToldAtOnceWhatIsTaken) {
  tells_changes_ = holds_ = true;
  broker_id_ = 2;
  offset_ = 0;
  changes_period_ = std::chrono::milliseconds(50);
  set_topics(1);
  start();
  wait_until([this](const MetadataStatus&) { return told("topics") == "1"; });
  const std::int64_t rounds = clock_ms_;  // one of them asked for the tables, one told of it
  wait_until([this](const MetadataStatus&) { return clock_ms_ > 3; });
  EXPECT_LE(rounds, 2);
  EXPECT_LT(times_asked(RequestCode::tenon_metadata_changes), 1'000) << "this one does not hold, so the slave waits";
}

TEST_F(MetadataSyncTest, AMasterThatAlwaysHasMoreToTellIsLeftAloneForAWhile) {
  tells_changes_ = true;
  offset_ = INT64_MAX;
  start();
  wait_until([](const MetadataStatus& status) { return status.last_error.find("to an end") != std::string::npos; });
  EXPECT_GE(times_asked(RequestCode::tenon_metadata_changes), 1'000);
  EXPECT_EQ(sync_->status().last_taken_ms, 0);
}

TEST_F(MetadataSyncTest, AMasterThatCannotTellChangesIsAskedForTheTablesOnly) {
  start();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 3; });
  EXPECT_EQ(times_asked(RequestCode::tenon_metadata_changes), 1);
  EXPECT_GT(times_asked(RequestCode::get_all_consumer_offset), 2);
}

TEST_F(MetadataSyncTest, AMasterWithoutDelayedDeliveryIsGoodEnough) {
  bodies_.erase(RequestCode::get_all_delay_offset);
  bodies_.erase(RequestCode::get_timer_check_point);
  start();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
  EXPECT_TRUE(sync_->status().last_error.empty());
}

TEST_F(MetadataSyncTest, SaysWhatFailedAndGoesOn) {
  taken_.refuse_topics = true;
  start();
  wait_until([](const MetadataStatus& status) { return status.last_error.find("disk full") != std::string::npos; });
  taken_.refuse_topics = false;
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0 && status.last_error.empty(); });
}

/// As where the name servers are another cluster's, or none.
TEST_F(MetadataSyncTest, AsksTheMasterThatTheConfigurationNames) {
  role_.set_address("127.0.0.1:1");
  MetadataSync::Parts parts{role_,
                            taken_,
                            &taken_,
                            [this] { return ++clock_ms_; },
                            Logger("test"),
                            [this] { return follows_.load(); },
                            std::chrono::milliseconds(1)};
  parts.master_broker = server_.address();
  sync_.emplace(std::move(parts));
  sync_->start(context_.get_executor(), context_.get_executor());
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
}

TEST_F(MetadataSyncTest, WaitsForAMaster) {
  role_.set_address({});
  start();
  wait_until([](const MetadataStatus& status) { return status.last_error.starts_with("no master is registered"); });
  EXPECT_TRUE(taken_.topics.empty());
}

TEST_F(MetadataSyncTest, TakesNothingOfAMasterWithAnotherLog) {
  follows_ = false;
  start();
  wait_until([](const MetadataStatus& status) { return !status.last_error.empty(); });
  EXPECT_TRUE(taken_.topics.empty());
  follows_ = true;
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
}

TEST_F(MetadataSyncTest, AJavaMasterWithTheSameLogIsAskedForItsTables) {
  start_with_a_record();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
  EXPECT_GT(times_asked(RequestCode::view_message_by_id), 0);
  EXPECT_TRUE(doubts_.empty());
}

/// Its disk was lost, and the only copy is here: its tables would delete it.
TEST_F(MetadataSyncTest, NothingIsTakenOfAJavaMasterWithAnotherLog) {
  for (const auto& there : {std::optional<std::string>(), std::optional(some_record('y'))}) {
    set_record(there);
    start_with_a_record();
    wait_until([](const MetadataStatus& status) {
      return status.last_error.find(" at physical offset 0. Nothing is taken") != std::string::npos;
    });
    EXPECT_TRUE(taken_.topics.empty());
    set_record(some_record('x'));  // it was given back its disk
    wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
    sync_.reset();
    EXPECT_NE(doubts_.front(), "");
    EXPECT_EQ(doubts_.back(), "");
    doubts_.clear();
    taken_.topics.clear();
  }
}

/// Its log is taken when it has answered, and asked for is the last record here: nothing has come from it yet.
TEST_F(MetadataSyncTest, AConnectionGoesOnWhenTheMasterHasTheLastRecord) {
  held_connection_ = 5;
  set_record(some_record('y'));
  start_with_a_record();
  wait_until(
      [](const MetadataStatus& status) { return status.last_error.find("Nothing is taken") != std::string::npos; });
  EXPECT_EQ(went_on_, 0U);
  set_record(some_record('x'));
  wait_until([this](const MetadataStatus& status) { return status.last_taken_ms > 0 && went_on_ == 5; });
}

/// A Tenon too lets a classic slave in whatever its log is.
TEST_F(MetadataSyncTest, ATenonIsAskedForTheRecordWhereAConnectionIsHeld) {
  tells_changes_ = true;
  held_connection_ = 5;
  set_record(some_record('y'));
  start_with_a_record();
  wait_until([this](const MetadataStatus&) { return times_asked(RequestCode::view_message_by_id) > 3; });
  EXPECT_EQ(went_on_, 0U);
  {
    const std::scoped_lock lock(taken_.mutex);
    EXPECT_EQ(std::ranges::count(doubts_, ""), 0) << "it is not over because the master tells its changes";
    EXPECT_TRUE(taken_.topics.empty() && taken_.offsets.empty());
  }
  set_record(some_record('x'));
  wait_until([this](const MetadataStatus& status) { return status.last_taken_ms > 0 && went_on_ == 5; });
  EXPECT_EQ(times_asked(RequestCode::get_all_consumer_offset), 0) << "it tells its changes";
}

/// That is no log without records.
TEST_F(MetadataSyncTest, ALogThatCannotBeReadIsNotTheSame) {
  one_record_.is_unreadable = true;
  held_connection_ = 5;
  start_with_a_record();
  wait_until([](const MetadataStatus& status) { return status.last_error.find("disk is gone") != std::string::npos; });
  EXPECT_EQ(went_on_, 0U);
  EXPECT_TRUE(taken_.topics.empty());
  one_record_.is_unreadable = false;
  wait_until([this](const MetadataStatus& status) { return status.last_taken_ms > 0 && went_on_ == 5; });
}

/// Nor of one that was followed from an empty log on, was gone, and came back first to the log's connection.
TEST_F(MetadataSyncTest, NothingIsTakenOfAJavaMasterThatComesBackEmpty) {
  one_record_.is_empty = true;
  start_with_a_record();
  wait_until([](const MetadataStatus& status) { return status.last_taken_ms > 0; });
  one_record_.is_empty = false;  // the log has come
  wait_until([this](const MetadataStatus&) { return times_asked(RequestCode::view_message_by_id) > 0; });
  role_.set_address("");  // name servers forget it first
  wait_until([](const MetadataStatus& status) { return status.last_error.starts_with("no master is registered"); });
  set_record(std::nullopt);
  taken_.forget();
  role_.set_address(server_.address());
  wait_until(
      [](const MetadataStatus& status) { return status.last_error.find("Nothing is taken") != std::string::npos; });
  EXPECT_TRUE(taken_.topics.empty());
}

/// A refusal for another reason says nothing of the log: neither that it is the same nor that it is not.
TEST_F(MetadataSyncTest, ARefusalOfAnotherKindSaysNothingOfTheLog) {
  for (const auto& refusal : {client::refusal(2, "[OVERLOAD]system busy"), client::refusal(1, "AclException"),
                              client::refusal(3, "request type 33 not supported")}) {
    held_connection_ = 5;
    {
      const std::scoped_lock lock(mutex_);
      refusal_ = refusal;
    }
    start_with_a_record();
    wait_until([](const MetadataStatus& status) { return status.last_error.find("last record") != std::string::npos; });
    EXPECT_TRUE(taken_.topics.empty());
    EXPECT_TRUE(doubts_.empty());
    EXPECT_EQ(went_on_, 0U);
    follows_ = false;  // the master has closed what was held
    const int looked = looked_;
    wait_until([&](const MetadataStatus&) { return looked_ > looked + 3; });
    EXPECT_NE(sync_->status().last_error.find("last record"), std::string::npos) << sync_->status().last_error;
    follows_ = true;
    sync_.reset();
  }
}

TEST_F(MetadataSyncTest, AMasterAsksNobody) {
  role_.master_now = true;
  start();
  sync_->stop();
  EXPECT_EQ(sync_->status().last_taken_ms, 0);
}

}  // namespace
}  // namespace tenon::ha
