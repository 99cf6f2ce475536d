// SPDX-License-Identifier: Apache-2.0
// The power goes at each call of a repair that changes a file. What comes back is mended by a second repair, or by a
// start, and then has all that the uninterrupted repair keeps: what it serves, and what it saves of what it cuts.
#include <gtest/gtest.h>

#include <algorithm>

#include "logstore/testing/power_loss_file_system.hpp"
#include "storetools/testing/small_store.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;
using logstore::offset_file_name;
using logstore::testing::PowerLossFileSystem;
using logstore::testing::TemporaryDirectory;
using logstore::testing::TestStore;

constexpr std::int64_t kDelayMs = 77'000;  // RocketMQ's default of level 1 is 1000

struct OwnLevel final : TagsCodeRule {
  std::int64_t tags_code(const PropertiesView&, std::int64_t store_timestamp_ms) const noexcept override {
    return store_timestamp_ms + kDelayMs;
  }
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t seed() {
  const char* const asked = std::getenv("TENON_SEED");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 1;
}

/// A store with messages of a changed table of levels, and with what a Case does to it.
class InterruptedRepair : public testing::SmallStore {
 protected:
  void SetUp() override {
    SmallStore::SetUp();
    const OwnLevel level;
    logstore::LogStore store(store_.options);
    store.set_tags_code_rule(kScheduleTopic, level);
    ASSERT_TRUE(store.open());
    for (int count = 0; count < 3; ++count) {
      Message message;
      message.topic = kScheduleTopic;
      message.queue_id = 0;
      message.body = std::as_bytes(std::span("later", 5));
      message.properties = std::string_view(
          "DELAY\1"
          "1\2");
      ASSERT_TRUE(store.append(message));
    }
  }

  fs::path queue_file(const std::string& topic, int queue, std::int64_t offset) const {
    return root() / "consumequeue" / topic / std::to_string(queue) / offset_file_name(offset);
  }
  /// A queue without a record, whose offsets are to stay, of `files` files.
  void add_expired_queue(int files, std::string_view behind = {}) {
    fs::create_directories(queue_file("Expired", 0, 0).parent_path());
    for (int index = 0; index < files; ++index) {
      std::ofstream file(queue_file("Expired", 0, index * 2000));
      for (int count = 0; count < 100; ++count)
        file << std::string("\0\0\0\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0\0\0\0\0", 20);
      if (index == files - 1) file << behind;
    }
  }

  static RepairRequest request_of(const fs::path& directory) { return {directory, {}, true, {}}; }
  /// As `tenon store repair` does it.
  static Status repaired(RepairRequest request, const std::string& saved) {
    Findings nobody([](const Finding&) {});
    const auto found = verify({request.directory, {}, {}}, nobody);
    if (!found) return found.error();
    if (nobody.damages() == 0 && found->unfinished_repairs == 0) return {};
    const auto plan = plan_repair(request);
    return plan ? repair(request, *plan, request.directory / saved) : Status(plan.error());
  }

  enum class Times { compared, ignored };
  /// Everything that a store serves, one message a line, with the tags code of delayed ones.
  std::string served(const fs::path& directory, Times times) const {
    logstore::StoreOptions options = store_.options;
    options.directory = directory;
    options.file_system = &logstore::posix_file_system();
    TestStore shown;
    shown.options = options;
    if (!shown.open()) return "refused";
    std::string all;
    for (const auto& [topic, queues] : {std::pair("T", 3), {kScheduleTopic.data(), 1}, {"Expired", 1}}) {
      for (int queue = 0; queue < queues; ++queue) {
        const auto bounds = shown->bounds(topic, queue);
        all += text(topic, "/", queue, " ", bounds.min, " to ", bounds.max, "\n");
        for (std::int64_t at = bounds.min.value; at < bounds.max.value && topic[0] != 'E'; ++at)
          all += text(at, " ", shown.body_at(topic, queue, at).substr(0, 12), "\n");
      }
    }
    shown.close();
    if (times == Times::compared) all += delivery_times(directory);
    return all;
  }
  static std::string delivery_times(const fs::path& directory) {
    logstore::StoreOptions options;
    options.directory = directory;
    const logstore::StoreLayout layout(options);
    Findings nobody([](const Finding&) {});
    const auto log = LogReader::open(layout.commit_log, nobody);
    ScheduleEntries entries(layout, 2000);
    std::string all;
    LogReader::Visitor visitor;
    visitor.record = [&](const record::RecordView& record, const LogReader::Place&) {
      if (record.topic() != kScheduleTopic) return;
      all += text("delay ", entries.of(record).value_or(IndexEntry{}).tags_code - record.store_timestamp_ms(), "\n");
    };
    log->scan(visitor);
    return all;
  }
  /// Bodies that lie anywhere below a directory, in files that a log or a repair leaves; and what was too much.
  static std::vector<bool> kept(const fs::path& directory) {
    std::string everything;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) everything += content_of(entry.path());
    }
    std::vector<bool> found;
    found.reserve(402);
    for (int count = 0; count < 400; ++count)
      found.push_back(everything.find("message " + std::to_string(count) + "x") != std::string::npos);
    for (const char* more : {"foreign file", "surplus"}) found.push_back(everything.find(more) != std::string::npos);
    return found;
  }

  void expect_mended(const fs::path& directory, const std::string& expected) {
    EXPECT_EQ(served(directory, Times::compared), expected);
    expect_all_kept(directory);
    Findings after_all([](const Finding& finding) {
      if (finding.severity == Severity::damage) ADD_FAILURE() << finding.file << ": " << finding.what;
    });
    EXPECT_TRUE(verify({directory, {}, {}}, after_all));
  }
  void expect_all_kept(const fs::path& directory) {
    const std::vector<bool> before = kept(root()), after = kept(directory);
    for (std::size_t index = 0; index < before.size(); ++index)
      EXPECT_TRUE(after[index] || !before[index]) << "nowhere any more: " << index;
  }
  static void copy(const fs::path& from, const fs::path& to) { fs::copy(from, to, fs::copy_options::recursive); }

  /// Of what a power loss, or a kill, leaves. A start finds the store as it was before the repair, or as it is behind
  /// it.
  void expect_both_ways(const TemporaryDirectory& left) {
    const TemporaryDirectory started;
    copy(left.path(), started.path());
    const std::string start_serves = served(started.path(), Times::ignored);
    EXPECT_EQ(start_serves, start_serves == damaged_serves_ ? damaged_serves_ : started_serves_);
    expect_all_kept(started.path());
    const Status again = repaired(request_of(left.path()), "saved-again");
    ASSERT_TRUE(again) << again.error().message();
    expect_mended(left.path(), repaired_serves_);
  }

  /// For each call of a repair.
  void run() {
    {
      const TemporaryDirectory whole, damaged;
      copy(root(), damaged.path());
      damaged_serves_ = served(damaged.path(), Times::ignored);
      copy(root(), whole.path());
      const Status done = repaired(request_of(whole.path()), "saved");
      ASSERT_TRUE(done) << done.error().message();
      repaired_serves_ = served(whole.path(), Times::compared);
      started_serves_ = served(whole.path(), Times::ignored);
      expect_mended(whole.path(), repaired_serves_);
    }
    std::mt19937_64 dice(seed());
    std::int64_t calls = 0;
    for (bool cut = true; cut && !HasFailure(); ++calls) {
      SCOPED_TRACE(text("call ", calls, ", seed ", seed()));
      const TemporaryDirectory directory, killed, lost;
      copy(root(), directory.path());
      PowerLossFileSystem files(directory.path());
      files.cut_power_at(calls);
      RepairRequest request = request_of(directory.path());
      request.files = &files;
      (void)repaired(request, "saved");
      cut = !files.has_power();
      if (!cut) break;
      (void)files.after_kill(killed.path());
      files.leave_what_survives(lost.path(), dice);
      {
        SCOPED_TRACE("killed");
        expect_both_ways(killed);
      }
      SCOPED_TRACE("power lost");
      expect_both_ways(lost);
    }
    std::printf("interrupted at %lld calls\n", static_cast<long long>(calls));
  }

  std::string damaged_serves_, started_serves_, repaired_serves_;
};

TEST_F(InterruptedRepair, OfADamagedRecordWithFilesBehindIt) {
  overwrite(log_file(offsets_[150]), offsets_[150] % 16'384 + 150, "?");
  run();
}

TEST_F(InterruptedRepair, OfQueuesAndTheIndex) {
  overwrite(queue_file("T", 1, 0), 400, std::string(40, '\0'));
  overwrite(queue_file("T", 2, 0), 0, std::string(2000, '\x7f'));
  overwrite(index_file(), 60, std::string(100, '\x7f'));
  run();
}

TEST_F(InterruptedRepair, OfAFileOfTheLogThatIsMissing) {
  fs::remove(log_file(offsets_[150]));
  run();
}

TEST_F(InterruptedRepair, OfForeignFilesAndWrongLengths) {
  add_expired_queue(2, "surplus");
  std::ofstream(root() / "commitlog" / "foreign") << "foreign file";
  fs::resize_file(queue_file("T", 0, 0), 1980);
  run();
}

}  // namespace
}  // namespace tenon::storetools
