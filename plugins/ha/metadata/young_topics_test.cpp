// SPDX-License-Identifier: Apache-2.0
// The topics that a broker makes when it becomes the master.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <set>

#include "ha/metadata/metadata_sync.hpp"
#include "ha/testing/metadata_fakes.hpp"
#include "logstore/testing/store_on_disk.hpp"

namespace tenon::ha {
namespace {

using Names = std::set<std::string>;

/// The topics that are made.
class MadeTopics final : public Topics {
 public:
  std::shared_ptr<const TopicConfig> find(std::string_view) const override { return nullptr; }
  std::vector<std::shared_ptr<const TopicConfig>> list() const override { return {}; }
  DataVersion version() const override { return {}; }
  bool is_system(std::string_view) const override { return false; }
  void put(TopicConfig config, Done done) override {
    std::vector<TopicConfig> one;
    one.push_back(std::move(config));
    put_all(std::move(one), std::move(done));
  }
  void put_all(std::vector<TopicConfig> configs, Done done) override {
    ++tries;
    if (!std::ranges::all_of(configs, [](const auto& config) { return validate_topic_name(config.name).has_value(); }))
      return done(Error(Errc::invalid_parameter, "the name"));
    if (before_put) before_put();
    if (refuses || configs.size() > may_be_more) return done(Error(Errc::busy, "too many"));
    for (const TopicConfig& config : configs) names.insert(config.name);
    if (keeps_waiting) return static_cast<void>(waits = std::move(done));
    done({});
  }
  void remove(std::string_view, Done) override {}
  std::size_t room() const override { return may_be_more; }

  std::set<std::string> names;
  std::size_t may_be_more = 100;
  bool refuses = false, keeps_waiting = false;
  int tries = 0;
  std::function<void()> before_put;
  Done waits;
};

/// A broker that becomes the master before it has asked any, or is one since its start.
class YoungTopicsTest : public ::testing::Test {
 protected:
  PhysicalOffset append(std::string_view topic, std::string_view properties = {}) {
    Message message;
    message.topic = topic;
    message.properties = properties;
    return log_->append(message)->physical_end;
  }
  Names made_at_promotion(std::vector<replication::Epoch> epochs, bool since_start = false) {
    testing::FakeRole role;
    role.master_now = since_start;
    made_.names.clear();
    boost::asio::thread_pool pool(1);
    MetadataSync::Parts parts{role, copy_, &copy_, [] { return 0; }, Logger("test"), [] { return false; }};
    parts.copied_log = log_;
    parts.topics = &made_;
    parts.report_missing = [this](std::string_view reason) { missing_ = reason; };
    parts.epochs = [&] { return replication::EpochHistory::from_entries(epochs).value(); };
    {
      MetadataSync sync(std::move(parts));
      sync.start(pool.get_executor(), pool.get_executor());
      EXPECT_FALSE(copy_.log_end) << "not before it has the topics of all messages";
      role.become_master();
      covers_ = copy_.log_end != nullptr;
      if (covers_) {
        EXPECT_EQ(copy_.log_end(), (CoveredLog{log_->log_max(), epochs.back().number}));
      }
    }
    EXPECT_FALSE(copy_.log_end);
    return made_.names;
  }

  logstore::testing::StoreOnDisk disk_{32 << 10};
  logstore::StoreCapabilities* log_ = disk_.open(logstore::testing::Engine::mmap);
  testing::TakenTables copy_;
  MadeTopics made_;
  std::string missing_;  ///< Topics, as people are told.
  bool covers_ = false;  ///< The table the log, since then.
};

/// "Old" was deleted.
TEST_F(YoungTopicsTest, AreThoseOfMessagesThatTheTopicsDoNotCover) {
  const PhysicalOffset after_old = append("Old"), after_cut = append("Cut");
  append("Young");
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Cut", "Old", "Young"})) << "it is not known what they cover";
  copy_.covered_before = {after_cut, 1};
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Young"}));
  EXPECT_EQ(made_at_promotion({{1, {0}}, {2, after_old}}), (Names{"Cut", "Young"}))
      << "the messages of another master have taken the place of those that they covered";
  copy_.covered_before = {after_cut, 3};
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Cut", "Old", "Young"}));
  EXPECT_TRUE(covers_);
}

/// It could not reach its master's port for clients for longer than that.
TEST_F(YoungTopicsTest, AreThoseOfEarlierFilesToo) {
  const PhysicalOffset after_old = append("Old");
  append("Young");
  while (log_->log_max().value < log_->log_file_size()) append("Stays");
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Stays"})) << "of a table that says nothing only the last file";
  copy_.covered_before = {after_old, 1};
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Stays", "Young"}));
}

/// It was a slave before, and got another broker.id, or its promotion was cut short.
TEST_F(YoungTopicsTest, AreMadeByAMasterSinceItsStart) {
  append("Old");
  EXPECT_EQ(made_at_promotion({{1, {0}}}, true), (Names{})) << "a table that says nothing is that of a master";
  EXPECT_TRUE(covers_);
  copy_.covered_before = {log_->log_max(), 1};
  append("Young");
  EXPECT_EQ(made_at_promotion({{1, {0}}}, true), (Names{"Young"}));
  EXPECT_TRUE(covers_);
}

TEST_F(YoungTopicsTest, ThatAreRefusedAreLookedForTheNextTime) {
  copy_.covered_before = {append("Old"), 1};
  append("Young");
  made_.refuses = true;
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{}));
  EXPECT_FALSE(covers_);
  made_.refuses = false;
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Young"}));
  EXPECT_TRUE(covers_);
}

TEST_F(YoungTopicsTest, ThatAreTooManyAreMadeInTheOrderOfTheLog) {
  copy_.covered_before = {append("Old"), 1};
  for (const char* topic : {"Y", "Z", "A", "Y", "B"}) append(topic);
  made_.may_be_more = 2;
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"Y", "Z"}));
  EXPECT_NE(missing_.find("no room for 2 topics of messages that are here: A, B."), std::string::npos) << missing_;
  EXPECT_FALSE(covers_) << "they are looked for the next time";
  made_.may_be_more = 4;
  missing_.clear();
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"A", "B", "Y", "Z"}));
  EXPECT_EQ(missing_, "");
  EXPECT_TRUE(covers_);
}

TEST_F(YoungTopicsTest, AreMadeAlsoWhereSomebodyTakesRoomMeanwhile) {
  for (const char* topic : {"A", "B", "C", "D"}) append(topic);
  made_.may_be_more = 4;
  made_.before_put = [this] {
    if (made_.tries < 3) --made_.may_be_more;  // twice
  };
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"A", "B"}));
  EXPECT_NE(missing_.find("no room for"), std::string::npos) << missing_;
  EXPECT_FALSE(covers_);
  made_.before_put = {};
  made_.tries = 0;
  made_.refuses = true;
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{}));
  EXPECT_LE(made_.tries, 10) << "who refuses always is not asked for ever";
}

TEST_F(YoungTopicsTest, ThatHaveNoRoomAreNamedInOneLine) {
  for (int number = 10; number < 99; ++number) append(text('T', number));
  made_.may_be_more = 1;
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"T10"}));
  EXPECT_NE(
      missing_.find("no room for 88 topics of messages that are here: T11, T12, T13, T14, T15, T16, T17, T18, T19, "
                    "T20, .... Raise"),
      std::string::npos)
      << missing_;
}

/// A broker that is to stop, or has lost its lease, while it looks through a long log.
TEST_F(YoungTopicsTest, AreNotLookedForByOneThatIsTheMasterNoMore) {
  append("Young");
  testing::FakeRole role;
  YoungTopics young(
      {copy_, made_, *log_, [] { return CoveredLog{}; }, [&] { return role.is_master(); }, Logger("test")});
  EXPECT_THROW(young.make({0}), Failure) << "it must not go on to be the master";
  EXPECT_EQ(made_.names, (Names{}));
  EXPECT_FALSE(copy_.log_end);
  role.master_now = true;
  young.make({0});
  EXPECT_EQ(made_.names, (Names{"Young"}));
}

TEST_F(YoungTopicsTest, BehindWhatCannotBeReadAreLookedForTheNextTime) {
  copy_.covered_before = {append("Old") - 1, 1};  // no record begins there
  append("Young");
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{}));
  EXPECT_FALSE(covers_);
}

TEST_F(YoungTopicsTest, ThatNobodyCanMakeKeepTheOthersNot) {
  copy_.covered_before = {append("Old"), 1};
  append("Young");
  append("SCHEDULE_TOPIC_XXXX", "REAL_TOPIC\1no name\2");
  EXPECT_EQ(made_at_promotion({{1, {0}}}), (Names{"SCHEDULE_TOPIC_XXXX", "Young"}));
  EXPECT_TRUE(covers_);
}

/// The round of a slave ends as its broker becomes the master.
TEST_F(YoungTopicsTest, CoverNoLessForWhatTheFormerMasterSaysLate) {
  const CoveredLog early{append("Old"), 1};
  YoungTopics young({copy_, made_, *log_,
                     [this] {
                       return CoveredLog{log_->log_max(), 2};
                     },
                     [] { return true; }, Logger("test")});
  young.covers_up_to(early);
  EXPECT_EQ(copy_.log_end(), early);
  young.make({0});
  young.covers_up_to(early);
  append("Young");
  EXPECT_EQ(copy_.log_end(), (CoveredLog{log_->log_max(), 2}));
}

/// Topics are on disk, or announced to name servers, when the broker has stopped.
TEST_F(YoungTopicsTest, AreOnDiskTooLate) {
  append("Young");
  made_.keeps_waiting = true;
  made_at_promotion({{1, {0}}});
  EXPECT_FALSE(covers_) << "they are not on disk yet";
  made_.waits({});
  EXPECT_FALSE(copy_.log_end);
}

}  // namespace
}  // namespace tenon::ha
