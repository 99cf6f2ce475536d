// SPDX-License-Identifier: Apache-2.0
// What a repair leaves where it meets trouble of its own, and where more is wrong than one record.
#include "storetools/repair.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "storetools/testing/small_store.hpp"
#include "storetools/usual_size.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;
using logstore::offset_file_name;

class Repair : public testing::SmallStore {
 protected:
  RepairPlan planned() const {
    auto plan = plan_repair({root(), {}, true, {}});
    EXPECT_TRUE(plan.has_value());
    return *plan;
  }
  fs::path saved() const { return root() / "saved"; }
  fs::path queue_file(const std::string& topic, int queue, std::int64_t offset) const {
    return root() / "consumequeue" / topic / std::to_string(queue) / offset_file_name(offset);
  }
};

/// Of the three queues the first is moved, the second cannot be.
TEST_F(Repair, AStoreWhoseRepairStoppedHalfWayIsMadeWholeByTheNextStart) {
  fs::create_directories(saved() / "consumequeue" / "T" / "1" / "in the way");
  const Status stopped = repair({root(), {}, true, {}}, planned(), saved());
  ASSERT_TRUE(stopped.has_error());
  ASSERT_FALSE(fs::exists(root() / "consumequeue" / "T" / "0"));
  ASSERT_TRUE(fs::exists(root() / "consumequeue" / "T" / "1"));
  EXPECT_FALSE(fs::exists(root() / "checkpoint"));
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 0).max.value, 134);
  EXPECT_EQ(store_.append("T", 0, "after")->queue_offset.value, 134);
  EXPECT_EQ(store_.append("T", 1, "after")->queue_offset.value, 133);
  EXPECT_EQ(store_.body_at("T", 1, 5), "message 16" + std::string(100, 'x'));
}

/// As the delay plug-in would, with a table of its own, for level 1.
struct OwnLevel final : TagsCodeRule {
  std::int64_t delay_ms;
  explicit OwnLevel(std::int64_t ms) : delay_ms(ms) {}
  std::int64_t tags_code(const PropertiesView&, std::int64_t store_timestamp_ms) const noexcept override {
    return store_timestamp_ms + delay_ms;
  }
};

/// Messages that wait in the queue of level 1.
class RepairDelayed : public Repair {
 protected:
  void add(std::int64_t delay_ms, int count) {
    store_.options.now_ms = [this] { return now_ms_; };
    const OwnLevel level(delay_ms);
    ASSERT_TRUE(store_.open().has_value());
    store_.store->set_tags_code_rule(kScheduleTopic, level);
    for (; count > 0; --count, ++now_ms_) {
      const auto stored = store_.append(kScheduleTopic, 0, "later", std::string("DELAY\1") + "1\2");
      ASSERT_TRUE(stored.has_value());
    }
    store_.close();
  }
  fs::path queue() const { return queue_file(std::string(kScheduleTopic), 0, 0); }
  void overwrite_code(std::int64_t offset, std::string_view bytes) { overwrite(queue(), offset * 20 + 12, bytes); }
  /// What a repair leaves, of the queue offsets from 0 on; in milliseconds.
  std::vector<std::int64_t> delays_after_repair(int count) {
    fs::remove_all(root() / "consumequeue" / "T" / "1");
    repair_it(false);
    std::vector<std::int64_t> delays;
    Findings nobody([](const Finding&) {});
    const auto log = LogReader::open(root() / "commitlog", nobody);
    const logstore::StoreLayout layout(store_.options);
    ScheduleEntries entries(layout, 2000);
    LogReader::Visitor visitor;
    visitor.record = [&](const record::RecordView& record, const LogReader::Place&) {
      if (record.topic() != kScheduleTopic) return;
      delays.push_back(entries.of(record).value_or(IndexEntry{}).tags_code - record.store_timestamp_ms());
    };
    log->scan(visitor);
    EXPECT_EQ(delays.size(), static_cast<std::size_t>(count));
    return delays;
  }

 private:
  std::int64_t now_ms_ = 1'800'000'000'000;
};

TEST_F(RepairDelayed, EachKeepsItsTimeWhenTheTableOfLevelsWasChanged) {
  add(77'000, 3);
  add(5'000, 2);
  EXPECT_EQ(delays_after_repair(5), (std::vector<std::int64_t>{77'000, 77'000, 77'000, 5'000, 5'000}));
}

TEST_F(RepairDelayed, AnEntryThatHasRottenGivesItsTimeToNobody) {
  add(77'000, 3);
  overwrite_code(2, "\x7f");
  expect_damage(queue(), 40, "is not that of the record");
  EXPECT_EQ(delays_after_repair(3), std::vector<std::int64_t>(3, 77'000));
}

TEST_F(RepairDelayed, WhereEntriesAreLostTheMostFrequentDelayOfTheLevelHolds) {
  add(5'000, 2);
  add(77'000, 4);
  add(9'000, 2);
  for (const int lost : {3, 7}) overwrite(queue(), lost * 20, std::string(20, '\0'));
  EXPECT_EQ(delays_after_repair(8),
            (std::vector<std::int64_t>{5'000, 5'000, 77'000, 77'000, 77'000, 77'000, 9'000, 77'000}));
}

TEST_F(RepairDelayed, WithExtensionsTheTimeIsThatOfTheUnit) {
  store_.options.consume_queue_extension = true;
  store_.options.consume_queue_extension_file_size = 1024;
  add(77'000, 60);
  EXPECT_EQ(delays_after_repair(60), std::vector<std::int64_t>(60, 77'000));
}

/// The commit log on a file system of its own, with a file in it that does not belong there.
class RepairAcrossDisks : public Repair {
 protected:
  void SetUp() override {
    std::string name = "/dev/shm/tenon-log-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) GTEST_SKIP() << "no second file system";
    log_ = name;
    struct stat here {
    }, there{};
    ASSERT_EQ(stat(root().c_str(), &here), 0);
    ASSERT_EQ(stat(log_.c_str(), &there), 0);
    if (here.st_dev == there.st_dev) GTEST_SKIP() << "no second file system";
    store_.options.commit_log_directory = log_;
    Repair::SetUp();
    std::ofstream(log_ / "foreign") << std::string(kForeignBytes, 'f');
  }
  void TearDown() override { fs::remove_all(log_); }
  Status repaired() const {
    const RepairRequest request{root(), log_, false, {}};
    const auto plan = plan_repair(request);
    return plan ? repair(request, *plan, saved()) : Status(plan.error());
  }

  static constexpr std::size_t kForeignBytes = 200'000;
  fs::path log_;
};

TEST_F(RepairAcrossDisks, WhatIsMovedIsCopiedWhole) {
  const Status done = repaired();
  ASSERT_TRUE(done.has_value()) << done.error().message();
  EXPECT_EQ(fs::file_size(saved() / "commitlog" / "foreign"), kForeignBytes);
  EXPECT_FALSE(fs::exists(log_ / "foreign"));
}

TEST_F(RepairAcrossDisks, ACopyThatFailsLeavesTheOriginalAndNoPart) {
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit less { kForeignBytes / 2, before.rlim_max };
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &less), 0);
  const Status stopped = repaired();
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_TRUE(stopped.has_error());
  EXPECT_NE(stopped.error().message().find("copy "), std::string::npos) << stopped.error().message();
  EXPECT_EQ(fs::file_size(log_ / "foreign"), kForeignBytes);
  EXPECT_TRUE(fs::is_empty(saved() / "commitlog"));
}

TEST_F(Repair, WhatFilesOfTwoQueuesHaveTooMuchIsSavedUnderTwoNames) {
  for (const char* topic : {"Expired1", "Expired2"}) {
    fs::create_directories(queue_file(topic, 0, 0).parent_path());
    std::ofstream file(queue_file(topic, 0, 0));
    file << std::string("\0\0\0\0\0\0\0\0\x7f\xff\xff\xff", 12) << std::string(1988, '\0') << topic;
  }
  EXPECT_FALSE(findings().empty());
  repair_it(false);
  for (const char* topic : {"Expired1", "Expired2"}) {
    std::ifstream surplus(saved() / "consumequeue" / topic / "0" / (offset_file_name(0) + ".surplus"));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(surplus), {}), topic);
  }
}

TEST_F(Repair, ThePlanNamesEachFileThatIsMovedOrChanged) {
  fs::remove(log_file(offsets_.back()));
  std::vector<fs::path> behind;
  const auto last = offsets_.back() - offsets_.back() % 16'384;
  for (const int files : {1, 2}) {
    behind.push_back(log_file(last + files * 16'384));
    std::ofstream(behind.back()) << std::string(files == 1 ? 16'384 : 5, '\0');
  }
  const auto plan = planned();
  EXPECT_EQ(plan.bytes_cut, 0);
  EXPECT_EQ(plan.log_files_cut, behind);
  EXPECT_TRUE(plan.wrong_lengths.empty()) << plan.wrong_lengths[0].file;
  repair_it(false);
  for (const fs::path& file : behind) EXPECT_TRUE(fs::exists(saved() / "commitlog" / file.filename())) << file;
}

/// A queue without a record keeps the offsets that it can keep.
TEST_F(Repair, WhatLiesBeforeAGapInAQueueIsMovedAway) {
  fs::create_directories(queue_file("Expired", 0, 0).parent_path());
  for (const std::int64_t base : {0, 4000, 8000}) {
    std::ofstream file(queue_file("Expired", 0, base));
    for (int count = 0; base != 8000 && count < 100; ++count)
      file << std::string("\0\0\0\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0\0\0\0\0", 20);
  }
  expect_damage(queue_file("Expired", 0, 4000), -1, "does not join");
  repair_it(false);
  EXPECT_TRUE(fs::exists(saved() / "consumequeue" / "Expired" / "0" / offset_file_name(0)));
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("Expired", 0).max.value, 300);
}

/// Of a queue without a record. A start removes an empty file at the end only.
TEST_F(Repair, AnEmptyFileInTheMiddleOfAQueueGetsItsLength) {
  const std::string filler("\0\0\0\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0\0\0\0\0", 20);
  fs::create_directories(queue_file("Expired", 0, 0).parent_path());
  for (const std::int64_t base : {0, 2000, 4000, 6000}) {
    std::ofstream file(queue_file("Expired", 0, base));
    for (int count = 0; base != 2000 && base != 6000 && count < 100; ++count) file << filler;
  }
  expect_damage(queue_file("Expired", 0, 2000), -1, "has 0 bytes");
  const auto plan = planned();
  ASSERT_EQ(plan.wrong_lengths.size(), 1U);
  EXPECT_EQ(plan.wrong_lengths[0].file, queue_file("Expired", 0, 2000));
  repair_it(false);
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("Expired", 0).max.value, 300);
}

/// Shorter than one entry: no file says how long they should be.
TEST_F(Repair, QueueFilesThatAreShorterThanAnEntryHaveTheDefaultLength) {
  fs::create_directories(queue_file("Expired", 0, 0).parent_path());
  fs::copy_file(queue_file("T", 0, 0), queue_file("Expired", 0, 0));
  for (const auto& entry : fs::recursive_directory_iterator(root() / "consumequeue"))
    if (entry.is_regular_file()) fs::resize_file(entry.path(), 10);
  EXPECT_FALSE(findings().empty());
  repair_it(false);
  EXPECT_EQ(fs::file_size(queue_file("T", 0, 0)), 300'000U * 20);
  store_.options.consume_queue_file_entries = 300'000;
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 1).max.value, 133);
}

/// As many files have the one length as the other.
TEST_F(Repair, OfTwoLengthsTheOneThatTheNamesFitIsRight) {
  for (int queue = 0; queue < 3; ++queue) {
    fs::resize_file(queue_file("T", queue, 2000), 2020);
    expect_damage(queue_file("T", queue, 2000), -1, "has 2020 bytes, but files of consume queues have 2000");
  }
  EXPECT_EQ(planned().sizes.consume_queue_file_entries, 100);
}

TEST(UsualSize, CountsWholeUnitsOnly) {
  UsualSize usual(46);
  for (int count = 0; count < 3; ++count) usual.add(0, 45);
  EXPECT_FALSE(usual.value());
  usual.add(0, 0);
  EXPECT_FALSE(usual.value());
  usual.add(0, 460);
  usual.add(460, 920);
  EXPECT_EQ(usual.value(), 460);
}

}  // namespace
}  // namespace tenon::storetools
