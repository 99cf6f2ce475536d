// SPDX-License-Identifier: Apache-2.0
// What of the log the topics cover is in one file with them.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "routing/test_broker.hpp"
#include "routing/topics_json.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/metadata_copy.hpp"

namespace tenon::kernel {
namespace {

class CoveredLogTest : public test::BrokerTest {
 protected:
  CoveredLogTest() {
    config.id = 1;
    open();
  }
  void end() {
    broker->drain(std::chrono::steady_clock::now());
    broker->stop();
    services.clear();
  }
  std::optional<CoveredLog> after_a_restart() {
    end();
    open();
    return of<MetadataCopy>().covered_log();
  }
  std::filesystem::path file() const { return directory.path() / "config/topics.json"; }
  void take(const CoveredLog& covered) {
    ASSERT_TRUE(of<MetadataCopy>().take_topics({test::topic_named("T")}, {0, 1, ++version_}, covered));
  }
  void make(std::string topic) {
    of<Topics>().put(test::topic_named(std::move(topic)), [](const Status& made) { EXPECT_TRUE(made); });
    host.run();
  }

  std::optional<CoveredLog> of_file_later() {
    time.advance(std::chrono::seconds(6));
    host.run();
    std::ifstream stream(file());
    return decode_topics(std::string(std::istreambuf_iterator<char>(stream), {}))->covered;
  }

  static constexpr std::int64_t kMuch = 256 << 20;
  const CoveredLog taken_{{500}, 7}, own_{{900}, 8};
  std::int64_t version_ = 0;
};

TEST_F(CoveredLogTest, IsThatOfTheTableThatWasTaken) {
  EXPECT_FALSE(of<MetadataCopy>().covered_log());
  take(own_);
  take(taken_);
  EXPECT_EQ(of<MetadataCopy>().covered_log(), taken_) << "also where it is less: the log was cut back";
  EXPECT_EQ(after_a_restart(), taken_);
}

TEST_F(CoveredLogTest, IsAskedForByAMasterThatHasAllTopics) {
  take(taken_);
  ASSERT_TRUE(of<BrokerRole>().promote(0));
  make("U");
  EXPECT_EQ(of<MetadataCopy>().covered_log(), taken_) << "nobody has said that it is more";
  CoveredLog end = taken_;
  of<MetadataCopy>().set_log_end([&] { return end; });
  end = own_;
  of<Topics>().remove("U", [](const Status& removed) { EXPECT_TRUE(removed); });
  host.run();
  EXPECT_EQ(of<MetadataCopy>().covered_log(), own_);
  of<MetadataCopy>().set_log_end({});
  end = {};
  EXPECT_EQ(after_a_restart(), own_);
}

TEST_F(CoveredLogTest, OfTheFileIsNeverMuchLessThanThatOfTheTable) {
  take(taken_);
  CoveredLog end = taken_;
  of<MetadataCopy>().set_log_end([&] { return end; });
  end.end += kMuch - 1;
  EXPECT_EQ(of_file_later(), taken_);
  end.end += 1;
  EXPECT_EQ(of_file_later(), end);
  end.epoch += 1;
  EXPECT_EQ(of_file_later(), end);
  take(taken_);
  EXPECT_EQ(of_file_later(), taken_) << "what was said was said of the table before";
}

TEST_F(CoveredLogTest, IsWrittenAgainWhereThatFailed) {
  take(taken_);
  CoveredLog end{taken_.end + kMuch, taken_.epoch};
  of<MetadataCopy>().set_log_end([&] { return end; });
  const std::filesystem::path elsewhere = directory.path() / "elsewhere";
  std::filesystem::rename(file().parent_path(), elsewhere);
  std::ofstream(file().parent_path()) << "no directory";
  time.advance(std::chrono::seconds(6));
  host.run();
  std::filesystem::remove(file().parent_path());
  std::filesystem::rename(elsewhere, file().parent_path());
  EXPECT_EQ(of_file_later(), end);
}

/// The older table may lack a topic that the newer one has, so it covers less.
TEST_F(CoveredLogTest, OfABackupIsTheBackups) {
  take(taken_);
  const std::filesystem::path kept = directory.path() / "kept.json";
  std::filesystem::copy(file(), kept);
  take(own_);
  end();
  std::ofstream(file()) << "damaged";
  std::filesystem::rename(kept, file().string() + ".bak");
  open();
  EXPECT_EQ(of<MetadataCopy>().covered_log(), taken_);
}

}  // namespace
}  // namespace tenon::kernel
