// SPDX-License-Identifier: Apache-2.0
// A store's directory in the state in which careless people, other programs and bad disks leave it. Opening it either
// says which file is wrong, or goes on with what is whole; it never crashes or hangs, and what it then serves wrongly,
// because RocketMQ's format does not protect it, `tenon store verify` names.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "producers.hpp"
#include "storetools/dump.hpp"
#include "storetools/repair.hpp"
#include "storetools/verify.hpp"
#include "tenon/testing/inner_batch.hpp"

namespace tenon::fault {
namespace {

namespace fs = std::filesystem;
using logstore::testing::Engine;
using logstore::testing::TemporaryDirectory;

class BadInput : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    logstore::LogStore store(options(good_.path()));
    ASSERT_TRUE(store.open().has_value());
    ledger_.sent(0, 0, 300);
    for (std::uint32_t number = 0; number < 300; ++number) {
      const std::string body = body_of({0, 0, number});
      Message message;
      message.topic = kTopic;
      message.queue_id = queue_of({0, 0, number});
      message.body = std::as_bytes(std::span(body));
      message.properties =
          "KEYS\1k"
          "\2TAGS\1t\2";
      ASSERT_TRUE(store.append(message).has_value());
    }
    append_batches(store);
    store.close();
  }

  static void append_batches(logstore::LogStore& store) {
    ASSERT_TRUE(store.keep_batches("Batches").has_value());
    for (int number = 0; number < kBatches; ++number) {
      const std::string body = text("batch ", number);
      std::string properties;
      ASSERT_TRUE(store.append(tenon::testing::inner_batch("Batches", 3, body, properties)).has_value());
    }
  }

  /// How many batches a consumer gets that goes on where it is told to, and gives up where it is not.
  static int batches_in(const logstore::LogStore& store) {
    int whole = 0;
    const QueueBounds bounds = store.bounds("Batches", 0);
    for (std::int64_t at = bounds.min.value, before = -1; at < bounds.max.value && at > before;) {
      const ReadResult read = store.read(
          {.topic = "Batches", .queue_id = 0, .offset = {at}, .max_messages = 1, .form = ReadForm::in_memory});
      for (const Slice& slice : read.records) {
        const auto view = record::RecordView::decode(std::get<MemorySlice>(slice).bytes);
        const std::string wanted = text("batch ", at / 3);
        if (view && std::ranges::equal(view->body(), std::as_bytes(std::span(wanted)))) ++whole;
      }
      (void)store.store_time_at("Batches", 0, {at});
      before = std::exchange(at, read.next_queue_offset.value);
    }
    for (const auto boundary : {TimeBoundary::lower, TimeBoundary::upper})
      (void)store.offset_at_time("Batches", 0, 1, boundary);
    return whole;
  }

  logstore::StoreOptions options(const fs::path& directory) const {
    logstore::StoreOptions options = small_store(directory, GetParam());
    options.commit_log_file_size = 32 << 10;
    return options;
  }

  static fs::path first_file(const fs::path& directory) {
    fs::path first;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file() && (first.empty() || entry.path() < first)) first = entry.path();
    }
    return first;
  }

  /// Damages a copy and opens it, after a clean stop and after a crash. `named`: an error must name this file.
  void try_with(const std::function<void(const fs::path&)>& damage, const fs::path& named = {}) {
    for (const bool crashed : {false, true}) {
      const TemporaryDirectory copy;
      fs::copy(good_.path(), copy.path(), fs::copy_options::recursive);
      damage(copy.path());
      if (crashed) std::ofstream(copy.path() / "abort") << 1;
      const std::int64_t named_damages = look_with_tools(copy.path());
      logstore::LogStore store(options(copy.path()));
      const Status opened = store.open();
      if (!opened) {
        ++refused_;
        EXPECT_NE(opened.error().message().find(copy.path().string()), std::string::npos) << opened.error().message();
        EXPECT_NE(opened.error().message().find(named.string()), std::string::npos) << opened.error().message();
        continue;
      }
      ++opened_;
      const Verdict verdict = ledger_.check(store);
      // What a clean stop or the checkpoint vouches for is not read again at the start. Whoever wants to know asks
      // verify.
      if (verdict.altered + verdict.disordered + verdict.lost + verdict.unreadable > 0) {
        EXPECT_GT(named_damages, 0) << verdict.first;
      }
      if (batches_in(store) < kBatches) {
        EXPECT_GT(named_damages, 0) << "a batch is missing";
      }
      (void)store.query_by_key({.topic = kTopic, .key = "k"});
      store.close();
    }
  }

  /// Returns how many damages verify names.
  static std::int64_t look_with_tools(const fs::path& directory) {
    storetools::Findings findings([](const storetools::Finding&) {});
    (void)storetools::verify({directory, {}, {}}, findings);
    (void)storetools::dump_records({.directory = directory}, [](std::string_view) {});
    (void)storetools::plan_repair({directory, {}, false, {}});
    return findings.damages();
  }

  static void flip(const fs::path& path, std::int64_t at, char bits) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const int before = file.get();
    file.seekp(at);
    file.put(static_cast<char>(before ^ bits));
  }

  TemporaryDirectory good_;
  Ledger ledger_;
  static constexpr int kBatches = 60;
  int opened_ = 0, refused_ = 0;
};

TEST_P(BadInput, FilesCutShortOrTooLong) {
  for (const char* part :
       {"commitlog", "consumequeue/Ledger/0", "batchconsumequeue/Batches/0", "index", "checkpoint"}) {
    const fs::path file = fs::is_directory(good_.path() / part) ? first_file(good_.path() / part) : good_.path() / part;
    const fs::path name = fs::relative(file, good_.path());
    const auto size = static_cast<std::int64_t>(fs::file_size(file));
    for (const std::int64_t length :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{39}, size / 2, size - 1, size + 1, size * 2}) {
      SCOPED_TRACE(text(name.string(), " of ", length, " bytes"));
      try_with([&](const fs::path& root) { fs::resize_file(root / name, static_cast<std::uintmax_t>(length)); });
    }
    SCOPED_TRACE(name.string() + " removed");
    try_with([&](const fs::path& root) { fs::remove(root / name); });
  }
  std::printf("%d opened, %d refused with the file named\n", opened_, refused_);
}

TEST_P(BadInput, EveryFieldOfEveryKindOfFileFlipped) {
  const fs::path log = fs::relative(first_file(good_.path() / "commitlog"), good_.path());
  const fs::path queue = fs::relative(first_file(good_.path() / "consumequeue"), good_.path());
  const fs::path batches = fs::relative(first_file(good_.path() / "batchconsumequeue"), good_.path());
  const fs::path index = fs::relative(first_file(good_.path() / "index"), good_.path());
  // Where the fields of the first record begin, then of the first entry, the index's header, slots and first entries.
  const std::vector<std::pair<fs::path, std::vector<std::int64_t>>> places = {
      {log, {0, 3, 4, 8, 12, 16, 20, 28, 36, 39, 40, 48, 56, 64, 72, 76, 84, 87, 90, 92, 95, 98, 100}},
      {queue, {0, 7, 8, 11, 12, 19, 20}},
      {batches, {0, 1, 7, 8, 11, 12, 19, 20, 27, 28, 29, 35, 36, 37, 38, 45, 46, 47, 54, 57, 75, 81, 82, 83}},
      {index, {0, 8, 16, 24, 32, 36, 39, 40, 44, 100, 43 + 200, 260, 264, 272, 276, 279}},
      {"checkpoint", {0, 7, 8, 16, 24, 32}}};
  for (const auto& [file, positions] : places) {
    for (const std::int64_t at : positions) {
      const char bits = at % 2 == 0 ? '\x80' : '\x01';
      SCOPED_TRACE(text(file.string(), " byte ", at, " bits ", static_cast<int>(bits)));
      try_with([&, path = file](const fs::path& root) { flip(root / path, at, bits); });
    }
  }
  std::printf("%d opened, %d refused with the file named\n", opened_, refused_);
}

TEST_P(BadInput, ForeignFilesAreNamedOrLeftAlone) {
  for (const char* part : {"commitlog", "consumequeue", "consumequeue/Ledger", "consumequeue/Ledger/0", "index", ".",
                           "batchconsumequeue", "batchconsumequeue/Batches", "batchconsumequeue/Batches/0"}) {
    for (const char* name :
         {"notes.txt", "00000000000000000001", "00000000000000032768.bak", ".hidden", "99999999999999999999", "7"}) {
      const fs::path file = fs::path(part) / name;
      SCOPED_TRACE(file.string());
      const std::string_view matter[] = {"commitlog", "consumequeue/Ledger/0", "batchconsumequeue/Batches/0"};
      const bool matters = std::ranges::find(matter, part) != std::end(matter);
      try_with([&](const fs::path& root) { std::ofstream(root / file) << "not a store file"; },
               matters ? file.filename() : fs::path());
    }
    SCOPED_TRACE(std::string(part) + "/directory");
    try_with([&](const fs::path& root) { fs::create_directories(root / part / "lost+found" / "x"); });
  }
  std::printf("%d opened, %d refused with the file named\n", opened_, refused_);
}

TEST_P(BadInput, FilesThatMayNotBeOpened) {
  if (geteuid() == 0) GTEST_SKIP() << "root may open everything";
  for (const char* part : {"commitlog", "consumequeue/Ledger/0", "index", "checkpoint"}) {
    const fs::path file = fs::is_directory(good_.path() / part) ? first_file(good_.path() / part) : good_.path() / part;
    const fs::path name = fs::relative(file, good_.path());
    SCOPED_TRACE(name.string());
    try_with([&](const fs::path& root) { fs::permissions(root / name, fs::perms::none); });
  }
  EXPECT_GT(refused_, 0);
}

TEST_P(BadInput, ThingsOfTheWrongKind) {
  for (const char* part : {"commitlog", "consumequeue", "batchconsumequeue", "index", "checkpoint", "lock", "abort"}) {
    SCOPED_TRACE(std::string(part) + " is of the other kind");
    try_with([&](const fs::path& root) {
      const bool directory = fs::is_directory(root / part);
      fs::remove_all(root / part);
      if (directory) {
        std::ofstream(root / part) << "a file";
      } else {
        fs::create_directory(root / part);
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, BadInput, ::testing::Values(Engine::mmap, Engine::sendfile),
                         [](const auto& one) { return std::string(name_of(one.param)); });

}  // namespace
}  // namespace tenon::fault
