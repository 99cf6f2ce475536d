// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "logstore/testing/test_store.hpp"
#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

/// What a child process acknowledges over a pipe.
struct Acknowledgement {
  std::int64_t number, queue_offset, physical_offset;
  std::int32_t queue_id;
};

[[noreturn]] void append_until_killed(TestStore& store, int pipe) {
  if (!store.open()) _exit(2);
  for (std::int64_t number = 0;; ++number) {
    const auto queue_id = static_cast<std::int32_t>(number % 5);
    const auto receipt = store.append("T", queue_id, "m" + std::to_string(number), "KEYS\1k\2");
    if (!receipt) _exit(3);
    const Acknowledgement done{number, receipt->queue_offset.value, receipt->physical_offset.value, queue_id};
    if (write(pipe, &done, sizeof done) != sizeof done) _exit(4);
  }
}

std::vector<Acknowledgement> run_and_kill(TestStore& store, std::size_t after) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    append_until_killed(store, ends[1]);
  }
  close(ends[1]);
  std::vector<Acknowledgement> acknowledged;
  Acknowledgement one{};
  while (read(ends[0], &one, sizeof one) == sizeof one) {
    acknowledged.push_back(one);
    if (acknowledged.size() == after) kill(child, SIGKILL);
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  return acknowledged;
}

TEST(Recovery, EveryAcknowledgedMessageSurvivesKill9) {
  TestStore store;
  store.options.checkpoint_interval = std::chrono::milliseconds(20);
  std::vector<Acknowledgement> all;
  for (const std::size_t after : {1U, 700U, 3000U}) {
    auto acknowledged = run_and_kill(store, after);
    ASSERT_GE(acknowledged.size(), after);
    all.insert(all.end(), acknowledged.begin(), acknowledged.end());
    ASSERT_TRUE(std::filesystem::exists(store.directory.path() / "abort"));
    const Status opened = store.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    for (const Acknowledgement& one : all) {
      ASSERT_EQ(store.body_at("T", one.queue_id, one.queue_offset), "m" + std::to_string(one.number));
      ASSERT_TRUE(store->record_at({one.physical_offset}).has_value());
    }
    store.close();
  }
}

TEST(Recovery, ATornTailIsCutAndZeroed) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  std::int64_t last = 0, end = 0;
  for (int count = 0; count < 30; ++count) {
    const auto receipt = store.append("T", 0, "m" + std::to_string(count)).value();
    last = receipt.physical_offset.value;
    end = receipt.physical_end.value;
  }
  store.close();
  {
    std::fstream log(store.directory.path() / "commitlog" / offset_file_name(0),
                     std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(last + 60);
    log.write(
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        34);
    log.seekp(end + 1000);
    log.write("stale", 5);
  }
  std::ofstream(store.directory.path() / "abort").put('1');
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("T", 0).max, QueueOffset{29});
  EXPECT_EQ(store->status().max_physical_offset, PhysicalOffset{last});
  EXPECT_EQ(store.append("T", 0, "again").value().queue_offset, QueueOffset{29});
  EXPECT_EQ(store.body_at("T", 0, 29), "again");
  std::ifstream log(store.directory.path() / "commitlog" / offset_file_name(0), std::ios::binary);
  log.seekg(end + 1000);
  EXPECT_EQ(log.get(), 0) << "stale bytes must not come back to life";
}

TEST(Recovery, QueuesAndIndexAreRebuiltFromTheLog) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 500; ++count)
    ASSERT_TRUE(store.append("T", count % 2, "m" + std::to_string(count), "KEYS\1k" + std::to_string(count) + "\2")
                    .has_value());
  store.close();
  std::filesystem::remove_all(store.directory.path() / "consumequeue");
  std::filesystem::remove_all(store.directory.path() / "index");
  std::filesystem::remove(store.directory.path() / "checkpoint");
  std::ofstream(store.directory.path() / "abort").put('1');
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 500; ++count)
    ASSERT_EQ(store.body_at("T", count % 2, count / 2), "m" + std::to_string(count));
  EXPECT_EQ(store->query_by_key({.topic = "T", .key = "k321"}).value().records.size(), 1U);
}

TEST(Recovery, AnIndexThatIsGoneAfterACleanStopIsMadeAgain) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 500; ++count)
    ASSERT_TRUE(store.append("T", 0, "m", "KEYS\1k" + std::to_string(count) + "\2").has_value());
  store.close();
  std::filesystem::remove_all(store.directory.path() / "index");
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "m", "KEYS\1new\2").has_value());
  for (const char* key : {"k0", "k321", "new"})
    EXPECT_EQ(store->query_by_key({.topic = "T", .key = key}).value().records.size(), 1U) << key;
}

TEST(Recovery, KeysOfARecordAreFoundWhenOnlyTheFirstWereInAnIndexFileThatIsKept) {
  TestStore store;  // 199 keys in an index file, so the keys of one record lie in two
  std::atomic<std::int64_t> now_ms = 1'700'000'000'000;
  store.options.now_ms = [&] { return now_ms.load(); };
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 120; ++count, now_ms += 1000) {
    const std::string number = std::to_string(count);
    ASSERT_TRUE(store.append("T", 0, "x", "KEYS\1a" + number + " b" + number + "\2").has_value());
  }
  store.close();
  std::ofstream(store.directory.path() / "abort").put('1');
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 120; ++count) {
    for (const char* letter : {"a", "b"}) {
      const std::string key = letter + std::to_string(count);
      EXPECT_EQ(store->query_by_key({.topic = "T", .key = key}).value().records.size(), 1U) << key;
    }
  }
}

TEST(Recovery, AnIndexFileWithoutEntriesDoesNotIndexTheLogTwice) {
  TestStore store;  // 199 keys in an index file
  store.options.now_ms = [] { return std::int64_t{1'700'000'000'000}; };
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 199; ++count)
    ASSERT_TRUE(store.append("T", 0, "x", "KEYS\1k" + std::to_string(count) + "\2").has_value());
  store.close();
  const auto index = store.directory.path() / "index";
  const auto first = std::filesystem::directory_iterator(index)->path();
  // As roll() leaves it: the header begins where the full file ends, no entry yet.
  const IndexShape shape{store.options.index_slots, store.options.index_entries};
  {
    const auto full = IndexFile::open(store.files, first, shape).value();
    const auto name = std::to_string(std::stoll(first.filename().string()) + 1);
    ASSERT_TRUE(IndexFile::create(store.files, index / name, shape, full.get()).has_value());
  }
  std::ofstream(store.directory.path() / "abort").put('1');
  Checkpoint checkpoint = read_checkpoint(store.files, store.directory.path() / "checkpoint").value();
  checkpoint.index_msg_timestamp = 1'700'000'000'000;  // the first file is full and forced
  ASSERT_TRUE(write_checkpoint(store.files, store.directory.path() / "checkpoint", checkpoint).has_value());
  ASSERT_TRUE(store.open().has_value());
  for (const char* key : {"k0", "k100", "k198"})
    EXPECT_EQ(store->query_by_key({.topic = "T", .key = key}).value().records.size(), 1U) << key;
}

/// Overwrites a part of a file under the store's directory.
void overwrite(const std::filesystem::path& path, std::int64_t at, std::string_view bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good()) << path;
}

TEST(Recovery, ZerosInAQueueFileDoNotTakeTheEntriesBeforeThem) {
  TestStore store;
  std::atomic<std::int64_t> now_ms = 1'700'000'000'000;
  store.options.now_ms = [&] { return now_ms.load(); };
  store.options.consume_queue_file_entries = 1000;
  ASSERT_TRUE(store.open().has_value());
  const auto append = [&](int from, int to) {
    for (int count = from; count < to; ++count)
      ASSERT_TRUE(store.append("T", 0, "m" + std::to_string(count) + std::string(100, 'x')).has_value());
  };
  append(0, 100);
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  const auto checkpoint = store.directory.path() / "checkpoint";
  std::filesystem::copy_file(checkpoint, store.directory.path() / "kept");
  now_ms += 3'600'000;
  append(100, 300);
  store.close();
  std::filesystem::rename(store.directory.path() / "kept", checkpoint);
  // A page of the file that a power failure kept from the disk, while the one behind it got there.
  overwrite(store.directory.path() / "consumequeue" / "T" / "0" / offset_file_name(0), 140 * 20,
            std::string(60 * 20, '\0'));
  std::ofstream(store.directory.path() / "abort").put('1');
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("T", 0).min, QueueOffset{0});
  for (int count = 0; count < 300; ++count)
    ASSERT_EQ(store.body_at("T", 0, count), "m" + std::to_string(count) + std::string(100, 'x'));
}

TEST(Recovery, ASparseFileOfAJavaBrokerGetsItsDiskSpace) {
  TestStore store;
  store.options.commit_log_file_size = 1 << 20;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.close();
  const auto file = store.directory.path() / "commitlog" / offset_file_name(0);
  std::filesystem::resize_file(file, 4096);
  std::filesystem::resize_file(file, 1 << 20);
  ASSERT_TRUE(store.open().has_value());
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_GE(info.st_blocks * 512, 1 << 20);
}

TEST(Recovery, ACommitLogFileThatWasNotFinishedIsMadeAgain) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.close();
  const auto next = store.directory.path() / "commitlog" / offset_file_name(16'384);
  std::ofstream(next, std::ios::binary) << std::string(5000, '\0');
  const Status opened = store.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  for (int count = 0; count < 200; ++count) ASSERT_TRUE(store.append("T", 0, std::string(100, 'x')).has_value());
  EXPECT_EQ(std::filesystem::file_size(next), 16'384U);
}

TEST(Recovery, ACleanCloseWritesTheEntriesOfOneMillisecond) {
  TestStore store;
  store.options.now_ms = [] { return std::int64_t{1'700'000'000'000}; };
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  const auto second = store.append("T", 0, "y");
  ASSERT_TRUE(second.has_value());
  store.close();
  std::ifstream queue(store.directory.path() / "consumequeue" / "T" / "0" / offset_file_name(0), std::ios::binary);
  std::byte entry[20];
  queue.seekg(20);
  queue.read(reinterpret_cast<char*>(entry), sizeof entry);
  EXPECT_EQ(record::load_big<std::int64_t>(entry), second->physical_offset.value);
}

TEST(Recovery, ASecondStoreOnTheSameDirectoryIsRefusedBeforeItTouchesAnything) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  LogStore second(store.options);
  const Status refused = second.open();
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::busy)) << refused.error().message();
  EXPECT_TRUE(store.append("T", 0, "x").has_value());
}

TEST(Recovery, AFileOfAnotherSizeIsNamed) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.close();
  store.options.commit_log_file_size = 32'768;
  const Status refused = store.open();
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::corrupt));
  EXPECT_NE(refused.error().message().find(offset_file_name(0)), std::string::npos) << refused.error().message();
}

TEST(Recovery, StartsEarlyEnoughWhenTheClockWasSetBack) {
  namespace fs = std::filesystem;
  TestStore store;
  std::atomic<std::int64_t> now_ms = 1'700'000'000'000;
  store.options.now_ms = [&] { return now_ms.load(); };
  ASSERT_TRUE(store.open().has_value());
  const std::string body(200, 'x');
  for (int count = 0; count < 100; ++count, now_ms += 1000) ASSERT_TRUE(store.append("T", 0, body).has_value());
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  const fs::path root = store.directory.path(), kept = root.string() + "-kept";
  fs::create_directory(kept);
  fs::copy(root / "consumequeue", kept / "consumequeue", fs::copy_options::recursive);
  fs::copy(root / "checkpoint", kept / "checkpoint");
  now_ms -= 3'600'000;
  for (int count = 0; count < 200; ++count, now_ms += 1000) ASSERT_TRUE(store.append("T", 0, body).has_value());
  store.close();
  // What a power failure leaves: the log, and the rest as the checkpoint had it.
  fs::remove_all(root / "consumequeue");
  fs::copy(kept, root, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::remove_all(kept);
  std::ofstream(root / "abort").put('1');
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 300);
  for (int count = 0; count < 300; ++count) ASSERT_EQ(store.body_at("T", 0, count), body) << count;
}

TEST(Recovery, KeysOfRecordsThatWereLostAreForgotten) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  std::int64_t last = 0;
  for (int count = 0; count < 30; ++count)
    last = store.append("T", 0, "x", "KEYS\1k" + std::to_string(count) + "\2")->physical_offset.value;
  store.close();
  overwrite(store.directory.path() / "commitlog" / offset_file_name(0), last, std::string(8, '\xff'));
  ASSERT_TRUE(store.open().has_value());
  ASSERT_EQ(store->bounds("T", 0).max.value, 29);
  ASSERT_TRUE(store.append("T", 0, "x", "KEYS\1new\2").has_value());
  EXPECT_EQ(store->query_by_key({.topic = "T", .key = "new"}).value().records.size(), 1U);
  EXPECT_TRUE(store->query_by_key({.topic = "T", .key = "k29"}).value().records.empty());
  EXPECT_EQ(store->query_by_key({.topic = "T", .key = "k28"}).value().records.size(), 1U);
}

TEST(Recovery, ACleanCloseLeavesWhatAJavaBrokerExpects) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 150; ++count) ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.close();
  const auto root = store.directory.path();
  EXPECT_FALSE(std::filesystem::exists(root / "abort"));
  EXPECT_EQ(std::filesystem::file_size(root / "checkpoint"), 4096U);
  std::size_t queue_files = 0;
  for (const auto& file : std::filesystem::directory_iterator(root / "consumequeue" / "T" / "0")) {
    ++queue_files;
    EXPECT_EQ(file.file_size(), 2000U);
  }
  EXPECT_EQ(queue_files, 2U);
  for (const auto& file : std::filesystem::directory_iterator(root / "commitlog")) EXPECT_EQ(file.file_size(), 16'384U);
}

}  // namespace
}  // namespace tenon::logstore
