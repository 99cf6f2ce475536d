// SPDX-License-Identifier: Apache-2.0
// One file operation goes wrong, the n-th, for each n until nothing goes wrong any more: it fails, or says that it was
// done and did nothing, or only half. Whatever happens, the store neither crashes nor loses what it acknowledged
// before, nor serves what was never sent; an operation that failed and said so costs nothing that was acknowledged at
// all.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "logstore/testing/fault_file_system.hpp"
#include "producers.hpp"

namespace tenon::fault {
namespace {

using logstore::testing::Engine;
using logstore::testing::Fault;
using logstore::testing::FaultFileSystem;
using logstore::testing::TemporaryDirectory;

/// The second writes every record by pwrite, so that each of them can meet the fault.
struct Case {
  Engine engine;
  Fault fault;
  const char* name;
};

class StoreFault : public ::testing::TestWithParam<Case> {
 protected:
  static constexpr std::uint32_t kMessages = 260;

  logstore::StoreOptions options(const std::filesystem::path& directory, logstore::FileSystem* files) const {
    logstore::StoreOptions options = small_store(directory, GetParam().engine);
    options.commit_log_file_size = 16 << 10;
    options.consume_queue_file_entries = 30;
    options.flush_interval = options.checkpoint_interval = std::chrono::milliseconds(3);
    options.file_system = files;
    return options;
  }

  /// Appends in this thread; what the store refuses is left out. True if the fault was met.
  bool load(const std::filesystem::path& directory, std::int64_t call) {
    FaultFileSystem files;
    logstore::LogStore store(options(directory, &files));
    files.fault_once(call, GetParam().fault);
    if (!store.open()) return files.failed();  // says so, and can be tried again
    ledger_.sent(0, 0, kMessages);
    for (std::uint32_t number = 0; number < kMessages; ++number) {
      const Stamp stamp{0, 0, number};
      const std::string body = body_of(stamp);
      Message message;
      message.topic = kTopic;
      message.queue_id = queue_of(stamp);
      message.body = std::as_bytes(std::span(body));
      message.properties = "KEYS\1k\2";
      if (const auto receipt = store.append(message)) ledger_.acknowledge(stamp, receipt->queue_offset.value);
      if (number % 64 == 0) (void)store.write_checkpoint_now();
    }
    check(store, "before the restart", files.failed());
    store.close();
    return files.failed();
  }

  void check(const logstore::LogStore& store, const char* when, bool met) {
    const Verdict verdict = ledger_.check(store);
    const bool lied = met && GetParam().fault != Fault::fail;
    EXPECT_EQ(verdict.invented + verdict.altered + verdict.disordered, 0) << when << ": " << verdict.first;
    // A device that lies may cost what it was lied about; it is noticed, and nothing else is served in its place.
    if (lied) return;
    EXPECT_EQ(verdict.lost + verdict.unreadable, 0) << when << ": " << verdict.first;
  }

  Ledger ledger_{"KEYS\1k\2"};
};

TEST_P(StoreFault, LosesNothingAndInventsNothingWhereverItHappens) {
  const bool every = std::getenv("TENON_EVERY_FAULT") != nullptr;
  int visited = 0;
  for (std::int64_t call = 0;; call += every ? 1 : 1 + call / 6, ++visited) {
    SCOPED_TRACE(text("fault at call ", call));
    const TemporaryDirectory directory;
    ledger_.start_over();
    const bool met = load(directory.path(), call);
    logstore::LogStore again(options(directory.path(), nullptr));
    const Status opened = again.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    check(again, "after the restart", met);
    if (HasFailure()) return;
    if (!met) break;
  }
  std::printf("%d places\n", visited);
}

INSTANTIATE_TEST_SUITE_P(Files, StoreFault,
                         ::testing::Values(Case{Engine::mmap, Fault::fail, "mmap_fails"},
                                           Case{Engine::sendfile_sync, Fault::fail, "sendfile_fails"},
                                           Case{Engine::mmap, Fault::drop, "mmap_drops"},
                                           Case{Engine::sendfile_sync, Fault::drop, "sendfile_drops"},
                                           Case{Engine::mmap, Fault::drop_half, "mmap_tears"},
                                           Case{Engine::sendfile_sync, Fault::drop_half, "sendfile_tears"}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tenon::fault
